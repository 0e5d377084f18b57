use alloc::string::String;

object! {
    /// A guardrail (`GuardrailStreamConfiguration`).
    pub struct GuardrailConfig {
        /// Its id or ARN.
        "guardrailIdentifier" => guardrail_identifier: Option<String>,
        /// Its version: a number, or `DRAFT`.
        "guardrailVersion" => guardrail_version: Option<String>,
        /// How much it tells of what it found.
        "trace" => trace: Option<GuardrailTraceMode>,
        /// Whether the answer waits for it; only for `ConverseStream`.
        "streamProcessingMode" => stream_processing_mode: Option<StreamProcessingMode>,
    }
}

impl GuardrailConfig {
    /// This version of this guardrail.
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
        /// Says how much it tells of what it found.
        trace: GuardrailTraceMode,
        /// Says whether the answer waits for it.
        stream_processing_mode: StreamProcessingMode,
    }
}

string_enum! {
    /// How much a guardrail tells of what it found (the enum `GuardrailTrace`).
    pub enum GuardrailTraceMode {
        /// What it acted on.
        "enabled" => Enabled,
        /// Nothing.
        "disabled" => Disabled,
        /// Everything.
        "enabled_full" => EnabledFull,
    }
}

string_enum! {
    /// Whether the answer waits for the guardrail.
    pub enum StreamProcessingMode {
        /// It does, piece by piece.
        "sync" => Sync,
        /// It does not: a violation may be told after its text.
        "async" => Async,
    }
}
