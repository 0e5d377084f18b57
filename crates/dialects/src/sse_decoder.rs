use alloc::borrow::Cow;

use bedrock_stream_core::answer::{Chunk, ChunkRef, Done, Error, Tail};
use bedrock_stream_core::frame::Limits;

use crate::answer::Answer;
use crate::decode::PayloadDecoder;
use crate::dialect::Dialect;
use crate::sse;

/// Decodes server-sent events into chunks. The events' data are the payloads of one answer, in any [`Dialect`].
///
/// To use it, [`push`](Self::push) the bytes that arrived and call [`next_chunk`](Self::next_chunk) until it returns
/// `None`; when the stream ends, call [`finish`](Self::finish) until it returns `None`. [`next_from`](Self::next_from)
/// does the same without copying events that are complete in the caller's slice.
///
/// It is done as soon as the answer is complete: afterwards, a server may keep the connection open forever.
///
/// If an error [is final](Error::is_final), every later call returns it again. After any other error, continue as
/// before.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_dialects::{Dialect, SseDecoder};
///
/// let mut decoder = SseDecoder::new(Some(Dialect::Titan));
/// decoder.push(b"data: {\"outputText\":\"Hi\",\"completionReason\":\"FINISH\"}\n\n");
/// let mut text = String::new();
/// while let Some(chunk) = decoder.next_chunk()? {
///     if let Chunk::Text { text: piece, .. } = chunk {
///         text.push_str(&piece);
///     }
/// }
/// assert!(matches!(decoder.finish()?, Some(Chunk::Done(_))), "the answer is complete");
/// assert_eq!(text, "Hi");
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
#[derive(Debug)]
pub struct SseDecoder {
    events: sse::Decoder,
    answer: Answer,
    /// Whether the caller reads events instead of chunks.
    lends_events: bool,
}

impl SseDecoder {
    /// A decoder for a new answer, with the default [`Limits`]. If `dialect` is `None`, it is detected from the first
    /// payload that identifies it.
    #[must_use]
    pub fn new(dialect: Option<Dialect>) -> Self {
        Self::with_limits(dialect, Limits::default())
    }

    /// A decoder for a new answer, with the caller's limits. [`Limits::message_len`] applies to one event's data.
    #[must_use]
    pub fn with_limits(dialect: Option<Dialect>, limits: Limits) -> Self {
        Self {
            events: sse::Decoder::with_limits(limits),
            answer: Answer::new(PayloadDecoder::with_limits(dialect, limits)),
            lends_events: false,
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
    /// discarded, unless the caller reads events instead of chunks.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.answer.failure().is_none() && (self.lends_events || !self.is_done()) {
            self.events.push(bytes);
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

    /// Like [`next_from`](Self::next_from), but first passes each event's data to `inspect`, before its chunks are
    /// returned: for a proxy that forwards the events.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime")]
    pub fn next_inspect(
        &mut self,
        input: &mut &[u8],
        inspect: impl FnMut(&sse::Event<'_>),
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
        mut inspect: impl FnMut(&sse::Event<'_>),
        take: impl FnOnce(ChunkRef<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let Self { events, answer, .. } = self;
        let read = |payloads: &mut PayloadDecoder, input: &mut &[u8]| {
            let event = events.next_from(input)?;
            if let Some(event) = &event {
                inspect(event);
                payloads.apply_event(event);
            }
            Ok::<_, sse::Error>(event.is_some())
        };
        answer.next_with(input, read, take)
    }

    /// Returns the next event itself, unchanged, from the front of `input`, the stream's next bytes, and advances
    /// `input` past the bytes that were used: for a proxy that forwards the events. `None`: all of `input` was used.
    ///
    /// The event is also decoded, but its chunks are discarded, so [`is_done`](Self::is_done) and, at the end,
    /// [`finish_event`](Self::finish_event) and [`finish`](Self::finish) report whether the answer is complete. An
    /// event that is an error is itself returned first; every later call then returns the error. A skipped event is
    /// returned and counted. Events after the end of the answer, such as a final `[DONE]`, are returned too.
    ///
    /// # Errors
    ///
    /// [`Error::EventTooLong`], or the error with which the service ended the stream.
    pub fn next_event<'s, 'i: 's>(
        &'s mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<sse::Event<'s>>, Error> {
        self.lends_events = true;
        if let Some(error) = self.answer.failure() {
            return Err(error.clone());
        }
        match self.events.next_from(input) {
            Ok(event) => {
                if let Some(event) = event {
                    self.answer.payloads.apply_event(&event);
                    self.answer.drop_chunks();
                }
                Ok(event)
            }
            Err(error) => {
                *input = &[];
                self.answer.break_off_dropping(error).map(|()| None)
            }
        }
    }

    /// Call this when the stream has ended, if you read events. Returns the remaining events and then, if the answer is
    /// complete, `None`; [`finish`](Self::finish) returns its [`Chunk::Done`].
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] or [`Error::UnknownDialect`] if the answer is not proven complete; otherwise the same
    /// errors as [`next_event`](Self::next_event).
    pub fn finish_event(&mut self) -> Result<Option<sse::Event<'_>>, Error> {
        self.lends_events = true;
        if let Some(error) = self.answer.failure() {
            return Err(error.clone());
        }
        match self.events.finish() {
            Ok(Some(event)) => {
                self.answer.payloads.apply_event(&event);
                self.answer.drop_chunks();
                Ok(Some(event))
            }
            Ok(None) => self.answer.finish_dropping().map(|()| None),
            Err(error) => self.answer.break_off_dropping(error).map(|()| None),
        }
    }

    /// Call this when the stream has ended. Returns the remaining chunks, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] if the answer is not proven complete, [`Error::UnknownDialect`] if no payload identified
    /// its dialect; otherwise the same errors as [`next_chunk`](Self::next_chunk).
    pub fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        loop {
            if let Some(chunk) = self.next_chunk()? {
                return Ok(Some(chunk));
            }
            if self.is_done() {
                return Ok(None);
            }
            match self.events.finish() {
                Ok(Some(event)) => self.answer.payloads.apply_event(&event),
                Ok(None) => return self.answer.payloads.finish(),
                Err(error) => return self.answer.break_off(error),
            }
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

    /// The capacity of the event buffers, in bytes.
    #[must_use]
    pub fn buffer_capacity(&self) -> usize {
        self.events.buffer_capacity()
    }
}

bedrock_stream_core::impl_decode!(
    SseDecoder,
    event => event.data.as_bytes(),
    fn dialect_name(&self) -> Option<&'static str> {
        self.dialect().map(Dialect::as_str)
    }

    fn raw_stop_reason(&self) -> Option<Cow<'_, str>> {
        self.raw_stop_reason().map(Cow::Borrowed)
    }
);
