use bedrock_stream_http::{Timer, Transport, TransportError};
use bedrock_stream_testkit::ByteStream;
use bytes::Bytes;

/// An HTTP client without a network: it answers each request immediately, with the same body in the same parts.
#[derive(Clone, Debug)]
pub struct MockTransport {
    parts: Vec<Bytes>,
    sign: Option<fn(&mut http::Request<Bytes>)>,
}

impl MockTransport {
    /// Answers with these parts.
    #[must_use]
    pub const fn new(parts: Vec<Bytes>) -> Self {
        Self { parts, sign: None }
    }

    /// Signs each request with this before it is answered.
    pub(crate) fn signed_by(self, sign: fn(&mut http::Request<Bytes>)) -> Self {
        Self { sign: Some(sign), ..self }
    }
}

impl Transport for MockTransport {
    type Body = ByteStream;

    async fn send(
        &self,
        mut request: http::Request<Bytes>,
    ) -> Result<http::Response<ByteStream>, TransportError> {
        if let Some(sign) = self.sign {
            sign(&mut request);
        }
        let response = http::Response::builder().header("content-type", "application/vnd.amazon.eventstream");
        Ok(response.body(ByteStream::from(self.parts.clone()))?)
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}
