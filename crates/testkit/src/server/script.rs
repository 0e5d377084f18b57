use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::requests::ReceivedRequest;
use crate::reply::Reply;

/// The replies that a test has set.
#[derive(Default)]
pub(crate) struct Script {
    /// By model id. Each reply is given once; the last one is repeated.
    models: Mutex<HashMap<String, VecDeque<Reply>>>,
    responder: Option<Responder>,
}

type Responder = Box<dyn Fn(&ReceivedRequest) -> Reply + Send + Sync>;

impl Script {
    pub(crate) fn add(&mut self, model_id: String, reply: Reply) {
        let models = self.models.get_mut().unwrap_or_else(PoisonError::into_inner);
        models.entry(model_id).or_default().push_back(reply);
    }

    pub(crate) fn respond(&mut self, responder: Responder) {
        self.responder = Some(responder);
    }

    pub(crate) fn reply(&self, model_id: &str, request: &ReceivedRequest) -> Option<Reply> {
        // Nothing here can panic, so a poisoned lock is usable.
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(replies) = models.get_mut(model_id) {
            return if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
        }
        drop(models);
        self.responder.as_ref().map(|responder| responder(request))
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Script")
            .field("models", &models.keys())
            .field("responder", &self.responder.is_some())
            .finish()
    }
}
