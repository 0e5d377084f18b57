use alloc::borrow::Cow;

use super::chunk::Chunk;
use super::chunk_ref::ChunkRef;
use super::done::{Done, Tail};
use super::error::Error;

/// A decoder for one answer in any dialect: bytes in, chunks out. It also decides whether the answer is complete.
///
/// To use it, [`push`](Self::push) the bytes that arrived and call [`next_chunk`](Self::next_chunk) until it returns
/// `None`; when the stream ends, call [`finish`](Self::finish) until it returns `None`. [`next_from`](Self::next_from)
/// does the same without copying messages that are complete in the caller's slice.
///
/// If an error [is final](Error::is_final), every later call returns it again. After any other error, continue as
/// before.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Decode, Error};
/// use bedrock_stream_core::converse::ChunkDecoder;
///
/// /// The text of an answer that is entirely in memory, with any decoder.
/// fn text_of(mut decoder: impl Decode, mut bytes: &[u8]) -> Result<String, Error> {
///     let mut text = String::new();
///     let mut add = |chunk| {
///         if let Chunk::Text { text: piece, .. } = chunk {
///             text.push_str(&piece);
///         }
///     };
///     while let Some(chunk) = decoder.next_from(&mut bytes)? {
///         add(chunk);
///     }
///     while let Some(chunk) = decoder.finish()? {
///         add(chunk);
///     }
///     Ok(text)
/// }
///
/// assert!(text_of(ChunkDecoder::new(), b"").is_err(), "an empty stream is no answer");
/// ```
pub trait Decode {
    /// Adds the stream's next bytes to the decoder's own buffer. Once the answer is complete, or has failed, they are
    /// dropped.
    fn push(&mut self, bytes: &[u8]);

    /// Returns the next chunk of the bytes that were pushed. `None`: push more, or the answer is complete.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`].
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        self.next_from(&mut &[][..])
    }

    /// Decodes the next chunk from the front of `input`, the stream's next bytes, and advances `input` past the bytes
    /// that were used. `None`: all of `input` was used.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`].
    fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error>;

    /// Like [`next_from`](Self::next_from), but passes the chunk to `take` and returns what that returns: the chunk's
    /// text is borrowed, so that a program that only writes it on needs no allocation for it. A decoder that lends no text
    /// passes [`ChunkRef::Owned`].
    ///
    /// # Errors
    ///
    /// As [`next_from`](Self::next_from).
    ///
    /// ```
    /// use bedrock_stream_core::answer::{ChunkRef, Decode, Error};
    /// use bedrock_stream_core::converse::ChunkDecoder;
    ///
    /// /// Adds the text of one read to `text`.
    /// fn read(decoder: &mut ChunkDecoder, mut read: &[u8], text: &mut String) -> Result<(), Error> {
    ///     // The first text of a block may be owned; `as_text` reads both.
    ///     let take = |chunk: ChunkRef<'_>, text: &mut String| text.push_str(chunk.as_text().unwrap_or_default());
    ///     while let Some(()) = decoder.next_with(&mut read, |chunk| take(chunk, text))? {}
    ///     Ok(())
    /// }
    /// # read(&mut ChunkDecoder::new(), b"", &mut String::new()).unwrap();
    /// ```
    fn next_with<R>(
        &mut self,
        input: &mut &[u8],
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error>
    where
        Self: Sized,
    {
        self.next_inspect_with(input, |_| {}, take)
    }

    /// Like [`next_from`](Self::next_from), but first passes each message to `inspect`, before its chunks are returned:
    /// the verified bytes of an event stream message, or the data of a server-sent event. The default implementation
    /// never calls `inspect`.
    ///
    /// # Errors
    ///
    /// As [`next_from`](Self::next_from).
    fn next_inspect(&mut self, input: &mut &[u8], inspect: impl FnMut(&[u8])) -> Result<Option<Chunk>, Error>
    where
        Self: Sized,
    {
        let _ = inspect;
        self.next_from(input)
    }

    /// [`next_inspect`](Self::next_inspect) and [`next_with`](Self::next_with) in one. The default implementation passes the
    /// chunk of `next_inspect` to `take`.
    ///
    /// # Errors
    ///
    /// As [`next_from`](Self::next_from).
    fn next_inspect_with<R>(
        &mut self,
        input: &mut &[u8],
        inspect: impl FnMut(&[u8]),
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error>
    where
        Self: Sized,
    {
        Ok(self.next_inspect(input, inspect)?.map(|chunk| take(ChunkRef::Owned(chunk))))
    }

    /// Call this when the stream has ended. Returns the remaining chunks, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] if the answer is not proven complete; otherwise the same errors as
    /// [`next_chunk`](Self::next_chunk).
    fn finish(&mut self) -> Result<Option<Chunk>, Error>;

    /// Call this when the stream broke; `tail` describes the failed connection or the timeout. If the answer [is
    /// stopped](Self::is_stopped), this returns the remaining chunks, [`Chunk::Done`] last, and then `None`. For any
    /// other answer it returns `None`, and the caller should report its own error.
    fn finish_broken(&mut self, tail: Tail) -> Option<Chunk>;

    /// Whether the answer is over: [`Chunk::Done`] was returned, or is the last of the remaining chunks.
    fn is_done(&self) -> bool;

    /// Whether the answer is proven complete while its usage is still to come.
    fn is_stopped(&self) -> bool;

    /// What the stream has reported so far about how the answer ends, such as the stop reason and the usage: for a
    /// stream that broke before [`Chunk::Done`]. It proves nothing.
    fn ending(&self) -> Done;

    /// The vendor's own word for why the model stopped, as soon as the stream has reported it: the same as
    /// [`ending`](Self::ending)'s `raw_stop_reason`. It proves nothing either; `None` in Converse, which has no other word.
    ///
    /// `ending` copies all that the stream has reported, and this borrows the word, so that it can be called after every chunk.
    /// The default calls `ending`, and is as slow.
    ///
    /// ```
    /// use bedrock_stream_core::answer::{Decode, Error};
    ///
    /// /// Decodes one read. Returns whether the answer goes on, as far as the stream says.
    /// fn goes_on(decoder: &mut impl Decode, mut read: &[u8]) -> Result<bool, Error> {
    ///     while decoder.next_from(&mut read)?.is_some() {}
    ///     Ok(decoder.raw_stop_reason().is_none() && !decoder.is_done())
    /// }
    /// # use bedrock_stream_core::converse::ChunkDecoder;
    /// # assert!(goes_on(&mut ChunkDecoder::new(), b"").unwrap());
    /// ```
    fn raw_stop_reason(&self) -> Option<Cow<'_, str>> {
        self.ending().raw_stop_reason.map(Cow::Owned)
    }

    /// The name of the answer's dialect in lower case, once it is known: `converse`, `messages`, `nova`, .. The default is
    /// `None`.
    fn dialect_name(&self) -> Option<&'static str> {
        None
    }
}

/// Implements [`Decode`] by the type's own methods of the same names. Its `next_inspect` passes a message of its own type,
/// of which `$bytes` are the bytes to show; its private `next` takes the same `inspect`, and lends each chunk. `$more` are methods of
/// the trait that the type does not leave to the default.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_decode {
    ($Decoder:ty, $message:ident => $bytes:expr $(, $($more:tt)*)?) => {
        impl $crate::answer::Decode for $Decoder {
            fn push(&mut self, bytes: &[u8]) {
                self.push(bytes);
            }

            fn next_from(
                &mut self,
                input: &mut &[u8],
            ) -> Result<Option<$crate::answer::Chunk>, $crate::answer::Error> {
                self.next_from(input)
            }

            fn next_inspect(
                &mut self,
                input: &mut &[u8],
                mut inspect: impl FnMut(&[u8]),
            ) -> Result<Option<$crate::answer::Chunk>, $crate::answer::Error> {
                self.next_inspect(input, |$message| inspect($bytes))
            }

            #[inline]
            fn next_inspect_with<R>(
                &mut self,
                input: &mut &[u8],
                mut inspect: impl FnMut(&[u8]),
                take: impl FnOnce($crate::answer::ChunkRef<'_>) -> R,
            ) -> Result<Option<R>, $crate::answer::Error> {
                self.next(input, |$message| inspect($bytes), take)
            }

            fn finish(&mut self) -> Result<Option<$crate::answer::Chunk>, $crate::answer::Error> {
                self.finish()
            }

            fn finish_broken(&mut self, tail: $crate::answer::Tail) -> Option<$crate::answer::Chunk> {
                self.finish_broken(tail)
            }

            fn is_done(&self) -> bool {
                self.is_done()
            }

            fn is_stopped(&self) -> bool {
                self.is_stopped()
            }

            fn ending(&self) -> $crate::answer::Done {
                self.ending()
            }

            $($($more)*)?
        }
    };
}
