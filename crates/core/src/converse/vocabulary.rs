//! The names that Bedrock sends and takes; every set may grow.

names! {
    /// Who a message is from.
    pub enum Role {
        /// The caller.
        "user" => User,
        /// The model.
        "assistant" => Assistant,
        /// Instructions in the middle of a conversation.
        "system" => System,
    }
}

names! {
    /// Why the model stopped.
    pub enum StopReason {
        /// The answer is complete.
        "end_turn" => EndTurn,
        /// The model wants a tool's result.
        "tool_use" => ToolUse,
        /// The limit of output tokens was reached.
        "max_tokens" => MaxTokens,
        /// A stop sequence of the request was produced.
        "stop_sequence" => StopSequence,
        /// A guardrail replaced the answer.
        "guardrail_intervened" => GuardrailIntervened,
        /// The provider's filter took content out.
        "content_filtered" => ContentFiltered,
        /// The model produced output that could not be read: a failure.
        "malformed_model_output" => MalformedModelOutput,
        /// The model produced a tool call that could not be read: a failure.
        "malformed_tool_use" => MalformedToolUse,
        /// The model's context window is full.
        "model_context_window_exceeded" => ModelContextWindowExceeded,
    }
}

names! {
    /// The format of an image.
    pub enum ImageFormat {
        /// PNG.
        "png" => Png,
        /// JPEG.
        "jpeg" => Jpeg,
        /// GIF.
        "gif" => Gif,
        /// WebP.
        "webp" => Webp,
    }
}

names! {
    /// How a tool call ended.
    pub enum ToolResultStatus {
        /// It worked.
        "success" => Success,
        /// It failed.
        "error" => Error,
    }
}

names! {
    /// What latency is paid for.
    pub enum Latency {
        /// The ordinary one.
        "standard" => Standard,
        /// The lower one, where the model has it.
        "optimized" => Optimized,
    }
}

names! {
    /// How the request is queued and priced.
    pub enum ServiceTierType {
        /// Ahead of the others.
        "priority" => Priority,
        /// As ever.
        "default" => Default,
        /// Cheaper and slower.
        "flex" => Flex,
        /// From reserved capacity.
        "reserved" => Reserved,
    }
}

names! {
    /// How long a cache entry lives.
    pub enum CacheTtl {
        /// Five minutes.
        "5m" => FiveMinutes,
        /// One hour.
        "1h" => OneHour,
    }
}
