use http::{Response, StatusCode};

use super::requests::ReceivedRequest;
use crate::fault::{Fault, Replacement};

/// What a request was answered with.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SentResponse {
    /// The status; none if a fault keeps the response back, or hangs up.
    pub status: Option<StatusCode>,
    /// The code of the refusal, `ThrottlingException` say; none if the request was not refused.
    pub refusal: Option<String>,
    /// The faults that found nothing to change in this answer: one that drops the start of a content block, say, in an
    /// answer whose blocks begin without one. A test that relies on them shows nothing.
    pub unapplied_faults: Vec<Fault>,
    /// Where the request has members that the operation does not have, such as `messages[0].content[0].cache_control`; of
    /// more than 20, the first. Bedrock lets them pass and does nothing with them, and so does the fake, if it is not
    /// [`strict`](crate::Builder::strict).
    pub unknown_members: Vec<String>,
}

impl SentResponse {
    /// Says what it is: a response, or what comes instead.
    pub(crate) fn answered<B>(&mut self, answered: &Result<Response<B>, Replacement>) {
        (self.status, self.refusal) = match answered {
            Ok(response) => (Some(response.status()), None),
            Err(Replacement::Refusal(refusal)) => (Some(refusal.status()), Some(refusal.code().to_owned())),
            Err(Replacement::Body { .. }) => (Some(StatusCode::OK), None),
            Err(Replacement::NoResponse | Replacement::Reset) => (None, None),
        };
    }
}

/// What is told of each response.
pub(crate) type OnResponse = Box<dyn Fn(&ReceivedRequest, &SentResponse) + Send + Sync>;
