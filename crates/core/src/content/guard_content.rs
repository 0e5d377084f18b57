use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Blob;

union! {
    /// Content for the guardrail to look at (the union `GuardrailConverseContentBlock`).
    pub enum GuardContent {
        /// Text.
        "text" => Text(GuardText),
        /// An image.
        "image" => Image(GuardImage),
    }
}

object! {
    /// Text for the guardrail to look at (`GuardrailConverseTextBlock`).
    pub struct GuardText {
        /// The text.
        "text" => text: String,
        /// What the guardrail should take it for.
        "qualifiers" => qualifiers: Option<Vec<GuardQualifier>>,
    }
}

impl GuardText {
    /// This text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Adds what the guardrail should take it for.
    #[must_use]
    pub fn qualifier(mut self, qualifier: GuardQualifier) -> Self {
        self.qualifiers.get_or_insert_default().push(qualifier);
        self
    }
}

object! {
    /// An image for the guardrail to look at (`GuardrailConverseImageBlock`).
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
    /// Where an image for the guardrail is.
    pub enum GuardImageSource {
        /// Here, base64 in JSON.
        "bytes" => Bytes(Blob),
    }
}

string_enum! {
    /// What a guardrail should take text for.
    pub enum GuardQualifier {
        /// The source that the answer must be grounded in.
        "grounding_source" => GroundingSource,
        /// The question.
        "query" => Query,
        /// What is to be guarded.
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
