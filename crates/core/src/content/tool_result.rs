use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::document::DocumentBlock;
use super::image::ImageBlock;
use super::media::VideoBlock;
use super::search_result::SearchResultBlock;
use crate::json::Json;

object! {
    /// The result of a tool call (`ToolResultBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::ToolResultBlock;
    /// use serde_json::json;
    ///
    /// let result = ToolResultBlock::new("tooluse_1", json!({"degrees": 21})).with("Sunny.");
    /// let failure = ToolResultBlock::error("tooluse_2", "There is no such city.");
    /// assert_eq!((result.content.len(), failure.content.len()), (2, 1));
    /// ```
    pub struct ToolResultBlock {
        /// The id of the call it answers.
        "toolUseId" => tool_use_id: String,
        /// What the tool returned.
        "content" => content: Vec<ToolResultContent>,
        /// Whether the tool succeeded.
        "status" => status: Option<ToolResultStatus>,
        /// What kind of result it is, for a tool that Bedrock ran, such as `nova_grounding_result`.
        "type" => kind: Option<String>,
    }
}

impl ToolResultBlock {
    /// A successful result for this call.
    pub fn new(tool_use_id: impl Into<String>, content: impl Into<ToolResultContent>) -> Self {
        Self { tool_use_id: tool_use_id.into(), content: vec![content.into()], ..Self::default() }
    }

    /// A failed result for this call, with a message for the model.
    pub fn error(tool_use_id: impl Into<String>, content: impl Into<ToolResultContent>) -> Self {
        Self::new(tool_use_id, content).status(ToolResultStatus::Error)
    }

    /// Adds a part at the end.
    #[must_use]
    pub fn with(mut self, content: impl Into<ToolResultContent>) -> Self {
        self.content.push(content.into());
        self
    }
}

setters! {
    ToolResultBlock {
        /// Sets whether the tool succeeded.
        status: ToolResultStatus,
        /// Sets what kind of result it is.
        kind: impl Into<String>,
    }
}

union! {
    /// One part of a tool's result (the union `ToolResultContentBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{ToolResultBlock, ToolResultContent};
    /// use serde_json::json;
    ///
    /// let result = ToolResultBlock::new("tooluse_1", json!({"degrees": 21})).with("Sunny.");
    /// assert!(matches!(&result.content[..], [ToolResultContent::Json(_), ToolResultContent::Text(_)]));
    /// ```
    pub enum ToolResultContent {
        /// JSON; for most models it must be an object.
        "json" => Json(Json),
        /// Text.
        "text" => Text(String),
        /// An image.
        "image" => Image(ImageBlock),
        /// A document.
        "document" => Document(DocumentBlock),
        /// A video.
        "video" => Video(VideoBlock),
        /// A search result that the model may cite.
        "searchResult" => SearchResult(SearchResultBlock),
    }
}

impl From<&str> for ToolResultContent {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<serde_json::Value> for ToolResultContent {
    fn from(value: serde_json::Value) -> Self {
        Self::Json(value.into())
    }
}

macro_rules! from_parts {
    ($($Part:ty => $Member:ident,)*) => {$(
        impl From<$Part> for ToolResultContent {
            fn from(part: $Part) -> Self {
                Self::$Member(part)
            }
        }
    )*};
}
from_parts! {
    Json => Json,
    String => Text,
    ImageBlock => Image,
    DocumentBlock => Document,
    VideoBlock => Video,
    SearchResultBlock => SearchResult,
}

string_enum! {
    /// Whether a tool succeeded.
    ///
    /// ```
    /// use bedrock_stream_core::content::{ToolResultBlock, ToolResultStatus};
    ///
    /// let failure = ToolResultBlock::error("tooluse_1", "There is no such city.");
    /// assert_eq!(failure.status, Some(ToolResultStatus::Error));
    /// ```
    pub enum ToolResultStatus {
        /// It succeeded.
        "success" => Success,
        /// It failed.
        "error" => Error,
    }
}

union! {
    /// A piece of a tool's result (`ToolResultBlockDelta`).
    pub enum ToolResultDelta {
        /// Text.
        "text" => Text(String),
        /// JSON.
        "json" => Json(Json),
    }
}
