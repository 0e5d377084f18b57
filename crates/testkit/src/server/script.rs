use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::conditional_reply::{ConditionalReply, Matches};
use super::requests::ReceivedRequest;
use super::route::Operation;
use crate::conversation::Conversation;
use crate::matcher::When;
use crate::reply::{Content, Reply};

/// The replies that a test has set.
#[derive(Default)]
pub(crate) struct Script {
    /// By model id.
    lists: BTreeMap<String, List>,
    responder: Option<Responder>,
}

type Responder = Box<dyn Fn(&ReceivedRequest) -> Reply + Send + Sync>;

/// What a script says to a request.
#[derive(Debug)]
pub(crate) enum Scripted {
    Reply(Reply),
    /// There are replies for the model, all with conditions, and none of these holds for what the request says.
    Unmatched(Conversation),
    /// The script has nothing for this model.
    Nothing,
}

/// The replies for a model.
#[derive(Debug, Default)]
struct List {
    /// The first one whose condition holds is given.
    conditional: Vec<ConditionalReply>,
    /// Otherwise the next of these. Each is given once; the last one is repeated.
    in_order: Mutex<VecDeque<Reply>>,
}

impl Script {
    pub(crate) fn add(&mut self, model_id: String, reply: Reply) {
        let list = self.lists.entry(model_id).or_default();
        list.in_order.get_mut().unwrap_or_else(PoisonError::into_inner).push_back(reply);
    }

    pub(crate) fn add_when(&mut self, model_id: String, when: When, replies: Vec<Reply>) {
        self.lists.entry(model_id).or_default().conditional.push(ConditionalReply::new(when, replies));
    }

    pub(crate) fn respond(&mut self, responder: Responder) {
        self.responder = Some(responder);
    }

    /// Whether each condition ever held: by model id, then as they were added.
    pub(crate) fn matches(&self) -> Vec<Matches> {
        self.lists.values().flat_map(|list| &list.conditional).map(ConditionalReply::matches).collect()
    }

    /// What to reply to a request for a model's answer.
    pub(crate) fn reply(&self, model_id: &str, request: &ReceivedRequest) -> Scripted {
        self.find(model_id, request, |_| true)
    }

    /// What to reply to a request that a model does not answer, such as one that counts tokens: it may be refused, but an answer
    /// is kept for the request that follows.
    pub(crate) fn plain_reply(&self, model_id: &str, request: &ReceivedRequest) -> Option<Reply> {
        let is_plain = |reply: &Reply| matches!(reply.content, Content::Refusal(_) | Content::Generated);
        match self.find(model_id, request, is_plain) {
            Scripted::Reply(reply) => Some(reply),
            Scripted::Unmatched(_) | Scripted::Nothing => None,
        }
    }

    /// The reply of the model's own list, or else of that for all others, or else the closure's. `takes`: which replies will do.
    fn find(&self, model_id: &str, request: &ReceivedRequest, takes: fn(&Reply) -> bool) -> Scripted {
        let mut conversation = None;
        for list in [model_id, OTHERS].into_iter().filter_map(|id| self.lists.get(id)) {
            if !list.conditional.is_empty() {
                let said = conversation.get_or_insert_with(|| request.conversation());
                let dialect = request.operation.and_then(Operation::request_dialect);
                let matched = list.conditional.iter().find_map(|reply| {
                    reply
                        .matches_request(model_id, dialect, said)
                        .then(|| reply.next(said.id(model_id), takes))?
                });
                if let Some(reply) = matched {
                    return Scripted::Reply(reply);
                }
            }
            if let Some(reply) = list.next(takes) {
                return Scripted::Reply(reply);
            }
        }
        match (&self.responder, conversation) {
            (Some(responder), _) => Scripted::Reply(responder(request)),
            (None, Some(said)) => Scripted::Unmatched(said),
            (None, None) => Scripted::Nothing,
        }
    }
}

impl List {
    fn next(&self, takes: fn(&Reply) -> bool) -> Option<Reply> {
        // Nothing here can panic, so a poisoned lock is usable.
        let mut replies = self.in_order.lock().unwrap_or_else(PoisonError::into_inner);
        replies.front().filter(|reply| takes(reply))?;
        if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("models", &self.lists.keys())
            .field("responder", &self.responder.is_some())
            .finish()
    }
}

/// The key of the list for all models without one of their own.
pub(crate) const OTHERS: &str = "*";
