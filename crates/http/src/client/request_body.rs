use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::client::streams::Stream;

/// The body of a request sent by a [`Pool`](crate::Pool): bytes of known length. The first byte is a frame of its own. Once
/// the HTTP client asks for the rest, it has sent the first, so the request has a connection, or over HTTP/2 a stream; until
/// then it can be moved to another connection.
///
/// ```
/// use bedrock_stream_http::RequestBody;
/// use bytes::Bytes;
/// use http_body::Body as _;
///
/// let body = RequestBody::from(Bytes::from_static(b"{\"messages\":[]}"));
/// assert_eq!(body.size_hint().exact(), Some(15));
/// assert_eq!(body.into_bytes(), "{\"messages\":[]}");
/// ```
pub struct RequestBody(Box<Inner>);

/// Boxed, because HTTP clients queue requests by value: hyper reserves places for 32 on each connection.
struct Inner {
    bytes: Bytes,
    /// `None` once the HTTP client has asked for the rest.
    stream: Option<Arc<Stream>>,
    has_begun: bool,
}

impl RequestBody {
    pub(crate) fn new(bytes: Bytes, stream: Arc<Stream>) -> Self {
        // An empty body has no rest.
        let stream = if bytes.len() < 2 && stream.open() { None } else { Some(stream) };
        Self(Box::new(Inner { bytes, stream, has_begun: false }))
    }

    /// The bytes, for an HTTP client that accepts no other body. The request then stays on the pool's first connection.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0.bytes
    }
}

impl From<Bytes> for RequestBody {
    /// A body outside a pool.
    fn from(bytes: Bytes) -> Self {
        Self(Box::new(Inner { bytes, stream: None, has_begun: false }))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = &mut *self.0;
        let is_first = !core::mem::replace(&mut body.has_begun, true);
        let is_given_up = match &body.stream {
            Some(stream) if is_first => stream.is_closed(),
            Some(stream) => !stream.open(),
            None => false,
        };
        if is_given_up {
            body.bytes = Bytes::new();
            let error = io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the request was moved to another connection or canceled",
            );
            return Poll::Ready(Some(Err(error)));
        }
        if is_first && body.stream.is_some() {
            return Poll::Ready(Some(Ok(Frame::data(body.bytes.split_to(1)))));
        }
        body.stream = None;
        let bytes = core::mem::take(&mut body.bytes);
        Poll::Ready(if bytes.is_empty() { None } else { Some(Ok(Frame::data(bytes))) })
    }

    fn is_end_stream(&self) -> bool {
        self.0.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.bytes.len() as u64)
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("len", &self.0.bytes.len()).finish_non_exhaustive()
    }
}
