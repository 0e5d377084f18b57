use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use bedrock_stream_core::answer::{Chunk, ChunkRef, Decode};
use futures_core::Stream as _;
use http_body::Body;

use crate::error::cause::BoxError;
use crate::error::error::Error;
use crate::stream::body_reader::Decoded;
use crate::stream::chunk_stream::ChunkStream;
use crate::stream::received::Received;
use crate::stream::stats_recorder::is_content;

impl<B, D> ChunkStream<B, D>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
    D: Decode,
{
    /// Waits for the next chunks, and passes all of those that arrived together to `take`, at least one unless there is an
    /// error. Pieces of text are borrowed, and the loop over the messages of one read runs inside: for a gateway, which only
    /// writes them on, this is the fastest way, and it allocates nothing for a plain delta. Each call reads from the
    /// connection once at most, so a program that waits for its own client between two calls also slows down the server.
    ///
    /// `None`: the stream has ended, with `Done` or a final error.
    ///
    /// Cancel safe: dropping the future before it resolves loses nothing, so it can be used in `select!`.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next). The chunks before the error were passed on; after an error that is not
    /// [final](Error::is_final), call it again.
    ///
    /// ```
    /// use bedrock_stream_http::answer::ChunkRef;
    /// use bedrock_stream_http::{ChunkStream, Error};
    ///
    /// /// The whole text, without an allocation for each of its pieces.
    /// async fn text<B>(mut stream: ChunkStream<B>) -> Result<String, Error>
    /// where
    ///     B: http_body::Body + Unpin,
    ///     B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    /// {
    ///     let mut text = String::new();
    ///     let mut take = |chunk: ChunkRef<'_>| text.push_str(chunk.as_text().unwrap_or_default());
    ///     while let Some(read) = stream.for_each_ready(&mut take).await {
    ///         read?;
    ///     }
    ///     Ok(text)
    /// }
    /// ```
    pub async fn for_each_ready(&mut self, mut take: impl FnMut(ChunkRef<'_>)) -> Option<Result<(), Error>> {
        poll_fn(|cx| self.poll_for_each_ready(cx, &mut take)).await
    }

    /// The poll form of [`for_each_ready`](Self::for_each_ready).
    pub fn poll_for_each_ready(
        &mut self,
        cx: &mut Context<'_>,
        mut take: impl FnMut(ChunkRef<'_>),
    ) -> Poll<Option<Result<(), Error>>> {
        let nothing = &mut |_: Received<'_>| {};
        if !self.is_reading() {
            let item = ready!(Pin::new(self).poll_next(cx));
            return Poll::Ready(item.map(|item| item.map(|chunk| take(ChunkRef::Owned(chunk)))));
        }
        let Self { reader, decoder, .. } = self;
        let (mut content, mut is_done) = (0, false);
        let next = ready!(reader.poll_decode(cx, |input, _, recorder| {
            let (mut messages, mut chunks) = (0, 0);
            let step = loop {
                let next = decoder.next_inspect_with(
                    input,
                    |_| messages += 1,
                    |chunk| {
                        chunks += 1;
                        content += u64::from(is_content(&chunk));
                        if let ChunkRef::Owned(Chunk::Done(done)) = &chunk {
                            recorder.done(done);
                            is_done = true;
                        }
                        take(chunk);
                    },
                );
                match next {
                    Ok(Some(())) if !is_done => {}
                    Ok(None) if chunks == 0 => {
                        break Ok(Decoded::NeedsMore { is_proven: decoder.is_stopped() });
                    }
                    Ok(_) => break Ok(Decoded::Item(())),
                    Err(error) => break Err(error),
                }
            };
            recorder.dialect(decoder.dialect_name());
            recorder.lent(messages, chunks, content);
            step
        }));
        self.on_decoded(cx, nothing, content > 0, is_done);
        let error = match next {
            Some(Ok(())) => {
                self.is_begun = true;
                return Poll::Ready(Some(Ok(())));
            }
            Some(Err(error)) => Some(error),
            None => None,
        };
        let item = self.ended(cx, nothing, error);
        self.record_given(item.as_ref());
        Poll::Ready(item.map(|item| item.map(|chunk| take(ChunkRef::Owned(chunk)))))
    }
}
