use alloc::string::String;

use crate::json::Blob;

union! {
    /// The model's reasoning (the union `ReasoningContentBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::answer::Response;
    /// use bedrock_stream_core::content::{ContentBlock, ReasoningBlock};
    ///
    /// /// What may be shown of the model's thoughts.
    /// fn thoughts(response: &Response) -> String {
    ///     let texts = response.content().iter().filter_map(|block| match block {
    ///         ContentBlock::Reasoning(ReasoningBlock::Text(reasoning)) => Some(&*reasoning.text),
    ///         _ => None,
    ///     });
    ///     texts.collect()
    /// }
    ///
    /// let response: Response = serde_json::from_str(
    ///     r#"{"output":{"message":{"role":"assistant","content":[
    ///         {"reasoningContent":{"reasoningText":{"text":"They greet me.","signature":"c2lnbmVk"}}},
    ///         {"text":"Hello."}]}}}"#,
    /// )?;
    /// assert_eq!(thoughts(&response), "They greet me.");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
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
