use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::json::Json;
use serde::de::Error as _;

use super::delta_scan::scan_delta;
use super::event::{EventType, ResponsesEvent, TypedEvent};
use super::items::Items;
use super::output_item::{ItemKind, OutputItem, PartKey};
use super::response_object::{ResponseObject, stop_reason, usage};
use crate::decode::bedrock_members::{take_bedrock_members, without_bedrock_members};
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::failure;
use crate::decode::foreign;
use crate::decode::payload_reader::PayloadReader;
use crate::dialect::Dialect;

/// Reads a response from its deltas, and from the copies for anything that the deltas lacked.
#[derive(Debug, Default)]
pub(in crate::decode) struct ResponsesReader {
    items: Items,
    is_created: bool,
    /// The number of the last event.
    last_number: Option<u64>,
    /// How often an event's number was not one more than that of the previous event.
    number_gaps: u64,
    /// The last text of a scanned delta that had escapes; reused.
    unescaped: String,
}

impl PayloadReader for ResponsesReader {
    fn read(&mut self, payload: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let mut unescaped = core::mem::take(&mut self.unescaped);
        let is_scanned = self.read_scanned(payload, &mut unescaped, chunks);
        self.unescaped = unescaped;
        if is_scanned {
            return Ok(());
        }
        let mut event: ResponsesEvent = match serde_json::from_str(payload) {
            Ok(event) => event,
            Err(error) => return self.read_unfit(payload, error, chunks),
        };
        let failed = match &event.kind {
            EventType::Failed => Some(Some("failed")),
            EventType::Cancelled => Some(Some("cancelled")),
            EventType::Error => Some(None),
            _ if event.error.is_some() => Some(None),
            EventType::Unknown(_) => {
                let response = event.response.as_ref();
                response.is_some_and(|response| response.error.is_some()).then_some(None)
            }
            _ => None,
        };
        if let Some(status) = failed {
            fail(payload, status, chunks);
            return Ok(());
        }
        if let EventType::Unknown(name) = &event.kind {
            self.note_number(number_of(event.sequence_number.as_ref()), chunks);
            return unknown_event(name, payload, chunks);
        }
        take_bedrock_members(&mut event.other, &mut chunks.ending);
        chunks.unknown_members_in(None, core::mem::take(&mut event.other));
        self.note_number(number_of(event.sequence_number.as_ref()), chunks);
        self.read_event(event, payload, chunks)
    }
}

/// The number of an event. One that is no number loses nothing of the event.
fn number_of(number: Option<&Json>) -> Option<u64> {
    number?.parse().ok()
}

impl ResponsesReader {
    /// Reads a delta that can be scanned, in the same way as `read_event`. Returns whether it is one.
    fn read_scanned(&mut self, payload: &str, unescaped: &mut String, chunks: &mut ChunkWriter) -> bool {
        let Some(event) = scan_delta(payload) else { return false };
        let Some(text) = event.delta.text(unescaped) else { return false };
        self.note_number(event.sequence_number.map(u64::from), chunks);
        let Some(item) = self.items.item(event.output_index, chunks) else { return true };
        let content = PartKey::Content(event.content_index.unwrap_or(0));
        match event.kind {
            EventType::ReasoningTextDelta => item.text(content, text, true, chunks),
            EventType::ReasoningSummaryTextDelta => {
                let summary = PartKey::Summary(event.summary_index.unwrap_or(0));
                item.text(summary, text, true, chunks);
            }
            EventType::FunctionCallArgumentsDelta => {
                item.input(ItemKind::FunctionCall, text, chunks);
            }
            _ => item.text(content, text, false, chunks),
        }
        true
    }

    fn read_event(
        &mut self,
        event: ResponsesEvent,
        payload: &str,
        chunks: &mut ChunkWriter,
    ) -> Result<(), serde_json::Error> {
        let content = PartKey::Content(event.content_index.unwrap_or(0));
        let summary = PartKey::Summary(event.summary_index.unwrap_or(0));
        let index = event.output_index;
        let delta = event.delta.unwrap_or_default();
        let logprobs = event.logprobs.unwrap_or_default();
        let text = event.text.or(event.refusal).unwrap_or_default();
        let function = (ItemKind::FunctionCall, event.arguments.unwrap_or_default());
        let custom = (ItemKind::CustomToolCall, event.input.unwrap_or_default());
        match event.kind {
            EventType::Created | EventType::Queued | EventType::InProgress => {
                let is_created = event.kind == EventType::Created;
                self.begin(event.response.unwrap_or_default(), is_created, payload, chunks);
            }
            EventType::Completed | EventType::Incomplete => {
                let is_incomplete = event.kind == EventType::Incomplete;
                self.end(event.response.unwrap_or_default(), is_incomplete, payload, chunks)?;
            }
            EventType::OutputItemAdded => {
                let item = OutputItem::read(&event.item.unwrap_or_default())?;
                self.items.begin(index, &item, chunks);
            }
            EventType::OutputItemDone => {
                let copy = event.item.unwrap_or_default();
                let item = OutputItem::read(&copy)?;
                if let Some(state) = self.items.item(index, chunks) {
                    state.finish(item, &copy, chunks);
                }
            }
            // Any content that it already contains is repeated as deltas or when it is done.
            EventType::ContentPartAdded | EventType::ReasoningSummaryPartAdded => chunks.start(),
            EventType::ContentPartDone | EventType::ReasoningSummaryPartDone => {
                let is_summary = event.kind == EventType::ReasoningSummaryPartDone;
                let key = if is_summary { summary } else { content };
                if let (Some(part), Some(item)) = (event.part, self.items.item(index, chunks)) {
                    item.finish_part(key, &part, chunks);
                }
            }
            EventType::OutputTextDelta | EventType::RefusalDelta => {
                if let Some(item) = self.items.item(index, chunks) {
                    item.text(content, delta.into(), false, chunks);
                    item.logprobs(content, &logprobs, false, chunks);
                }
            }
            EventType::OutputTextDone | EventType::RefusalDone => {
                if let Some(item) = self.items.item(index, chunks) {
                    item.whole_text(content, &text, false, chunks);
                    item.logprobs(content, &logprobs, true, chunks);
                }
            }
            EventType::ReasoningTextDelta | EventType::ReasoningSummaryTextDelta => {
                let is_summary = event.kind == EventType::ReasoningSummaryTextDelta;
                let key = if is_summary { summary } else { content };
                if let Some(item) = self.items.item(index, chunks) {
                    item.text(key, delta.into(), true, chunks);
                }
            }
            EventType::ReasoningTextDone | EventType::ReasoningSummaryTextDone => {
                let is_summary = event.kind == EventType::ReasoningSummaryTextDone;
                let key = if is_summary { summary } else { content };
                if let Some(item) = self.items.item(index, chunks) {
                    item.whole_text(key, &text, true, chunks);
                }
            }
            EventType::AnnotationAdded => {
                if let (Some(annotation), Some(item)) = (event.annotation, self.items.item(index, chunks)) {
                    item.annotation(content, annotation, chunks);
                }
            }
            EventType::FunctionCallArgumentsDelta | EventType::CustomToolCallInputDelta => {
                let is_custom = event.kind == EventType::CustomToolCallInputDelta;
                let (kind, _) = if is_custom { custom } else { function };
                if let Some(item) = self.items.item(index, chunks) {
                    item.input(kind, delta.into(), chunks);
                }
            }
            EventType::FunctionCallArgumentsDone | EventType::CustomToolCallInputDone => {
                let is_custom = event.kind == EventType::CustomToolCallInputDone;
                let ((kind, whole), name) =
                    if is_custom { (custom, "input") } else { (function, "arguments") };
                if let Some(item) = self.items.item(index, chunks) {
                    item.whole_input(kind, name, &whole, chunks);
                }
            }
            EventType::Failed | EventType::Cancelled | EventType::Error | EventType::Unknown(_) => {}
        }
        Ok(())
    }

    /// Reads a payload whose members do not fit any event that is read.
    fn read_unfit(
        &mut self,
        payload: &str,
        error: serde_json::Error,
        chunks: &mut ChunkWriter,
    ) -> Result<(), serde_json::Error> {
        let is_string = Json::from_text(payload).is_ok_and(|json| json.as_str().starts_with('"'));
        let typed: TypedEvent = match serde_json::from_str(payload) {
            Ok(typed) => typed,
            // Some of AWS's errors are a single JSON string.
            Err(_) if is_string => {
                fail(payload, None, chunks);
                return Ok(());
            }
            Err(_) => return Err(error),
        };
        self.note_number(number_of(typed.sequence_number.as_ref()), chunks);
        match typed.kind {
            EventType::Failed | EventType::Cancelled | EventType::Error => fail(payload, None, chunks),
            _ if typed.error.is_some() => fail(payload, None, chunks),
            EventType::Unknown(name) => return unknown_event(&name, payload, chunks),
            _ => return Err(error),
        }
        Ok(())
    }

    /// Reads the response at its beginning, or while it is in progress.
    fn begin(&mut self, response: ResponseObject, is_created: bool, payload: &str, chunks: &mut ChunkWriter) {
        let status = response.status();
        if response.error.is_some() || is_failure(status.as_deref()) {
            fail(payload, status.as_deref(), chunks);
            return;
        }
        chunks.start();
        if is_created && core::mem::replace(&mut self.is_created, true) && !self.items.is_empty() {
            self.items.clear(chunks);
            chunks.restart();
        }
        for member in response.other.into_iter().filter(|member| member.value != Json::default()) {
            if let Some(name) = CLOSING_MEMBERS.into_iter().find(|name| *name == member.name) {
                chunks.closing_member(name, member.value);
            }
        }
    }

    /// Reads the response at its end. The event's type proves it, unless the response itself says that it has not ended.
    fn end(
        &mut self,
        mut response: ResponseObject,
        is_incomplete: bool,
        payload: &str,
        chunks: &mut ChunkWriter,
    ) -> Result<(), serde_json::Error> {
        let status = response.status();
        if response.error.is_some() || is_failure(status.as_deref()) {
            fail(payload, status.as_deref(), chunks);
            return Ok(());
        }
        if let Some(status) =
            status.as_deref().filter(|status| !matches!(*status, "completed" | "incomplete"))
        {
            return Err(serde_json::Error::custom(format_args!(
                "the response has the status `{status}`, so it has not ended"
            )));
        }
        let is_incomplete = is_incomplete || status.as_deref() == Some("incomplete");
        if let Some(output) = &response.output {
            self.items.complete(output, chunks);
        }
        self.items.close(!is_incomplete, chunks);
        take_bedrock_members(&mut response.other, &mut chunks.ending);
        let members = core::mem::take(&mut response.other).into_iter();
        for member in members.filter(|member| member.value != Json::default()) {
            match CLOSING_MEMBERS.into_iter().find(|name| *name == member.name) {
                Some(name) => chunks.closing_member(name, member.value),
                None if REQUEST_MEMBERS.contains(&&*member.name) => {}
                None => chunks.unknown_member(None, member.name, member.value),
            }
        }
        // Another response may have begun since the last gap.
        self.tell_gaps(chunks);
        let ending = &mut chunks.ending;
        ending.usage = response.usage.as_ref().and_then(usage).unwrap_or_default();
        if is_incomplete {
            let reason = response.incomplete_reason();
            ending.raw_stop_reason = Some(match &reason {
                Some(reason) => format!("incomplete:{reason}"),
                None => "incomplete".to_owned(),
            });
            ending.stop_reason = Some(stop_reason(reason.as_deref().unwrap_or("incomplete")));
        } else {
            ending.raw_stop_reason = status;
            let have_call = self.items.have_call();
            ending.stop_reason = Some(if have_call { StopReason::ToolUse } else { StopReason::EndTurn });
        }
        ending.vendor_usage = response.usage;
        chunks.stop();
        chunks.conclude();
        Ok(())
    }

    /// Records an event's number. Missing events are no error, since the copies may supply their content; they are
    /// reported with the end.
    fn note_number(&mut self, number: Option<u64>, chunks: &mut ChunkWriter) {
        if let (Some(last), Some(number)) = (self.last_number, number) {
            if last.checked_add(1) != Some(number) {
                self.number_gaps += 1;
                self.tell_gaps(chunks);
            }
        }
        self.last_number = number.or(self.last_number);
    }

    fn tell_gaps(&self, chunks: &mut ChunkWriter) {
        if self.number_gaps > 0 {
            chunks.closing_member("sequence_number_gaps", serde_json::Value::from(self.number_gaps).into());
        }
    }
}

/// Whether a response with that status failed.
fn is_failure(status: Option<&str>) -> bool {
    matches!(status, Some("failed" | "cancelled"))
}

/// Ends the stream with an error. `status` is that of the response, which is used for an error without a name.
fn fail(payload: &str, status: Option<&str>, chunks: &mut ChunkWriter) {
    let mut exception = failure::exception(payload);
    if let Some(status) = status {
        if exception.name == "error" {
            status.clone_into(&mut exception.name);
        }
        exception.message.get_or_insert_with(|| format!("the response is {status}"));
    }
    chunks.fail(exception, false);
}

/// Keeps an event unchanged except for its padding. One of AWS's own errors is final, and a payload in another dialect
/// is an error.
fn unknown_event(name: &str, payload: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
    if name.is_empty() && failure::is_undetected_error(payload) {
        chunks.fail(failure::exception(payload), false);
        return Ok(());
    }
    foreign::refuse(payload, Dialect::Responses)?;
    let json = without_bedrock_members(payload, &mut chunks.ending)?;
    chunks.unknown_event(name, json);
    Ok(())
}

/// The members of a response that become part of [`Done`](bedrock_stream_core::answer::Done).
const CLOSING_MEMBERS: [&str; 8] =
    ["id", "model", "created_at", "completed_at", "service_tier", "conversation", "moderation", "tool_usage"];

/// The members of a response that repeat its request, or contain nothing beyond the chunks.
const REQUEST_MEMBERS: [&str; 26] = [
    "background",
    "billing",
    "frequency_penalty",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "object",
    "output_text",
    "parallel_tool_calls",
    "presence_penalty",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];
