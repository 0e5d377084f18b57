use super::chunk::Chunk;
use super::done::{Done, Tail};
use super::error::Error;

/// A decoder of one answer, whatever its dialect: bytes in, chunks out, and the verdict whether the answer is complete.
///
/// The rule of use: [`push`](Self::push) what arrived and call [`next_chunk`](Self::next_chunk) until it gives `None`;
/// where the stream ends, call [`finish`](Self::finish) until it gives `None`. [`next_from`](Self::next_from) does the
/// same without copying messages that lie whole in the caller's slice.
///
/// An error with [`is_final`](Error::is_final) is given again on every later call; after any other, go on.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Decode, Error};
/// use bedrock_stream_core::converse::ChunkDecoder;
///
/// /// The text of an answer that lies whole in memory, by any decoder.
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

    /// Takes the next chunk from what was pushed. `None`: push more, or the answer is complete.
    ///
    /// # Errors
    ///
    /// Every [`Error`] but [`Error::Incomplete`].
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        self.next_from(&mut &[][..])
    }

    /// Takes the next chunk from the front of `input`, which continues the stream, and advances `input` past what was
    /// used. `None`: all of `input` was used.
    ///
    /// # Errors
    ///
    /// Every [`Error`] but [`Error::Incomplete`].
    fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error>;

    /// The same, and shows each message of the stream to `inspect` before its chunks: the verified bytes of an event stream
    /// message, or the data of a server-sent event. By default nothing is shown.
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

    /// The stream ends here. Gives what is left, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] if the answer is not proven complete; whatever [`next_chunk`](Self::next_chunk) gives.
    fn finish(&mut self) -> Result<Option<Chunk>, Error>;

    /// The stream breaks here, and `tail` says how: a connection that fails, a timeout. Gives what is left of an answer
    /// that [is stopped](Self::is_stopped), [`Chunk::Done`] last, and then `None`; of any other answer `None`, and the
    /// caller's error is how it ended.
    fn finish_broken(&mut self, tail: Tail) -> Option<Chunk>;

    /// Whether the answer is over: [`Chunk::Done`] was given, or is the last of the chunks to come.
    fn is_done(&self) -> bool;

    /// Whether the answer is proven complete while its usage is still to come.
    fn is_stopped(&self) -> bool;

    /// What the stream has told of its end so far, for one that broke before [`Chunk::Done`] was due. It proves nothing.
    fn ending(&self) -> Done;
}
