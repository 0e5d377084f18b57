use bedrock_stream_core::answer::{Chunk, Decode, Done, Error, Tail};
use bedrock_stream_core::frame::Limits;

use crate::answer::Answer;
use crate::decode::PayloadDecoder;
use crate::dialect::Dialect;
use crate::sse;

/// Server-sent events in, chunks out: the events' data are the payloads of one answer, in any [`Dialect`].
///
/// To use it, [`push`](Self::push) what arrived and call [`next_chunk`](Self::next_chunk) until it returns `None`;
/// when the stream ends, call [`finish`](Self::finish) until it returns `None`. [`next_from`](Self::next_from) does
/// the same without copying events that are whole in the caller's slice.
///
/// It is done as soon as the answer is: a server may keep the connection open for ever after that.
///
/// Every later call returns an error with [`is_final`](Error::is_final) again; after any other error, go on.
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
    /// Whether the caller takes events instead of chunks.
    lends_events: bool,
}

impl SseDecoder {
    /// A decoder at the start of an answer, under the default [`Limits`]. Without a dialect, the first payload that tells
    /// decides it.
    #[must_use]
    pub fn new(dialect: Option<Dialect>) -> Self {
        Self::with_limits(dialect, Limits::default())
    }

    /// A decoder under the caller's limits, of which [`Limits::message_len`] is that of one event's data.
    #[must_use]
    pub fn with_limits(dialect: Option<Dialect>, limits: Limits) -> Self {
        Self {
            events: sse::Decoder::with_limits(limits),
            answer: Answer::new(PayloadDecoder::with_limits(dialect, limits)),
            lends_events: false,
        }
    }

    /// Reads the choice of that index: [`PayloadDecoder::with_choice`].
    #[must_use]
    pub fn with_choice(mut self, choice: u32) -> Self {
        self.answer.payloads = self.answer.payloads.with_choice(choice);
        self
    }

    /// The dialect, as soon as it is known.
    #[must_use]
    pub const fn dialect(&self) -> Option<Dialect> {
        self.answer.payloads.dialect()
    }

    /// Adds the stream's next bytes to the decoder's own buffer. Once the answer is complete, or has failed, they are
    /// dropped, unless events are taken instead of chunks.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.answer.failure().is_none() && (self.lends_events || !self.is_done()) {
            self.events.push(bytes);
        }
    }

    /// Takes the next chunk from what was pushed. `None`: push more, or the answer is complete.
    ///
    /// # Errors
    ///
    /// Every [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        self.next_from(&mut &[][..])
    }

    /// Takes the next chunk from the front of `input`, which continues the stream, and advances `input` past what was
    /// used. `None`: all of `input` was used.
    ///
    /// # Errors
    ///
    /// Every [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    pub fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error> {
        self.next_inspect(input, |_| {})
    }

    /// The same, and shows each event to `inspect` before its chunks: for a proxy that passes the events on.
    ///
    /// # Errors
    ///
    /// Every [`Error`] except [`Error::Incomplete`] and [`Error::UnknownDialect`].
    pub fn next_inspect(
        &mut self,
        input: &mut &[u8],
        mut inspect: impl FnMut(&sse::Event<'_>),
    ) -> Result<Option<Chunk>, Error> {
        let Self { events, answer, .. } = self;
        answer.next_from(input, |payloads, input| {
            let event = events.next_from(input)?;
            if let Some(event) = &event {
                inspect(event);
                payloads.apply(event.name, event.data);
            }
            Ok::<_, sse::Error>(event.is_some())
        })
    }

    /// Takes the next event itself, unchanged, from the front of `input`, which continues the stream, and advances `input`
    /// past what was used: for a proxy that passes the events on. `None`: all of `input` was used.
    ///
    /// The event counts as its chunks would, which are dropped: [`is_done`](Self::is_done) and, at the end,
    /// [`finish_event`](Self::finish_event) and [`finish`](Self::finish) say whether the answer is complete. An event that
    /// is an error is returned first and then, by every later call, the error; one that would be skipped is returned and
    /// counted. Events after the end of the answer, such as a last `[DONE]`, are returned too.
    ///
    /// # Errors
    ///
    /// [`Error::EventTooLong`], and the error that the service ended the stream with.
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
                    self.answer.payloads.apply(event.name, event.data);
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

    /// Call this when the stream has ended, if its events are taken. Returns the events that are left and then, if the
    /// answer is complete, `None`; [`finish`](Self::finish) returns its [`Chunk::Done`].
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] or [`Error::UnknownDialect`] if the answer is not proven complete; otherwise as
    /// [`next_event`](Self::next_event).
    pub fn finish_event(&mut self) -> Result<Option<sse::Event<'_>>, Error> {
        self.lends_events = true;
        if let Some(error) = self.answer.failure() {
            return Err(error.clone());
        }
        match self.events.finish() {
            Ok(Some(event)) => {
                self.answer.payloads.apply(event.name, event.data);
                self.answer.drop_chunks();
                Ok(Some(event))
            }
            Ok(None) => self.answer.finish_dropping().map(|()| None),
            Err(error) => self.answer.break_off_dropping(error).map(|()| None),
        }
    }

    /// Call this when the stream has ended. Returns what is left, [`Chunk::Done`] last, and then `None`.
    ///
    /// # Errors
    ///
    /// [`Error::Incomplete`] if the answer is not proven complete, [`Error::UnknownDialect`] if no payload told its dialect;
    /// otherwise as [`next_chunk`](Self::next_chunk).
    pub fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        loop {
            if let Some(chunk) = self.next_chunk()? {
                return Ok(Some(chunk));
            }
            if self.is_done() {
                return Ok(None);
            }
            match self.events.finish() {
                Ok(Some(event)) => self.answer.payloads.apply(event.name, event.data),
                Ok(None) => return self.answer.payloads.finish(),
                Err(error) => return self.answer.break_off(error),
            }
        }
    }

    /// Call this when the stream broke; `tail` says how: a failed connection, a timeout. If the answer [is
    /// stopped](Self::is_stopped), this returns what is left, [`Chunk::Done`] last, and then `None`. For any other
    /// answer it returns `None`, and the caller's own error is how the stream ended.
    pub fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.answer.finish_broken(tail)
    }

    /// Whether the answer is over: [`Chunk::Done`] was given, or is the last of the chunks to come.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.answer.payloads.is_done()
    }

    /// Whether the answer is proven complete while its end is still to come: before [`Chunk::Done`].
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.answer.is_stopped()
    }

    /// What the stream has said about its end so far: [`PayloadDecoder::ending`].
    #[must_use]
    pub fn ending(&self) -> Done {
        self.answer.ending()
    }

    /// How many bytes of memory the buffers of events hold, used or not.
    #[must_use]
    pub fn buffer_capacity(&self) -> usize {
        self.events.buffer_capacity()
    }
}

impl Decode for SseDecoder {
    fn push(&mut self, bytes: &[u8]) {
        self.push(bytes);
    }

    fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error> {
        self.next_from(input)
    }

    /// Shows the data of each event.
    fn next_inspect(
        &mut self,
        input: &mut &[u8],
        mut inspect: impl FnMut(&[u8]),
    ) -> Result<Option<Chunk>, Error> {
        self.next_inspect(input, |event| inspect(event.data.as_bytes()))
    }

    fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        self.finish()
    }

    fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.finish_broken(tail)
    }

    fn is_done(&self) -> bool {
        self.is_done()
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped()
    }

    fn ending(&self) -> Done {
        self.ending()
    }
}
