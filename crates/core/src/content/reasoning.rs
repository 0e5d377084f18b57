use alloc::string::String;

use crate::json::Blob;

union! {
    /// The model's reasoning (the union `ReasoningContentBlock`).
    pub enum ReasoningBlock {
        /// In the open.
        "reasoningText" => Text(ReasoningText),
        /// Only the provider can read it.
        "redactedContent" => Redacted(Blob),
    }
}

object! {
    /// Reasoning in the open (`ReasoningTextBlock`). It goes back as it came, or the provider refuses the signature.
    pub struct ReasoningText {
        /// What the model thought.
        "text" => text: String,
        /// The provider's proof that the text is the model's.
        "signature" => signature: Option<String>,
    }
}

impl ReasoningText {
    /// This text with its signature, if it has one.
    pub fn new(text: impl Into<String>, signature: Option<String>) -> Self {
        Self { text: text.into(), signature, ..Self::default() }
    }
}
