use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use bedrock_stream_core::answer::{Chunk, ChunkRef, Done, Error, Tail};
use bedrock_stream_core::converse::Event;
use bedrock_stream_core::frame::{self, Limits, Message};
use bedrock_stream_core::json::Json;

use crate::answer::Answer;
use crate::chunk_headers::{CHUNK, ChunkHeaders};
use crate::decode::PayloadDecoder;
use crate::dialect::Dialect;
use crate::payload_text::{PayloadError, PayloadText};

/// Decodes the response of `InvokeModelWithResponseStream` into chunks: an event stream whose `chunk` messages contain
/// the payloads of one answer, in any [`Dialect`].
///
/// To use it, [`push`](Self::push) the bytes that arrived and call [`next_chunk`](Self::next_chunk) until it returns
/// `None`; when the stream ends, call [`finish`](Self::finish) until it returns `None`. [`next_from`](Self::next_from)
/// does the same without copying messages that are complete in the caller's slice.
///
/// If an error [is final](Error::is_final), every later call returns it again. After any other error, continue as
/// before.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_core::frame::{Header, encode};
/// use bedrock_stream_core::json::Blob;
/// use bedrock_stream_dialects::InvokeDecoder;
///
/// let payload = Blob::from(br#"{"outputText":"Hi","completionReason":"FINISH"}"#.to_vec());
/// let headers = [Header::string(":message-type", "event"), Header::string(":event-type", "chunk")];
/// let mut bytes = Vec::new();
/// encode(&headers, format!(r#"{{"bytes":"{}"}}"#, payload.to_base64()).as_bytes(), &mut bytes)?;
///
/// let mut decoder = InvokeDecoder::new(None);
/// decoder.push(&bytes);
/// let mut text = String::new();
/// while let Some(chunk) = decoder.next_chunk()? {
///     if let Chunk::Text { text: piece, .. } = chunk {
///         text.push_str(&piece);
///     }
/// }
/// assert!(matches!(decoder.finish()?, Some(Chunk::Done(_))), "the answer is complete");
/// assert_eq!(text, "Hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: `ResponseStream` and `PayloadPart` in the Bedrock Runtime API.
#[derive(Debug)]
pub struct InvokeDecoder {
    messages: frame::Decoder,
    answer: Answer,
    headers: ChunkHeaders,
    /// The last payload.
    text: PayloadText,
    /// Whether the caller reads payloads instead of chunks.
    lends_payloads: bool,
}

/// The payload of one `chunk` message, decoded.
///
/// ```
/// use bedrock_stream_core::frame::{Header, encode};
/// use bedrock_stream_core::json::Blob;
/// use bedrock_stream_dialects::InvokeDecoder;
///
/// let payload = r#"{"outputText":"Hi","completionReason":"FINISH"}"#;
/// let bytes = Blob::from(payload.as_bytes().to_vec()).to_base64();
/// let headers = [Header::string(":message-type", "event"), Header::string(":event-type", "chunk")];
/// let mut stream = Vec::new();
/// encode(&headers, format!(r#"{{"bytes":"{bytes}"}}"#).as_bytes(), &mut stream)?;
///
/// // A proxy that passes on the vendor's own events.
/// let mut decoder = InvokeDecoder::new(None);
/// let mut input = &*stream;
/// while let Some(next) = decoder.next_payload(&mut input)? {
///     assert_eq!(next.text, payload);
/// }
/// // It knows all the same whether the answer is complete.
/// assert!(decoder.finish()?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Payload<'a> {
    /// The vendor's JSON, as it was sent.
    pub text: &'a str,
}

impl InvokeDecoder {
    /// A decoder for a new answer, with the default [`Limits`]. If `dialect` is `None`, it is detected from the first
    /// payload that identifies it.
    #[must_use]
    pub fn new(dialect: Option<Dialect>) -> Self {
        Self::with_limits(dialect, Limits::default())
    }

    /// A decoder for a new answer, with the caller's limits.
    #[must_use]
    pub fn with_limits(dialect: Option<Dialect>, limits: Limits) -> Self {
        Self {
            messages: frame::Decoder::with_limits(limits),
            answer: Answer::new(PayloadDecoder::with_limits(dialect, limits).invoked()),
            headers: ChunkHeaders::new(),
            text: PayloadText::new(),
            lends_payloads: false,
        }
    }

    /// Selects which choice to read; see [`PayloadDecoder::with_choice`].
    #[must_use]
    pub fn with_choice(mut self, choice: u32) -> Self {
        self.answer.payloads = self.answer.payloads.with_choice(choice);
        self
    }

    /// The dialect, once it is known.
    #[must_use]
    pub const fn dialect(&self) -> Option<Dialect> {
        self.answer.payloads.dialect()
    }

    /// Adds the stream's next bytes to the decoder's own buffer. Once the answer is complete, or has failed, they are
    /// discarded, unless the caller reads payloads instead of chunks.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.answer.failure().is_none() && (self.lends_payloads || !self.is_done()) {
            self.messages.push(bytes);
        }
    }

    /// Returns the next chunk of the bytes that were pushed. `None`: push more, or the answer is complete.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        self.next_from(&mut &[][..])
    }

    /// Decodes the next chunk from the front of `input`, the stream's next bytes, and advances `input` past the bytes
    /// that were used. `None`: all of `input` was used.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    pub fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error> {
        self.next_inspect(input, |_| {})
    }

    /// Like [`next_from`](Self::next_from), but first passes each message to `inspect`, before its chunks are returned:
    /// for a proxy that forwards the exact bytes.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime")]
    pub fn next_inspect(
        &mut self,
        input: &mut &[u8],
        inspect: impl FnMut(&Message<'_>),
    ) -> Result<Option<Chunk>, Error> {
        self.next(input, inspect, |chunk| chunk.into_chunk())
    }

    /// Like [`next_from`](Self::next_from), but passes the chunk to `take` and returns what that returns. A piece of text
    /// is borrowed, so that a program that only writes it on needs no allocation for it; see
    /// [`Decode::next_with`](bedrock_stream_core::answer::Decode::next_with).
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    #[inline]
    pub fn next_with<R>(
        &mut self,
        input: &mut &[u8],
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        self.next(input, |_| {}, take)
    }

    #[inline]
    fn next<R>(
        &mut self,
        input: &mut &[u8],
        mut inspect: impl FnMut(&Message<'_>),
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let Self { messages, answer, headers, text, .. } = self;
        let read = |payloads: &mut PayloadDecoder, input: &mut &[u8]| {
            let message = messages.next_from(input)?;
            if let Some(message) = &message {
                inspect(message);
                read(message, payloads, headers, text);
            }
            Ok::<_, frame::Error>(message.is_some())
        };
        answer.next_with(input, read, take)
    }

    /// Decodes the payload of the next `chunk` message from the front of `input`, the stream's next bytes, and advances
    /// `input` past the bytes that were used: for a proxy that forwards the vendor's events. The payload itself is not
    /// changed. `None`: all of `input` was used.
    ///
    /// The payload is also decoded, but its chunks are discarded, so [`is_done`](Self::is_done) and, at the end,
    /// [`finish`](Self::finish) report whether the answer is complete. A message without a payload, such as one whose
    /// `bytes` are not base64, is only counted.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`], or the error with which the service ended the stream.
    pub fn next_payload(&mut self, input: &mut &[u8]) -> Result<Option<Payload<'_>>, Error> {
        self.lends_payloads = true;
        loop {
            if let Some(error) = self.answer.failure() {
                return Err(error.clone());
            }
            let has_payload = match self.messages.next_from(input) {
                Ok(Some(message)) => {
                    read(&message, &mut self.answer.payloads, &mut self.headers, &mut self.text)
                }
                Ok(None) => return Ok(None),
                Err(error) => {
                    *input = &[];
                    return self.answer.break_off_dropping(error).map(|()| None);
                }
            };
            self.answer.drop_chunks();
            if has_payload {
                return Ok(Some(Payload { text: self.text.as_str() }));
            }
        }
    }

    /// Call this when the stream has ended. Returns the remaining chunks, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] if the answer is not proven complete, [`Error::UnknownDialect`] if no payload identified
    /// its dialect; otherwise the same errors as [`next_chunk`](Self::next_chunk).
    pub fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(chunk) = self.next_chunk()? {
            return Ok(Some(chunk));
        }
        if self.is_done() {
            return Ok(None);
        }
        match self.messages.finish() {
            Ok(()) => self.answer.payloads.finish(),
            Err(error) => self.answer.break_off(error),
        }
    }

    /// Call this when the stream broke; `tail` describes the failed connection or the timeout. If the answer [is
    /// stopped](Self::is_stopped), this returns the remaining chunks, [`Chunk::Done`] last, and then `None`. For any
    /// other answer it returns `None`, and the caller should report its own error.
    pub fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.answer.finish_broken(tail)
    }

    /// Whether the answer is over: [`Chunk::Done`] was returned, or is the last of the remaining chunks.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.answer.payloads.is_done()
    }

    /// Whether the answer is proven complete while its end is still to come: before [`Chunk::Done`].
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.answer.is_stopped()
    }

    /// What the stream has reported so far about how the answer ends; see [`PayloadDecoder::ending`].
    #[must_use]
    pub fn ending(&self) -> Done {
        self.answer.ending()
    }

    /// The vendor's own word for why the model stopped, as soon as the stream has reported it; see
    /// [`PayloadDecoder::raw_stop_reason`].
    #[must_use]
    pub fn raw_stop_reason(&self) -> Option<&str> {
        self.answer.raw_stop_reason()
    }

    /// The capacity of the buffers for messages and payloads, in bytes.
    #[must_use]
    pub fn buffer_capacity(&self) -> usize {
        self.messages.buffer_capacity() + self.text.capacity()
    }
}

bedrock_stream_core::impl_decode!(
    InvokeDecoder,
    message => message.as_bytes(),
    fn dialect_name(&self) -> Option<&'static str> {
        self.dialect().map(Dialect::as_str)
    }

    fn raw_stop_reason(&self) -> Option<Cow<'_, str>> {
        self.raw_stop_reason().map(Cow::Borrowed)
    }
);

/// Reads one message. Returns whether it had a payload, which is then in `text`.
fn read(
    message: &Message<'_>,
    payloads: &mut PayloadDecoder,
    headers: &mut ChunkHeaders,
    text: &mut PayloadText,
) -> bool {
    if headers.are_of(message) {
        return read_chunk(message.payload(), payloads, text);
    }
    match Event::decode(message) {
        Ok(Event::Exception(exception)) => payloads.fail(exception),
        Ok(Event::Error(error)) => payloads.fail_unmodeled(error),
        Ok(Event::Unknown(event)) => {
            payloads.unknown_event(event.name(), event.payload.clone().unwrap_or_default());
        }
        // It is an event of Converse, which has no meaning here.
        Ok(event) => {
            let payload = String::from_utf8_lossy(message.payload());
            payloads.unknown_event(event.name(), Json::from_text(&payload).unwrap_or_default());
        }
        Err(skipped) => payloads.skip_event(skipped),
    }
    false
}

fn read_chunk(chunk: &[u8], payloads: &mut PayloadDecoder, text: &mut PayloadText) -> bool {
    match text.read(chunk) {
        Ok(other) => {
            payloads.apply(None, text.as_str());
            if let Some(other) = other {
                payloads.unknown_event(CHUNK, other);
            }
            true
        }
        Err(PayloadError::Chunk(error)) => {
            payloads.skip_payload(CHUNK, chunk, error.to_string());
            false
        }
        Err(PayloadError::NotUtf8(error)) => {
            let reason = alloc::format!("it is not UTF-8: {}", error.utf8_error());
            let payload = error.as_bytes();
            payloads.skip_lossy(CHUNK, &String::from_utf8_lossy(payload), payload, reason);
            false
        }
    }
}
