use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bedrock_stream_core::converse::Request;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri, Version};

use super::route::Operation;
use crate::conversation::Conversation;

/// A request as it arrived, refused or not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReceivedRequest {
    /// The method.
    pub method: Method,
    /// The request target as it was sent, percent-encoded: over HTTP/1.1 a path, over HTTP/2 with scheme and authority.
    pub uri: Uri,
    /// The HTTP version.
    pub version: Version,
    /// The headers. Secret values are marked as sensitive, so that `Debug` does not print them.
    pub headers: HeaderMap,
    /// The whole body; empty if it was too large, or if there is no such operation, since then it is not read.
    pub body: Bytes,
    /// The operation; none if the path and method belong to none.
    pub operation: Option<Operation>,
    /// The model id in the path, percent-decoded; none if the path has none.
    pub model_id: Option<String>,
}

impl ReceivedRequest {
    /// The body as the request of Converse and ConverseStream.
    ///
    /// # Errors
    ///
    /// The body is not JSON, or a member has a value of the wrong type. Such a request is refused.
    ///
    /// ```
    /// use bedrock_stream_testkit::FakeBedrock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bedrock = FakeBedrock::start().await?;
    /// // .. the test ..
    /// for request in bedrock.requests() {
    ///     assert!(request.converse()?.system.is_some(), "every request must have the system prompt");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn converse(&self) -> Result<Request, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// What the body says, in any dialect: the prompt, the turn, tool results. A body that is not JSON says nothing.
    ///
    /// ```
    /// use bedrock_stream_testkit::{FakeBedrock, Reply, answer};
    /// use serde_json::json;
    ///
    /// let builder = FakeBedrock::builder().respond(|request| {
    ///     let said = request.conversation();
    ///     match said.tool_results.first() {
    ///         Some(result) => Reply::from(answer().text(&format!("It is {}.", result.text))),
    ///         None => Reply::from(answer().tool("weather", json!({"city": said.prompt}))),
    ///     }
    /// });
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        Conversation::read(&serde_json::from_slice(&self.body).unwrap_or_default())
    }
}

/// The callback for each request.
pub(crate) type OnRequest = Box<dyn Fn(&ReceivedRequest) + Send + Sync>;

/// The latest requests within the limits.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<ReceivedRequest>,
    body_bytes: usize,
}

impl RequestLog {
    pub(crate) fn push(&self, request: ReceivedRequest) {
        // Nothing here can panic, so a poisoned lock is usable.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.body_bytes += request.body.len();
        kept.requests.push_back(request);
        while kept.requests.len() > MAX_REQUESTS || kept.body_bytes > MAX_BODY_BYTES {
            match kept.requests.pop_front() {
                Some(oldest) => kept.body_bytes -= oldest.body.len(),
                None => break,
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<ReceivedRequest> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.requests.iter().cloned().collect()
    }
}

/// A limit, since a server may run for days.
pub(crate) const MAX_REQUESTS: usize = 1_000;
/// Enough for two bodies of the maximum size.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Bytes) -> ReceivedRequest {
        ReceivedRequest {
            method: Method::POST,
            uri: Uri::default(),
            version: Version::HTTP_11,
            headers: HeaderMap::new(),
            body,
            operation: None,
            model_id: None,
        }
    }

    #[test]
    fn keeps_the_latest_within_its_bounds() {
        let log = RequestLog::default();
        for number in 0..MAX_REQUESTS + 5 {
            log.push(request(Bytes::from(number.to_string())));
        }
        let kept = log.all();
        assert_eq!(kept.len(), MAX_REQUESTS);
        assert_eq!(kept[0].body, "5");

        let large = Bytes::from(vec![0; MAX_BODY_BYTES / 2]);
        for _ in 0..4 {
            log.push(request(large.clone()));
        }
        assert_eq!(log.all().len(), 2);
    }
}
