use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bedrock_stream_core::answer::Chunk;

use super::event::Event;
use super::failure::Failure;
use super::left_out::LeftOut;

/// Writes an answer's chunks as the stream of a dialect, `text/event-stream`, or as its JSON.
///
/// Every method appends what it writes to `out`, perhaps nothing, and `out` can be sent at once.
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
/// // The upstream broke, so the answer must not look complete.
/// let mut out = Vec::new();
/// encoder.finish(&mut out);
/// assert!(out.starts_with(br#"data: {"error":{"message":"incomplete: "#));
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
pub trait Encode: fmt::Debug + Send + Sync {
    /// Writes a chunk. After [`Chunk::Done`], or an error, nothing is written any more.
    fn encode(&mut self, chunk: &Chunk, out: &mut Vec<u8>);

    /// An error came instead of a chunk: writes the dialect's error event, which ends the stream. One that [is not
    /// final](Failure::is_final) is kept, and written instead of the answer's end.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>);

    /// There are no more chunks. Unless [`Chunk::Done`] or an error came, the answer is incomplete, which is an error.
    fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.is_ended() {
            self.fail(&Failure::incomplete(), out);
        }
    }

    /// Writes what keeps a connection alive on which nothing happens, and what readers skip.
    fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if !self.is_ended() {
            out.extend_from_slice(b": keep-alive\n\n");
        }
    }

    /// Whether the stream's last event was written.
    fn is_ended(&self) -> bool;

    /// What the dialect had no place for, so far.
    fn left_out(&self) -> &LeftOut;

    /// The JSON of an error that comes before the stream, or instead of an answer that does not stream. Its status is
    /// [`Failure::http_status`].
    fn error_body(&self, failure: &Failure) -> String;

    /// The events of a chunk, one by one. [`encode`](Self::encode) writes the same without allocating them.
    fn events(&mut self, chunk: &Chunk) -> Vec<Event> {
        let mut out = Vec::new();
        self.encode(chunk, &mut out);
        Event::read(&out)
    }
}
