use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::json::Json;

use super::calls::Calls;
use super::content::{self, string};
use super::payload::{ChatChoice, ChatDelta, ChatPayload, GroqMembers};
use super::plain_delta::{PlainDelta, PlainKind};
use super::reasoning::Reasoning;
use super::reasoning_tags::ReasoningTags;
use super::repeated_members::RepeatedMembers;
use super::usage::read_usage;
use crate::decode::bedrock_members::take_bedrock_members;
use crate::decode::choices::{Choices, SentPieces};
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::failure;
use crate::decode::foreign;
use crate::decode::members::shape_of;
use crate::decode::payload_reader::PayloadReader;
use crate::dialect::Dialect;

/// Reads one choice of a Chat Completions answer, or of another answer with `choices`. The others' pieces are told as they
/// were sent.
///
/// A choice with a finish reason may still continue, so the stop is written last: at `[DONE]`, with the usage, or when
/// the stream ends. For an invocation it is written with the metrics, or when the stream ends.
#[derive(Debug)]
pub(in crate::decode) struct ChatReader {
    choices: Choices,
    plain: PlainDelta,
    tags: ReasoningTags,
    calls: Calls,
    /// The unknown members as they were last reported.
    repeated: RepeatedMembers,
    /// Whether the answer comes from an invocation, whose metrics come last.
    is_invoked: bool,
    /// Whether `[DONE]` has arrived, after which everything is ignored.
    is_ended: bool,
    /// The last piece from [`PlainDelta`] that had escapes; reused.
    unescaped: String,
}

impl ChatReader {
    /// A reader of the choice with that index.
    pub(in crate::decode) const fn new(choice: u32, is_invoked: bool) -> Self {
        Self {
            choices: Choices::new(choice),
            plain: PlainDelta::new(),
            tags: ReasoningTags::new(),
            calls: Calls::new(),
            repeated: RepeatedMembers::new(),
            is_invoked,
            is_ended: false,
            unescaped: String::new(),
        }
    }

    /// Reads a piece of a choice; `position` is its position in the payload, whose pieces are `sent`. Returns whether the
    /// choice failed.
    fn choice(
        &mut self,
        mut choice: ChatChoice,
        position: u32,
        sent: &mut SentPieces<'_>,
        chunks: &mut ChunkWriter,
    ) -> bool {
        let index = choice.index.unwrap_or(position);
        let is_chosen = self.choices.begin(index, chunks);
        let finish_reason = choice.finish_reason.as_ref().and_then(word);
        let stop_reason = choice.stop_reason.as_ref().and_then(word);
        let is_stop_sequence = finish_reason.is_some();
        let reason = finish_reason.or_else(|| stop_reason.clone());
        let is_failed = failure::has_error(&choice.other) || reason.as_deref() == Some("error");
        // The failure reports it.
        choice.other.take("error");
        if is_chosen {
            match (choice.delta, choice.message, choice.text) {
                (Some(delta), _, text) => {
                    // Some servers (Together) repeat the content as that of a text completion.
                    let text = text.filter(|text| delta.content.as_ref() != Some(text));
                    self.delta(delta, chunks);
                    write_unknown("text", text, chunks);
                }
                (None, Some(message), text) => {
                    match message.parse() {
                        Ok(delta) => self.delta(delta, chunks),
                        Err(_) => write_unknown("message", Some(message), chunks),
                    }
                    write_unknown("text", text, chunks);
                }
                (None, None, Some(text)) => content::write(text, &mut self.tags, chunks),
                (None, None, None) => {}
            }
            chunks.unknown_members(choice.other);
        } else if !is_failed {
            sent.write(position, chunks);
        }
        if is_failed {
            return true;
        }
        let Some(reason) = reason else { return false };
        if is_chosen {
            chunks.ending.stop_reason = Some(self::stop_reason(&reason));
            chunks.ending.raw_stop_reason = Some(reason);
            if let Some(sequence) = stop_reason.filter(|_| is_stop_sequence) {
                if chunks.ending.stop_reason == Some(StopReason::EndTurn) {
                    chunks.ending.stop_reason = Some(StopReason::StopSequence);
                }
                chunks.closing_member("stop_sequence", sequence.into());
            }
            self.calls.end_whole(chunks);
        }
        self.choices.finish(index, chunks);
        false
    }

    fn delta(&mut self, mut delta: ChatDelta, chunks: &mut ChunkWriter) {
        let reasoning = Reasoning {
            reasoning: delta.reasoning,
            reasoning_content: delta.reasoning_content,
            reasoning_details: delta.reasoning_details,
        };
        reasoning.write(&mut self.tags, chunks);
        if let Some(content) = delta.content {
            content::write(content, &mut self.tags, chunks);
        }
        if let Some(refusal) = delta.refusal {
            match string(&refusal) {
                Some(text) if text.is_empty() => {}
                Some(text) => {
                    self.tags.flush(chunks);
                    chunks.text(text);
                }
                None => write_unknown("refusal", Some(refusal), chunks),
            }
        }
        for call in delta.tool_calls.into_iter().flatten() {
            self.tags.flush(chunks);
            self.calls.read(call, chunks);
        }
        if let Some(function) = delta.function_call {
            self.tags.flush(chunks);
            self.calls.read_function(function, chunks);
        }
        // Groq names the model's channel in every piece.
        if let Some(channel) = delta.other.take("channel") {
            self.repeated.write("channel", channel, chunks);
        }
        chunks.unknown_members(delta.other);
    }

    /// Reads a payload that [`PlainDelta`] knows, in the same way as `delta`. Returns whether it is one.
    fn read_plain(&mut self, text: &str, unescaped: &mut String, chunks: &mut ChunkWriter) -> bool {
        let Some((kind, piece)) = self.plain.piece(text) else { return false };
        let Some(piece) = piece.text(unescaped) else { return false };
        match kind {
            PlainKind::Content => self.tags.read(&piece, chunks),
            PlainKind::Reasoning => {
                if !piece.is_empty() {
                    self.tags.flush(chunks);
                    chunks.reasoning(piece);
                }
            }
            PlainKind::Arguments(index) => {
                self.tags.flush(chunks);
                self.calls.read_arguments(index, piece, chunks);
            }
        }
        true
    }

    /// Reads a payload after a `[DONE]` that proved nothing: it can only be an error.
    fn read_late(&self, text: &str, chunks: &mut ChunkWriter) {
        if serde_json::from_str(text).is_ok_and(|payload| is_failed(&payload)) {
            chunks.fail(failure::exception(text), self.choices.are_finished());
        }
    }

    /// Writes the stop and ends the answer, because nothing can follow.
    fn conclude(&mut self, chunks: &mut ChunkWriter) {
        self.stop(chunks);
        chunks.conclude();
    }
}

impl PayloadReader for ChatReader {
    fn read(&mut self, text: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        if self.is_ended {
            self.read_late(text, chunks);
            return Ok(());
        }
        let mut unescaped = core::mem::take(&mut self.unescaped);
        let is_plain = self.read_plain(text, &mut unescaped, chunks);
        self.unescaped = unescaped;
        if is_plain {
            return Ok(());
        }
        let mut payload: ChatPayload = serde_json::from_str(text)?;
        self.plain.remember(text, &payload, self.choices.chosen());
        let has_choices = payload.choices.as_ref().is_some_and(|choices| !choices.is_empty());
        let groq = groq_members(&payload);
        let mut is_failed = is_failed(&payload);
        if !is_failed && payload.choices.is_none() && payload.object.is_none() && !payload.other.is_empty() {
            foreign::refuse(text, Dialect::Chat)?;
        }
        // An error in place of an answer does not start one, so that the request may be sent again.
        if has_choices || !is_failed {
            chunks.start();
        }
        let has_metrics = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        let has_usage = payload.usage.or(groq.usage).is_some_and(|usage| read_usage(usage, chunks));
        for (name, value) in [
            ("id", payload.id),
            ("model", payload.model),
            ("created", payload.created),
            ("service_tier", payload.service_tier),
            ("system_fingerprint", payload.system_fingerprint),
        ] {
            // Some servers fill in missing members of a payload with an empty string.
            let told = chunks.ending.other.value(name);
            let says_more = |value: &Json| told.is_none_or(|told| told != value && value.as_str() != "\"\"");
            if let Some(value) = value.filter(says_more) {
                chunks.closing_member(name, value);
            }
        }
        let choices = payload.choices.unwrap_or_default();
        let mut sent = SentPieces::new(text, "choices");
        for (choice, position) in choices.into_iter().zip(0..) {
            is_failed |= self.choice(choice, position, &mut sent, chunks);
        }
        if is_failed {
            self.tags.flush(chunks);
            chunks.fail(failure::exception(text), self.choices.are_finished());
            return Ok(());
        }
        for member in payload.other {
            self.repeated.write(&member.name, member.value, chunks);
        }
        let is_last = has_metrics || (has_usage && !has_choices && !self.is_invoked);
        if self.is_proven() && is_last {
            self.conclude(chunks);
        }
        Ok(())
    }

    fn end_marker(&mut self, chunks: &mut ChunkWriter) {
        if self.is_invoked {
            return;
        }
        if self.is_proven() {
            self.conclude(chunks);
        }
        self.is_ended = true;
    }

    fn is_proven(&self) -> bool {
        self.choices.are_finished()
    }

    fn stop(&mut self, chunks: &mut ChunkWriter) {
        self.flush(chunks);
        if matches!(chunks.ending.stop_reason, Some(StopReason::EndTurn | StopReason::ToolUse)) {
            self.calls.end_all(chunks);
        }
        chunks.stop();
    }

    fn flush(&mut self, chunks: &mut ChunkWriter) {
        self.tags.flush(chunks);
    }
}

/// Whether a payload reports that the answer failed. An object of the type `error` is an error itself (vLLM).
fn is_failed(payload: &ChatPayload) -> bool {
    let object = payload.object.as_ref().and_then(string);
    let has_choices = payload.choices.as_ref().is_some_and(|choices| !choices.is_empty());
    let is_known = has_choices || object.is_some_and(|object| object != "error");
    failure::is_failed(&payload.other, is_known) || groq_members(payload).error.is_some()
}

/// The members that Groq adds to a payload. They are reported as an unknown member too.
fn groq_members(payload: &ChatPayload) -> GroqMembers {
    payload.other.value("x_groq").and_then(|members| shape_of(members).ok()).unwrap_or_default()
}

/// A finish reason; an empty one counts as absent.
fn word(json: &Json) -> Option<String> {
    string(json).filter(|word| !word.is_empty())
}

fn stop_reason(word: &str) -> StopReason {
    match word {
        "stop" | "eos" => StopReason::EndTurn,
        "tool_calls" | "function_call" => StopReason::ToolUse,
        "length" => StopReason::MaxTokens,
        "content_filter" => StopReason::ContentFiltered,
        "model_length" => StopReason::ModelContextWindowExceeded,
        word => word.into(),
    }
}

fn write_unknown(name: &str, value: Option<Json>, chunks: &mut ChunkWriter) {
    if let Some(value) = value {
        chunks.unknown_member(None, name.into(), value);
    }
}
