use http::{Response, StatusCode};

use crate::fault::{Fault, Instead};

/// What a request was answered with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SentResponse {
    /// The status; none if a fault keeps the response back, or hangs up.
    pub status: Option<StatusCode>,
    /// The code of the refusal, `ThrottlingException` say; none if the request was not refused.
    pub refusal: Option<String>,
    /// The faults that found nothing to change in this answer: one that drops the start of a content block, say, in an
    /// answer whose blocks begin without one. A test that relies on them shows nothing.
    pub idle_faults: Vec<Fault>,
}

impl SentResponse {
    pub(crate) fn of<B>(answered: &Result<Response<B>, Instead>, idle_faults: Vec<Fault>) -> Self {
        let (status, refusal) = match answered {
            Ok(response) => (Some(response.status()), None),
            Err(Instead::Refusal(refusal)) => (Some(refusal.status()), Some(refusal.code().to_owned())),
            Err(Instead::Page { .. }) => (Some(StatusCode::OK), None),
            Err(Instead::Silence | Instead::HangUp) => (None, None),
        };
        Self { status, refusal, idle_faults }
    }
}

/// What is told of each response.
pub(crate) type OnResponse = Box<dyn Fn(&super::ReceivedRequest, &SentResponse) + Send + Sync>;
