use core::ops::{Deref, DerefMut};

use bedrock_stream_core::answer::{Response, Tail};

use crate::stream::stream_stats::StreamStats;

/// A whole answer, and what is known of how it came. It dereferences to the [`Response`]; what takes that by value finds it
/// in [`response`](Self::response).
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
    /// What the model answered.
    pub response: Response,
    /// How it came.
    pub stats: StreamStats,
    /// The id under which AWS knows the request.
    pub request_id: Option<String>,
    /// What kept the usage from coming, where something broke after the proof that the answer is complete.
    pub tail: Option<Tail>,
}

impl Answer {
    /// What the model answered, alone.
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
