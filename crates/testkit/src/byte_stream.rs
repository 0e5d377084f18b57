use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame};

/// Pieces of bytes, one after the other: a stream and an HTTP body, for clients that are tested without a server.
///
/// Every piece is available at once, and none fails. To test delays and failures, use
/// [`FakeBedrock`](crate::FakeBedrock).
///
/// ```
/// use bedrock_stream_testkit::{ByteStream, answer};
///
/// let answer = answer().text("Hello to you.");
/// // Whole messages, ..
/// let messages = answer.stream()?;
/// // .. or pieces that end anywhere, as from a socket.
/// let pieces = ByteStream::from(answer.split_every(100)?);
/// assert!(futures_core::Stream::size_hint(&pieces) > futures_core::Stream::size_hint(&messages));
/// # Ok::<(), bedrock_stream_testkit::EncodeEventError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ByteStream {
    pieces: VecDeque<Bytes>,
}

impl From<Vec<Bytes>> for ByteStream {
    fn from(pieces: Vec<Bytes>) -> Self {
        Self { pieces: pieces.into() }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.pieces.pop_front().map(Ok))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.pieces.len(), Some(self.pieces.len()))
    }
}

impl Body for ByteStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.pieces.pop_front().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }
}
