use http::{Response, StatusCode};

use super::requests::ReceivedRequest;
use crate::fault::{Fault, Replacement};

/// The response to a request.
///
/// An access log of the fake:
///
/// ```
/// use bedrock_stream_testkit::FakeBedrock;
///
/// let builder = FakeBedrock::builder().on_response(|request, response| {
///     let status = response.status.map_or("none".to_owned(), |status| status.as_u16().to_string());
///     let refusal = response.refusal.as_deref().unwrap_or("-");
///     eprintln!("{} {} {status} {refusal}", request.method, request.uri);
/// });
/// # let _ = builder;
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SentResponse {
    /// The status; none if a fault withholds the response or resets the connection.
    pub status: Option<StatusCode>,
    /// The code of the refusal, such as `ThrottlingException`; none if the request was not refused.
    pub refusal: Option<String>,
    /// The faults that found nothing to change in this answer. A test that relies on them proves nothing.
    pub unapplied_faults: Vec<Fault>,
    /// The paths of unknown members of the request, such as `messages[0].content[0].cache_control`; at most 20. Bedrock ignores
    /// them, and so does the fake unless it is [`strict`](crate::Builder::strict).
    pub unknown_members: Vec<String>,
    /// How many tool calls of the reply were left out, since the format in which the invoked model answers has none: Llama's,
    /// Titan's, Claude 2's and others that are text alone.
    pub lost_tool_calls: usize,
}

impl SentResponse {
    /// Records the status and the refusal.
    pub(crate) fn answered<B>(&mut self, answered: &Result<Response<B>, Replacement>) {
        (self.status, self.refusal) = match answered {
            Ok(response) => (Some(response.status()), None),
            Err(Replacement::Refusal(refusal)) => (Some(refusal.status()), Some(refusal.code().to_owned())),
            Err(Replacement::Body { .. }) => (Some(StatusCode::OK), None),
            Err(Replacement::NoResponse | Replacement::Reset) => (None, None),
        };
    }
}

/// The callback for each response.
pub(crate) type OnResponse = Box<dyn Fn(&ReceivedRequest, &SentResponse) + Send + Sync>;
