string_enum! {
    /// Why the model stopped, which is another question than whether its answer is complete: [`Done`](super::Done) comes
    /// with each of these, and proves that nothing that was sent is missing.
    ///
    /// ```
    /// use bedrock_stream_core::answer::StopReason;
    ///
    /// assert_eq!(StopReason::ToolUse.as_str(), "tool_use");
    /// // A reason that this version does not know is kept.
    /// let new: StopReason = serde_json::from_str(r#""bored""#)?;
    /// assert_eq!(new.as_str(), "bored");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum StopReason {
        /// The model finished.
        "end_turn" => EndTurn,
        /// The model wants a tool's result.
        "tool_use" => ToolUse,
        /// The limit of output tokens was reached, so the model did not finish.
        "max_tokens" => MaxTokens,
        /// The model produced a stop sequence of the request.
        "stop_sequence" => StopSequence,
        /// A guardrail replaced the answer.
        "guardrail_intervened" => GuardrailIntervened,
        /// The provider's filter removed content.
        "content_filtered" => ContentFiltered,
        /// The model produced output that could not be read: a failure.
        "malformed_model_output" => MalformedModelOutput,
        /// The model produced a tool call that could not be read: a failure.
        "malformed_tool_use" => MalformedToolUse,
        /// The model's context window is full, so the model did not finish.
        "model_context_window_exceeded" => ModelContextWindowExceeded,
    }
}

/// Each of the reasons above is exactly one of [`is_finished`](Self::is_finished), [`is_cut_or_blocked`](Self::is_cut_or_blocked)
/// and [`is_malformed`](Self::is_malformed); one that this version does not know is none of them.
impl StopReason {
    /// Whether the model said all that it had to say: the answer can be used, and `ToolUse` waits for the results of its calls.
    ///
    /// ```
    /// use bedrock_stream_core::answer::StopReason;
    ///
    /// assert!(StopReason::EndTurn.is_finished() && StopReason::ToolUse.is_finished());
    /// assert!(!StopReason::MaxTokens.is_finished());
    /// assert!(!StopReason::from("bored").is_finished());
    /// ```
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        matches!(self, Self::EndTurn | Self::StopSequence | Self::ToolUse)
    }

    /// Whether less arrived than the model had to say: a limit cut the answer off, or a guardrail or the provider's filter took
    /// content from it.
    ///
    /// ```
    /// use bedrock_stream_core::answer::StopReason;
    ///
    /// assert!(StopReason::MaxTokens.is_cut_or_blocked());
    /// assert!(!StopReason::EndTurn.is_cut_or_blocked());
    /// ```
    #[must_use]
    pub const fn is_cut_or_blocked(&self) -> bool {
        matches!(
            self,
            Self::MaxTokens
                | Self::ModelContextWindowExceeded
                | Self::GuardrailIntervened
                | Self::ContentFiltered
        )
    }

    /// Whether the model failed: it produced output, or a tool call, that could not be read.
    ///
    /// ```
    /// use bedrock_stream_core::answer::StopReason;
    ///
    /// assert!(StopReason::MalformedToolUse.is_malformed());
    /// assert!(!StopReason::ToolUse.is_malformed());
    /// ```
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(self, Self::MalformedModelOutput | Self::MalformedToolUse)
    }
}

#[cfg(test)]
mod tests {
    use super::StopReason;

    #[test]
    fn each_known_reason_is_of_one_sort_and_an_unknown_one_of_none() {
        let sorts = |reason: &StopReason| {
            [reason.is_finished(), reason.is_cut_or_blocked(), reason.is_malformed()]
                .into_iter()
                .filter(|is_of_sort| *is_of_sort)
                .count()
        };
        for reason in StopReason::KNOWN {
            assert_eq!(sorts(reason), 1, "decide what {reason} says about the answer");
        }
        assert_eq!(sorts(&StopReason::from("bored")), 0);
    }
}
