use core::ops::{Deref, DerefMut};

use bedrock_stream_core::answer::{Response, Tail};

use crate::stream::stream_stats::StreamStats;

/// A complete answer with its statistics. Dereferences to the [`Response`], which is also the field
/// [`response`](Self::response).
///
/// ```
/// # async fn run(client: bedrock_stream_http::Client<impl bedrock_stream_http::Transport>) -> Result<(), Box<dyn std::error::Error>> {
/// # use bedrock_stream_http::converse::Request;
/// # let mut request = Request::new().user("Hi");
/// let answer = client.converse_stream("us.amazon.nova-lite-v1:0", &request).await?.collect().await?;
/// println!("{} [{:?}]", answer.text(), answer.stats.time_to_first_content);
/// request = request.message(answer.response.into_message()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The model's response.
    pub response: Response,
    /// Statistics of its stream.
    pub stats: StreamStats,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// Why the usage is missing, if the stream broke after the proof that the answer is complete.
    pub tail: Option<Tail>,
}

impl Answer {
    /// The response alone.
    #[must_use]
    pub fn into_response(self) -> Response {
        self.response
    }
}

impl Deref for Answer {
    type Target = Response;

    fn deref(&self) -> &Response {
        &self.response
    }
}

impl DerefMut for Answer {
    fn deref_mut(&mut self) -> &mut Response {
        &mut self.response
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        answer.response
    }
}
