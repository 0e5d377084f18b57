use std::sync::{Arc, Mutex, PoisonError};

use crate::excerpt::excerpt;
use crate::fault::Fault;
use crate::server::{Operation, ReceivedRequest, SentResponse};

/// What a client asked for, and how it was answered.
#[derive(Clone, Debug, Default)]
pub(super) struct AskedLog(Arc<Mutex<Asked>>);

#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// How many requests for a stream of the judged operation were answered with status 200.
    pub(super) answered: usize,
    /// All other requests, each as it is told; the first ones if there are very many.
    pub(super) others: Vec<String>,
}

impl AskedLog {
    pub(super) fn add(&self, operation: Operation, request: &ReceivedRequest, response: &SentResponse) {
        // Nothing here can panic, so a poisoned lock is usable.
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let status = response.status.map_or(0, |status| status.as_u16());
        let is_streamed = is_streamed(request);
        if request.operation == Some(operation) && is_streamed && status == 200 {
            asked.answered += 1;
        } else if asked.others.len() < MAX_OTHERS {
            let called = match request.operation {
                Some(other) if other == operation && !is_streamed => format!("{other:?} without a stream"),
                Some(other) => format!("{other:?}"),
                None => format!("{} {}", request.method, excerpt(request.uri.path(), MAX_PATH_CHARS)),
            };
            let status = if status == 0 { "no response".to_owned() } else { format!("status {status}") };
            asked.others.push(format!("{called} ({status})"));
        }
    }

    pub(super) fn get(&self) -> Asked {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether a request asks for a stream, by its path or in its body.
fn is_streamed(request: &ReceivedRequest) -> bool {
    match request.operation {
        Some(Operation::ConverseStream | Operation::InvokeModelWithResponseStream) => true,
        _ => !Fault::Cut.conclusions_for(request).is_empty(),
    }
}

const MAX_OTHERS: usize = 5;
const MAX_PATH_CHARS: usize = 100;
