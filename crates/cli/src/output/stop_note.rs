use bedrock_stream_core::answer::StopReason;

/// What a reader of the answer's text has to know of why it stopped. The text alone does not show that it is only a part.
pub(super) fn stop_note(reason: &StopReason) -> Option<String> {
    let what = match reason {
        reason if reason.is_finished() || reason.as_str().is_empty() => return None,
        StopReason::MaxTokens => "the answer was cut off at the limit of its tokens",
        StopReason::ModelContextWindowExceeded => {
            "the answer was cut off where the model's context window was full"
        }
        StopReason::GuardrailIntervened => "a guardrail blocked or changed the answer",
        StopReason::ContentFiltered => "a filter of the model's provider took content from the answer",
        reason if reason.is_malformed() => "the model's output could not be read",
        _ => "the answer stopped for a reason that this version does not know",
    };
    Some(format!("bedrock-stream: {what} ({reason})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_finished_answer_needs_no_note() {
        for reason in StopReason::KNOWN {
            let note = stop_note(reason);
            assert_eq!(note.is_none(), reason.is_finished(), "{reason}");
            let says_it = |note: String| note.ends_with(&format!("({reason})")) && !note.contains("not know");
            assert!(note.is_none_or(says_it), "say what {reason} means for the answer's text");
        }
        assert!(stop_note(&StopReason::from("bored")).unwrap().ends_with("does not know (bored)"));
        assert_eq!(stop_note(&StopReason::from("")), None);
    }
}
