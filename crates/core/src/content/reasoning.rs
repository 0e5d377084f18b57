use alloc::string::String;

use crate::json::Blob;

union! {
    /// The model's reasoning (the union `ReasoningContentBlock`).
    pub enum ReasoningBlock {
        /// Readable reasoning.
        "reasoningText" => Text(ReasoningText),
        /// Reasoning that only the provider can read.
        "redactedContent" => Redacted(Blob),
    }
}

object! {
    /// Readable reasoning (`ReasoningTextBlock`). It must be sent back unchanged; otherwise the provider rejects the
    /// signature.
    pub struct ReasoningText {
        /// The text.
        "text" => text: String,
        /// The signature with which the provider verifies the text.
        "signature" => signature: Option<String>,
    }
}

impl ReasoningText {
    /// Reasoning with this text and its signature, if it has one.
    pub fn new(text: impl Into<String>, signature: Option<String>) -> Self {
        Self { text: text.into(), signature, ..Self::default() }
    }
}
