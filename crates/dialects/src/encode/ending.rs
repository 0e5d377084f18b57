//! How an answer ends, in the terms of each dialect.

use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::{Done, StopReason};
use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

use super::json_writer;

/// `finish_reason` of Chat Completions.
pub(super) const fn finish_reason(stop_reason: &StopReason, has_calls: bool) -> &'static str {
    match stop_reason {
        StopReason::ToolUse => "tool_calls",
        // Some models call tools and report the end of their turn, but agents check the reason.
        StopReason::EndTurn if has_calls => "tool_calls",
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => "length",
        StopReason::ContentFiltered | StopReason::GuardrailIntervened => "content_filter",
        _ => "stop",
    }
}

/// `incomplete_details.reason` of an incomplete response; `None` if it is completed.
pub(super) const fn incomplete_reason(stop_reason: &StopReason) -> Option<&'static str> {
    match stop_reason {
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => Some("max_output_tokens"),
        StopReason::ContentFiltered | StopReason::GuardrailIntervened => Some("content_filter"),
        _ => None,
    }
}

/// `stop_reason` of Messages.
///
/// Source: `stop_reason.py` of Anthropic's SDK.
pub(super) fn message_stop_reason(stop_reason: &StopReason, has_calls: bool) -> &'static str {
    match stop_reason {
        StopReason::ToolUse => "tool_use",
        StopReason::EndTurn if has_calls => "tool_use",
        StopReason::StopSequence => "stop_sequence",
        StopReason::MaxTokens => "max_tokens",
        StopReason::ModelContextWindowExceeded => "model_context_window_exceeded",
        StopReason::ContentFiltered | StopReason::GuardrailIntervened => "refusal",
        StopReason::Unknown(word) if word == "pause_turn" => "pause_turn",
        _ => "end_turn",
    }
}

object! {
    /// The field returned for `additionalModelResponseFieldPaths: ["/delta/stop_sequence"]`.
    struct AdditionalFields {
        /// The members of a delta.
        "delta" => delta: Option<AdditionalDelta>,
    }
}

object! {
    /// The requested members of a delta.
    struct AdditionalDelta {
        /// The stop sequence that the model produced.
        "stop_sequence" => stop_sequence: Option<String>,
    }
}

/// The stop sequence that the model produced, if it was reported.
pub(super) fn stop_sequence(done: &Done) -> Option<String> {
    let fields: Option<AdditionalFields> =
        done.additional_model_response_fields.as_ref().and_then(|json| json.parse().ok());
    let told = fields.and_then(|fields| fields.delta?.stop_sequence);
    told.or_else(|| done.other.value("stop_sequence")?.parse().ok())
}

/// Appends what guardrails did, as Bedrock reports it in these dialects, each member after a comma.
pub(super) fn write_guardrail(done: &Done, out: &mut Vec<u8>) {
    if done.stop_reason == StopReason::GuardrailIntervened {
        out.extend_from_slice(br#","amazon-bedrock-guardrailAction":"INTERVENED""#);
    }
    if let Some(trace) = &done.trace {
        if let Ok(json) = Json::from_value(trace) {
            out.extend_from_slice(br#","amazon-bedrock-trace":"#);
            json_writer::raw(out, &json);
        }
    }
}
