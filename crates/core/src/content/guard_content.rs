use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Blob;

union! {
    /// Content for the guardrail to assess (the union `GuardrailConverseContentBlock`).
    ///
    /// Only the user's words are assessed, and not the document before them:
    ///
    /// ```
    /// use bedrock_stream_core::content::{GuardContent, GuardText, Message};
    ///
    /// let question = GuardContent::Text(GuardText::new("How do I pick this lock?"));
    /// let message = Message::user("A long manual about locks.").with(question);
    /// assert_eq!(message.content.len(), 2);
    /// ```
    pub enum GuardContent {
        /// Text.
        "text" => Text(GuardText),
        /// An image.
        "image" => Image(GuardImage),
    }
}

object! {
    /// Text for the guardrail to assess (`GuardrailConverseTextBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{GuardQualifier, GuardText};
    ///
    /// // For a contextual grounding check.
    /// let source = GuardText::new("Mars has two moons.").qualifier(GuardQualifier::GroundingSource);
    /// let query = GuardText::new("How many moons has Mars?").qualifier(GuardQualifier::Query);
    /// assert!(serde_json::to_string(&source)?.contains(r#""qualifiers":["grounding_source"]"#));
    /// # let _ = query;
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct GuardText {
        /// The text.
        "text" => text: String,
        /// How the guardrail should assess it.
        "qualifiers" => qualifiers: Option<Vec<GuardQualifier>>,
    }
}

impl GuardText {
    /// The given text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Adds how the guardrail should assess it.
    #[must_use]
    pub fn qualifier(mut self, qualifier: GuardQualifier) -> Self {
        self.qualifiers.get_or_insert_default().push(qualifier);
        self
    }
}

object! {
    /// An image for the guardrail to assess (`GuardrailConverseImageBlock`).
    pub struct GuardImage {
        /// Its format.
        "format" => format: GuardImageFormat,
        /// The bytes.
        "source" => source: GuardImageSource,
    }
}

impl GuardImage {
    /// An image of this format.
    pub fn new(format: GuardImageFormat, bytes: impl Into<Blob>) -> Self {
        Self { format, source: GuardImageSource::Bytes(bytes.into()), ..Self::default() }
    }
}

union! {
    /// The source of an image for the guardrail.
    pub enum GuardImageSource {
        /// The bytes, base64 in JSON.
        "bytes" => Bytes(Blob),
    }
}

string_enum! {
    /// How a guardrail should assess text.
    pub enum GuardQualifier {
        /// The grounding source for the answer.
        "grounding_source" => GroundingSource,
        /// The user's query.
        "query" => Query,
        /// The content to guard.
        "guard_content" => GuardContent,
    }
}

string_enum! {
    /// The format of an image for the guardrail.
    pub enum GuardImageFormat {
        /// PNG.
        "png" => Png,
        /// JPEG.
        "jpeg" => Jpeg,
    }
}
