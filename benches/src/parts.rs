use bedrock_stream_http::{BoxError, Timer, Transport};
use bedrock_stream_testkit::ByteStream;
use bytes::Bytes;

/// An HTTP client without a network: each request is answered at once, with the same body in the same parts.
#[derive(Clone, Debug)]
pub struct Parts(Vec<Bytes>);

impl Parts {
    /// Answers with these.
    #[must_use]
    pub const fn new(parts: Vec<Bytes>) -> Self {
        Self(parts)
    }
}

impl Transport for Parts {
    type Body = ByteStream;

    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<ByteStream>, BoxError> {
        let response = http::Response::builder().header("content-type", "application/vnd.amazon.eventstream");
        Ok(response.body(ByteStream::from(self.0.clone()))?)
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}
