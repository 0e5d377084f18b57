use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use bytes::Buf;
use futures_core::Stream;
use http_body::{Body, Frame};

/// An [`http_body::Body`] over any [`Stream`] of bytes, for HTTP clients without a `Body`.
/// `response.map(StreamBody::new)` keeps the response's head, and with it the request id.
///
/// The stream must be `Unpin`; wrap it in `Box::pin` if it is not.
///
/// ```
/// use bedrock_stream_http::{ChunkStream, StreamBody};
/// use bedrock_stream_testkit::answer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The response of an HTTP client whose body is a `Stream`.
/// let response = http::Response::builder().header("x-amzn-requestid", "e5f1").body(answer().text("Hello").stream()?)?;
///
/// let chunks = ChunkStream::new(response.map(StreamBody::new));
/// assert_eq!(chunks.request_id(), Some("e5f1"));
/// assert_eq!(chunks.collect().await?.text(), "Hello");
/// # Ok(())
/// # }
/// ```
pub struct StreamBody<S>(S);

impl<S> StreamBody<S> {
    /// A body that yields what `stream` yields.
    pub const fn new(stream: S) -> Self {
        Self(stream)
    }
}

impl<S, D, E> Body for StreamBody<S>
where
    S: Stream<Item = Result<D, E>> + Unpin,
    D: Buf,
{
    type Data = D;
    type Error = E;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<D>, E>>> {
        Pin::new(&mut self.0).poll_next(cx).map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }
}

impl<S> fmt::Debug for StreamBody<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamBody(..)")
    }
}
