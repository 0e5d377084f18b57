use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};

use bedrock_stream_core::answer::{
    Chunk, ChunkRef, Done, Error, Exception, SkippedEvent, Tail, UnknownDialect, UnmodeledError,
};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::{Fields, Json};

use super::chat::ChatReader;
use super::chunk_writer::ChunkWriter;
use super::cohere::CohereReader;
use super::completion::CompletionReader;
use super::failure;
use super::foreign;
use super::llama::LlamaReader;
use super::members::Members;
use super::messages::MessagesReader;
use super::mistral::MistralReader;
use super::nova::NovaReader;
use super::payload_reader::PayloadReader;
use super::responses::ResponsesReader;
use super::titan::TitanReader;
use crate::chunk_headers::CHUNK;
use crate::dialect::Dialect;
use crate::sse;

/// Decodes the payloads of one answer into chunks, independently of how the payloads are transported.
///
/// Call [`next_chunk`](Self::next_chunk) until it returns `None` after every [`apply`](Self::apply), and
/// [`finish`](Self::finish) until it returns `None` when the stream ends.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_dialects::{Dialect, PayloadDecoder};
///
/// let mut decoder = PayloadDecoder::new(Some(Dialect::Titan));
/// decoder.apply(None, r#"{"outputText":"Hi","completionReason":"FINISH"}"#);
/// let mut text = String::new();
/// while let Some(chunk) = decoder.next_chunk()? {
///     text.push_str(chunk.as_text().unwrap_or_default());
/// }
/// assert!(matches!(decoder.finish()?, Some(Chunk::Done(_))), "the answer is complete");
/// assert_eq!(text, "Hi");
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
#[derive(Debug)]
pub struct PayloadDecoder {
    dialect: Option<Dialect>,
    reader: Option<Box<dyn PayloadReader>>,
    chunks: ChunkWriter,
    /// The index of the choice to read, in dialects with several choices.
    choice: u32,
    /// Whether the payloads are those of an invocation, which end with its metrics.
    is_invoked: bool,
    /// How many payloads arrived before the dialect was known.
    undecided: u64,
    /// The errors to return after the chunks that precede them.
    errors: VecDeque<Error>,
    /// The error that ended the stream, if it was not found by the chunker.
    failure: Option<Error>,
}

impl PayloadDecoder {
    /// A decoder for a new answer, with the default [`Limits`]. If `dialect` is `None`, it is detected from the first
    /// payload that identifies it.
    #[must_use]
    pub fn new(dialect: Option<Dialect>) -> Self {
        Self::with_limits(dialect, Limits::default())
    }

    /// A decoder for a new answer, with the caller's limits.
    #[must_use]
    pub fn with_limits(dialect: Option<Dialect>, limits: Limits) -> Self {
        let mut decoder = Self {
            dialect: None,
            reader: None,
            chunks: ChunkWriter::new(limits),
            choice: 0,
            is_invoked: false,
            undecided: 0,
            errors: VecDeque::new(),
            failure: None,
        };
        if let Some(dialect) = dialect {
            decoder.decide(dialect);
        }
        decoder
    }

    /// Selects which of several answers to read, if the request asks for several: Chat Completions' choice with that
    /// index, Cohere's generation, Mistral's output or Titan's answer; 0 by default, which is the first.
    ///
    /// What another one says is never mixed into this one, and never lost: each of its pieces is returned as it was
    /// sent, as [`Chunk::Unknown`]. Its `member` is `choices`, `generations` or `outputs`, the list in which the piece
    /// was; of a payload that belongs to another answer as a whole, as Titan and Cohere's Command send them, it is the
    /// event. The answer is complete when the one being read is finished, and every other that has begun, even after
    /// [`Chunk::Stop`].
    #[must_use]
    pub fn with_choice(mut self, choice: u32) -> Self {
        self.choice = choice;
        if let Some(dialect) = self.dialect {
            self.decide(dialect);
        }
        self
    }

    /// Says that the payloads come from `InvokeModelWithResponseStream`. Bedrock then sends
    /// `amazon-bedrock-invocationMetrics` last, so neither a usage nor `[DONE]` ends the answer.
    #[must_use]
    pub fn invoked(mut self) -> Self {
        self.is_invoked = true;
        self.chunks.unnamed_event = CHUNK;
        if let Some(dialect) = self.dialect {
            self.decide(dialect);
        }
        self
    }

    /// The dialect, once it is known.
    #[must_use]
    pub const fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// Processes the next payload: the text of a JSON object, or `[DONE]`. `event` is the name that the carrier gives
    /// it, if any. If something is wrong with the payload, [`next_chunk`](Self::next_chunk) returns the error after the
    /// payload's chunks.
    pub fn apply(&mut self, event: Option<&str>, payload: &str) {
        if self.is_done() || self.failure().is_some() {
            return;
        }
        if payload.trim_ascii().starts_with("[DONE]") {
            if let Some(reader) = &mut self.reader {
                reader.end_marker(&mut self.chunks);
            }
            return;
        }
        if self.reader.is_none() {
            match Dialect::detect(payload) {
                Some(dialect) => self.decide(dialect),
                None => return self.undecided(event, payload),
            }
        }
        let Some(reader) = &mut self.reader else { return };
        if event == Some("error") {
            let is_proven = reader.is_proven() || self.chunks.is_stopped();
            reader.flush(&mut self.chunks);
            self.chunks.fail(failure::exception(payload), is_proven);
            return;
        }
        let read = reader.read(payload, &mut self.chunks);
        self.report_violations(event, payload);
        if let Err(error) = read {
            if failure::is_unreadable_error(payload) {
                return self.fail(failure::exception(payload));
            }
            let reason = match (Dialect::detect(payload), self.dialect) {
                (Some(other), Some(own)) if other != own => foreign::reason(other, own),
                _ => error.to_string(),
            };
            self.skip(event, payload, reason);
        }
    }

    /// Processes the next server-sent event. If its data is not valid UTF-8, it is skipped and counted: a model's words
    /// or arguments must not be changed silently. An error is read all the same.
    #[inline]
    pub(crate) fn apply_event(&mut self, event: &sse::Event<'_>) {
        if event.is_lossy && event.name != Some("error") {
            self.skip_event_text(event);
        } else {
            self.apply(event.name, event.data);
        }
    }

    #[cold]
    fn skip_event_text(&mut self, event: &sse::Event<'_>) {
        let name = self.event_name(event.name, event.data);
        self.skip_lossy(&name, event.data, event.data.as_bytes(), "it is not valid UTF-8".into());
    }

    /// Skips and counts a payload that is not valid UTF-8; `text` has U+FFFD in place of what was sent. An error is read
    /// all the same.
    pub(crate) fn skip_lossy(&mut self, event: &str, text: &str, payload: &[u8], reason: String) {
        if self.is_done() || self.failure().is_some() {
            return;
        }
        if failure::is_unreadable_error(text) {
            self.fail(failure::exception(text));
        } else {
            self.skip_payload(event, payload, reason);
        }
    }

    /// Reports each thing that a payload loses by being out of order. Only the first error contains the payload, which may
    /// be long.
    fn report_violations(&mut self, event: Option<&str>, payload: &str) {
        let mut violations = self.chunks.take_violations().into_iter();
        let Some(first) = violations.next() else { return };
        let name = self.event_name(event, payload);
        let mut object = Fields::new();
        object.push(name.as_str().into(), Json::from_text(payload).unwrap_or_default());
        let event = Json::from_value(&Members(&object)).unwrap_or_default();
        self.errors.push_back(SkippedEvent::unexpected(name.as_str(), event, first).into());
        self.errors.extend(
            violations.map(|reason| SkippedEvent::unexpected(name.as_str(), Json::default(), reason).into()),
        );
    }

    /// Skips and counts a payload that cannot be read, for instance because it is not text. The next
    /// [`next_chunk`](Self::next_chunk) returns the error.
    pub fn skip_payload(&mut self, event: &str, payload: &[u8], reason: impl Into<String>) {
        self.skip_event(SkippedEvent::payload(event, reason, payload));
    }

    /// Skips and counts an event that the carrier itself could not read. The next [`next_chunk`](Self::next_chunk)
    /// returns the error.
    pub fn skip_event(&mut self, skipped: SkippedEvent) {
        if !self.is_done() && self.failure().is_none() {
            self.chunks.skip(&skipped);
            self.errors.push_back(skipped.into());
        }
    }

    /// Call this when the service ended the stream with this exception, outside of any payload.
    pub fn fail(&mut self, error: Exception) {
        let is_proven = self.is_stopped();
        self.flush();
        self.chunks.fail(error, is_proven);
    }

    /// Call this when the service ended the stream with this error outside its model, and outside of any payload.
    pub fn fail_unmodeled(&mut self, error: UnmodeledError) {
        let is_proven = self.is_stopped();
        self.flush();
        self.chunks.fail_unmodeled(error, is_proven);
    }

    /// Call this for an event of the carrier that is not a payload of the answer.
    pub fn unknown_event(&mut self, name: &str, payload: Json) {
        if !self.is_done() && self.failure().is_none() {
            self.chunks.unknown_event(name, payload);
        }
    }

    /// Returns the next chunk. `None`: apply more payloads, or the answer is complete.
    ///
    /// # Errors
    ///
    /// Any [`Error`] except [`Error::Incomplete`] and the errors of the carrier.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        // Nothing may follow `Done`, not even an error of the same payload.
        if self.is_done() {
            if let Some(error) = self.errors.pop_front() {
                return Err(error);
            }
        }
        if let Some(chunk) = self.chunks.next_chunk() {
            return Ok(Some(chunk));
        }
        if let Some(error) = self.errors.pop_front() {
            return Err(error);
        }
        self.failure().map_or(Ok(None), |error| Err(error.clone()))
    }

    /// Like [`next_chunk`](Self::next_chunk), but a piece of text is borrowed, if it is one of those that need no allocation.
    #[inline]
    pub(crate) fn next_ref(&mut self) -> Result<Option<ChunkRef<'_>>, Error> {
        if self.errors.is_empty() && self.chunks.has_lent() {
            return Ok(self.chunks.next_lent());
        }
        Ok(self.next_chunk()?.map(ChunkRef::Owned))
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
        if self.undecided > 0 && self.reader.is_none() {
            let error = Error::from(UnknownDialect::new(self.undecided, &Dialect::NAMES));
            self.failure = Some(error.clone());
            return Err(error);
        }
        self.flush();
        self.stop_if_proven();
        self.chunks.finish().inspect_err(|error| self.failure = Some(error.clone()))
    }

    /// Call this when the stream broke; `tail` describes how. If the answer [is stopped](Self::is_stopped), this
    /// returns the remaining chunks, [`Chunk::Done`] last, and then `None`. For any other answer it returns `None`, and
    /// the caller should report its own error.
    pub fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        if self.is_done() {
            return self.chunks.next_chunk();
        }
        if !self.is_stopped() {
            return None;
        }
        self.stop_if_proven();
        self.chunks.finish_broken(tail)
    }

    /// Whether the answer is over: [`Chunk::Done`] was returned, or is the last of the remaining chunks.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.chunks.is_done()
    }

    /// Whether the answer is proven complete while its end is still to come.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        let is_proven = self.reader.as_ref().is_some_and(|reader| reader.is_proven());
        (is_proven || self.chunks.is_proven()) && !self.is_done() && self.failure().is_none()
    }

    /// What the stream has reported so far about how the answer ends. It is meant for a stream that broke before
    /// [`Chunk::Done`], and proves nothing.
    #[must_use]
    pub fn ending(&self) -> Done {
        self.chunks.ending()
    }

    /// The vendor's own word for why the model stopped, as soon as the stream has reported it: the same as
    /// [`ending`](Self::ending)'s `raw_stop_reason`, without a copy of the rest. It proves nothing.
    #[must_use]
    pub fn raw_stop_reason(&self) -> Option<&str> {
        self.chunks.raw_stop_reason()
    }

    /// The final error, if there was one.
    #[must_use]
    pub const fn failure(&self) -> Option<&Error> {
        match &self.failure {
            Some(error) => Some(error),
            None => self.chunks.failure(),
        }
    }

    fn decide(&mut self, dialect: Dialect) {
        self.dialect = Some(dialect);
        self.reader = Some(match dialect {
            Dialect::Messages => Box::<MessagesReader>::default(),
            Dialect::Completion => Box::<CompletionReader>::default(),
            Dialect::Chat => Box::new(ChatReader::new(self.choice, self.is_invoked)),
            Dialect::Responses => Box::<ResponsesReader>::default(),
            Dialect::Nova => Box::<NovaReader>::default(),
            Dialect::Titan => Box::new(TitanReader::new(self.choice)),
            Dialect::Llama => Box::<LlamaReader>::default(),
            Dialect::Mistral => Box::new(MistralReader::new(self.choice)),
            Dialect::Cohere => Box::new(CohereReader::new(self.choice)),
        });
    }

    /// Handles a payload from which the dialect cannot be detected: it is kept as unknown, unless it is an error or not
    /// JSON.
    fn undecided(&mut self, event: Option<&str>, payload: &str) {
        if event == Some("error") || failure::is_undetected_error(payload) {
            self.chunks.fail(failure::exception(payload), false);
            return;
        }
        self.undecided += 1;
        match Json::from_text(payload) {
            Ok(json) => {
                let name = self.event_name(event, payload);
                self.chunks.unknown_event(&name, json);
            }
            Err(error) => self.skip(event, payload, error.to_string()),
        }
    }

    fn skip(&mut self, event: Option<&str>, payload: &str, reason: String) {
        self.skip_payload(&self.event_name(event, payload), payload.as_bytes(), reason);
    }

    /// The name of a payload's event: its own type, or else the carrier's name for it.
    fn event_name(&self, event: Option<&str>, payload: &str) -> String {
        let own = type_of(payload).filter(|name| !name.is_empty());
        own.as_deref().or(event).unwrap_or(self.chunks.unnamed_event).to_owned()
    }

    fn flush(&mut self) {
        if let Some(reader) = &mut self.reader {
            reader.flush(&mut self.chunks);
        }
    }

    fn stop_if_proven(&mut self) {
        if let Some(reader) = &mut self.reader {
            if reader.is_proven() && !self.chunks.is_stopped() {
                reader.stop(&mut self.chunks);
            }
        }
    }
}

bedrock_stream_core::object! {
    /// The type that a payload declares.
    struct Typed {
        /// The type.
        "type" => kind: Option<Json>,
    }
}

fn type_of(payload: &str) -> Option<String> {
    let payload: Typed = serde_json::from_str(payload).ok()?;
    payload.kind?.parse().ok()
}
