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

#[cfg(test)]
mod tests {
    use super::super::content::Content;
    use super::*;

    /// The words of Chat Completions, Responses and Messages for an answer without calls, whether the answer was cut off, and
    /// whether it is a failure, of which no word is written.
    ///
    /// The functions above need an arm for reasons to come, since `StopReason` is non-exhaustive, so the compiler does not ask
    /// for a decision about a new one. This table does. `docs/dialects.md` tells users the same.
    const DECIDED: [(StopReason, [&str; 3], bool, bool); 9] = [
        (StopReason::EndTurn, ["stop", "completed", "end_turn"], false, false),
        (StopReason::ToolUse, ["tool_calls", "completed", "tool_use"], false, false),
        (StopReason::MaxTokens, ["length", "max_output_tokens", "max_tokens"], true, false),
        (StopReason::StopSequence, ["stop", "completed", "stop_sequence"], false, false),
        (StopReason::GuardrailIntervened, ["content_filter", "content_filter", "refusal"], true, false),
        (StopReason::ContentFiltered, ["content_filter", "content_filter", "refusal"], true, false),
        (StopReason::MalformedModelOutput, ["stop", "completed", "end_turn"], false, true),
        (StopReason::MalformedToolUse, ["stop", "completed", "end_turn"], false, true),
        (
            StopReason::ModelContextWindowExceeded,
            ["length", "max_output_tokens", "model_context_window_exceeded"],
            true,
            false,
        ),
    ];

    #[test]
    fn every_known_stop_reason_has_a_word_decided_in_every_dialect() {
        for reason in StopReason::KNOWN {
            let decided = DECIDED.iter().find(|(decided, ..)| decided == reason);
            let (_, words, cut, failure) = decided.unwrap_or_else(|| {
                panic!("decide how each dialect writes {reason}, and add that to DECIDED")
            });
            let written = [
                finish_reason(reason, false),
                incomplete_reason(reason).unwrap_or("completed"),
                message_stop_reason(reason, false),
            ];
            assert_eq!(written, *words, "{reason}");
            assert_eq!(reason.is_cut_or_blocked(), *cut, "{reason}");
            let ends_well = ["stop", "completed", "end_turn"];
            assert!(
                !cut || !words.iter().any(|word| ends_well.contains(word)),
                "{reason} looks like a whole answer"
            );
            let verdict = Content::default().verdict(&Done::new(reason.clone()));
            assert_eq!(verdict.is_err(), *failure, "{reason}");
        }
    }

    /// A reason that became known has a variant; an arm for its word would never match again.
    #[test]
    fn no_word_of_an_unknown_stop_reason_is_known() {
        assert!(matches!(StopReason::from("pause_turn"), StopReason::Unknown(_)));
        assert_eq!(message_stop_reason(&StopReason::from("pause_turn"), false), "pause_turn");
    }
}
