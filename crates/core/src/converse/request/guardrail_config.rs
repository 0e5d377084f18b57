use alloc::string::String;

object! {
    /// A guardrail (`GuardrailStreamConfiguration`).
    ///
    /// ```
    /// use bedrock_stream_core::converse::{GuardrailConfig, Request};
    ///
    /// let request = Request::new().user("Hello").guardrail(GuardrailConfig::new("gr1a2b3c", "1"));
    /// assert!(request.guardrail_config.is_some());
    /// ```
    pub struct GuardrailConfig {
        /// Its id or ARN.
        "guardrailIdentifier" => guardrail_identifier: Option<String>,
        /// Its version: a number, or `DRAFT`.
        "guardrailVersion" => guardrail_version: Option<String>,
        /// How much of its assessment is returned.
        "trace" => trace: Option<GuardrailTraceMode>,
        /// Whether the stream waits for it; only for `ConverseStream`.
        "streamProcessingMode" => stream_processing_mode: Option<StreamProcessingMode>,
    }
}

impl GuardrailConfig {
    /// A guardrail in this version.
    pub fn new(guardrail_identifier: impl Into<String>, guardrail_version: impl Into<String>) -> Self {
        Self {
            guardrail_identifier: Some(guardrail_identifier.into()),
            guardrail_version: Some(guardrail_version.into()),
            ..Self::default()
        }
    }
}

setters! {
    GuardrailConfig {
        /// Sets how much of its assessment is returned.
        trace: GuardrailTraceMode,
        /// Sets whether the stream waits for it.
        stream_processing_mode: StreamProcessingMode,
    }
}

string_enum! {
    /// How much of a guardrail's assessment is returned (the enum `GuardrailTrace`).
    pub enum GuardrailTraceMode {
        /// What it intervened on.
        "enabled" => Enabled,
        /// Nothing.
        "disabled" => Disabled,
        /// Everything.
        "enabled_full" => EnabledFull,
    }
}

string_enum! {
    /// Whether the stream waits for the guardrail.
    pub enum StreamProcessingMode {
        /// Each piece is assessed before it is sent.
        "sync" => Sync,
        /// Pieces are sent at once, so a violation may be reported after its text.
        "async" => Async,
    }
}
