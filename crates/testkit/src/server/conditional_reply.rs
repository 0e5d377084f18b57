use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::conversation::Conversation;
use crate::matcher::{RequestDialect, When};
use crate::reply::Reply;

/// Replies to the requests for which a condition holds: in order within a conversation, the last one repeated.
#[derive(Debug)]
pub(super) struct ConditionalReply {
    when: When,
    replies: Vec<Reply>,
    given: Mutex<GivenReplies>,
    has_matched: Arc<AtomicBool>,
}

/// Whether a condition ever held.
#[derive(Clone, Debug)]
pub(crate) struct Matches {
    pub(crate) when: When,
    has_matched: Arc<AtomicBool>,
}

/// How many replies each conversation got.
#[derive(Debug, Default)]
struct GivenReplies {
    counts: HashMap<u64, usize>,
    /// The conversations, oldest first.
    order: VecDeque<u64>,
}

impl ConditionalReply {
    pub(super) fn new(when: When, replies: Vec<Reply>) -> Self {
        Self { when, replies, given: Mutex::default(), has_matched: Arc::default() }
    }

    pub(super) fn matches(&self) -> Matches {
        Matches { when: self.when.clone(), has_matched: Arc::clone(&self.has_matched) }
    }

    pub(super) fn matches_request(
        &self,
        model_id: &str,
        dialect: Option<RequestDialect>,
        said: &Conversation,
    ) -> bool {
        self.when.matches(model_id, dialect, said)
    }

    /// The next reply to a conversation, if it is suitable.
    pub(super) fn next(&self, conversation: u64, takes: fn(&Reply) -> bool) -> Option<Reply> {
        // Nothing here can panic, so a poisoned lock is usable.
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let count = given.counts.get(&conversation).copied().unwrap_or(0);
        let reply = self.replies.get(count).or(self.replies.last()).filter(|reply| takes(reply))?;
        // One reply needs no counting.
        if self.replies.len() > 1 {
            given.add(conversation);
        }
        self.has_matched.store(true, Ordering::Relaxed);
        Some(reply.clone())
    }
}

impl Matches {
    pub(crate) fn has_matched(&self) -> bool {
        self.has_matched.load(Ordering::Relaxed)
    }
}

impl GivenReplies {
    fn add(&mut self, conversation: u64) {
        if let Some(count) = self.counts.get_mut(&conversation) {
            *count += 1;
            return;
        }
        self.counts.insert(conversation, 1);
        self.order.push_back(conversation);
        if self.order.len() > MAX_CONVERSATIONS {
            if let Some(oldest) = self.order.pop_front() {
                self.counts.remove(&oldest);
            }
        }
    }
}

/// A limit, since a server may run for days.
const MAX_CONVERSATIONS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;

    #[test]
    fn conversations_are_counted_apart_and_within_a_bound() {
        let status = |reply: Option<Reply>| match reply.map(|reply| reply.content) {
            Some(crate::reply::Content::Refusal(refusal)) => refusal.status().as_u16(),
            other => panic!("{other:?}"),
        };
        let refusal = |status| Reply::from(Refusal::new(status, "", ""));
        let reply = ConditionalReply::new(When::new(), vec![refusal(400), refusal(401)]);
        assert!(!reply.matches().has_matched());
        for (conversation, expected) in [(1, 400), (2, 400), (1, 401), (1, 401), (2, 401)] {
            assert_eq!(status(reply.next(conversation, |_| true)), expected);
        }
        assert!(reply.next(3, |_| false).is_none());
        assert_eq!(status(reply.next(3, |_| true)), 400, "what did not do was not counted");
        assert!(reply.matches().has_matched());

        for conversation in 0..20_000 {
            reply.next(conversation, |_| true);
        }
        let given = reply.given.lock().expect("nothing panicked");
        assert_eq!((given.counts.len(), given.order.len()), (MAX_CONVERSATIONS, MAX_CONVERSATIONS));
    }
}
