use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};

use bedrock_stream_core::answer::Chunk;
use futures_core::{FusedStream, Stream};

use crate::error::error::Error;

/// The text of an answer as a [`Stream`], from [`ChunkStream::text_stream`](crate::ChunkStream::text_stream).
///
/// Reasoning, tool calls and everything else are left out; an answer of tool calls alone has no text. The errors are those of
/// the chunks: if the stream ends without a final error, the answer is complete; after an error that is not
/// [final](Error::is_final), a skipped event, its text may be missing.
///
/// ```
/// use bedrock_stream_http::ChunkStream;
/// use bedrock_stream_testkit::answer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let answer = answer().reasoning("They greet me.").text("Hello to you.");
/// let mut text = ChunkStream::new(answer.http_response()?).text_stream();
/// let mut whole = String::new();
/// while let Some(piece) = text.next().await {
///     whole.push_str(&piece?);
/// }
/// assert_eq!(whole, "Hello to you.");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TextStream<S> {
    chunks: S,
}

impl<S> TextStream<S> {
    pub(crate) const fn new(chunks: S) -> Self {
        Self { chunks }
    }

    /// The underlying chunks, for their statistics, for example.
    #[must_use]
    pub const fn get_ref(&self) -> &S {
        &self.chunks
    }

    /// The underlying chunks, without those that were read for the text so far.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.chunks
    }
}

impl<S> TextStream<S>
where
    S: Stream<Item = Result<Chunk, Error>> + Unpin,
{
    /// The next text delta. `None`: the answer is complete, or a final error was returned.
    ///
    /// Cancel safe: dropping the future before it resolves loses nothing, so it can be used in `select!`.
    ///
    /// # Errors
    ///
    /// As [`ChunkStream::next`](crate::ChunkStream::next).
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<S> Stream for TextStream<S>
where
    S: Stream<Item = Result<Chunk, Error>> + Unpin,
{
    type Item = Result<String, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match Pin::new(&mut self.chunks).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(Chunk::Text { text, .. }))) => return Poll::Ready(Some(Ok(text))),
                Poll::Ready(Some(Ok(_))) => {}
            }
        }
    }
}

impl<S> FusedStream for TextStream<S>
where
    S: FusedStream<Item = Result<Chunk, Error>> + Unpin,
{
    fn is_terminated(&self) -> bool {
        self.chunks.is_terminated()
    }
}
