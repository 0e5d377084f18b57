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
