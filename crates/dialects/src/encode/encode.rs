use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bedrock_stream_core::answer::{Chunk, ChunkRef};

use super::event::Event;
use super::failure::Failure;
use super::left_out::LeftOutContent;

/// Encodes an answer's chunks as a stream in some dialect: server-sent events (`text/event-stream`), or an event stream
/// (`application/vnd.amazon.eventstream`) for Converse.
///
/// Every method appends its output, which may be empty, to `out`. The output can be sent immediately.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, Done, StopReason};
/// use bedrock_stream_core::content::Role;
/// use bedrock_stream_dialects::encode::{ChatEncoder, Encode, Failure};
///
/// let mut encoder = ChatEncoder::new("chatcmpl-1", "claude", 1_700_000_000);
/// let mut out = Vec::new();
/// for chunk in [Chunk::start(Role::Assistant), Chunk::text(0, "Hello")] {
///     encoder.encode(&chunk, &mut out);
/// }
/// assert!(String::from_utf8(out)?.contains(r#"{"content":"Hello"}"#));
///
/// // The stream from Bedrock broke, so the answer must not look complete.
/// let mut out = Vec::new();
/// encoder.finish(&mut out);
/// assert!(out.starts_with(br#"data: {"error":{"message":"incomplete: "#));
/// assert!(encoder.is_ended() && encoder.failure().is_some());
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
pub trait Encode: fmt::Debug + Send + Sync {
    /// Encodes a chunk. After [`Chunk::Done`] or an error, this writes nothing.
    fn encode(&mut self, chunk: &Chunk, out: &mut Vec<u8>);

    /// Encodes a chunk whose text is borrowed, as
    /// [`Decode::next_with`](bedrock_stream_core::answer::Decode::next_with) lends it: the same bytes as
    /// [`encode`](Self::encode) writes, so that a gateway needs no allocation for a delta from one connection to the other.
    ///
    /// ```
    /// use bedrock_stream_core::answer::{ChunkRef, Error};
    /// use bedrock_stream_dialects::encode::Encode;
    /// use bedrock_stream_dialects::SseDecoder;
    ///
    /// /// Appends what one read of an answer is in another dialect to `out`.
    /// fn translate(
    ///     decoder: &mut SseDecoder,
    ///     mut read: &[u8],
    ///     encoder: &mut dyn Encode,
    ///     out: &mut Vec<u8>,
    /// ) -> Result<(), Error> {
    ///     let mut encode = |chunk: ChunkRef<'_>| encoder.encode_ref(&chunk, out);
    ///     while decoder.next_with(&mut read, &mut encode)?.is_some() {}
    ///     Ok(())
    /// }
    /// # use bedrock_stream_dialects::{Dialect, encode::ChatEncoder};
    /// # let (mut chat, mut out) = (ChatEncoder::new("c", "m", 0), Vec::new());
    /// # let read = b"data: {\"outputText\":\"Hi\"}\n\n";
    /// # translate(&mut SseDecoder::new(Some(Dialect::Titan)), read, &mut chat, &mut out).unwrap();
    /// # assert!(String::from_utf8_lossy(&out).contains("Hi"));
    /// ```
    fn encode_ref(&mut self, chunk: &ChunkRef<'_>, out: &mut Vec<u8>) {
        match chunk {
            ChunkRef::Owned(chunk) => self.encode(chunk, out),
            lent => self.encode(&lent.clone().into_chunk(), out),
        }
    }

    /// Call this when an error arrives instead of a chunk. Writes the dialect's error event, which ends the stream. An
    /// error that is [not final](Failure::is_final) is kept, and written in place of the end of the answer.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>);

    /// Call this when there are no more chunks. Unless there was a [`Chunk::Done`] or an error, the answer is
    /// incomplete, which is written as an error.
    fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.is_ended() {
            self.fail(&Failure::incomplete(), out);
        }
    }

    /// Writes a keep-alive, for a connection that would otherwise be silent: a comment or a `ping` event, which clients
    /// ignore. Event streams have none.
    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if !self.is_ended() {
            out.extend_from_slice(b": keep-alive\n\n");
        }
    }

    /// Whether the stream's last event has been written.
    fn is_ended(&self) -> bool;

    /// The error that ended the stream. `None` once it [is ended](Self::is_ended): the answer is whole.
    fn failure(&self) -> Option<&Failure>;

    /// The content that could not be represented in the dialect so far.
    fn left_out(&self) -> &LeftOutContent;

    /// The JSON body for an error that occurs before the stream starts, or in place of an answer that does not stream.
    /// Send it with the status [`Failure::http_status`].
    fn error_body(&self, failure: &Failure) -> String;

    /// Encodes a chunk as separate events. [`encode`](Self::encode) writes the same events without allocating them.
    fn events(&mut self, chunk: &Chunk) -> Vec<Event> {
        let mut out = Vec::new();
        self.encode(chunk, &mut out);
        Event::read(&out)
    }
}
