use alloc::string::String;

use super::cache_point::CachePointBlock;
use super::citations::CitationsBlock;
use super::document::DocumentBlock;
use super::guard_content::GuardContent;
use super::image::ImageBlock;
use super::media::{AudioBlock, VideoBlock};
use super::reasoning::ReasoningBlock;
use super::search_result::SearchResultBlock;
use super::tool_change::{ToolAdditionBlock, ToolRemovalBlock};
use super::tool_result::ToolResultBlock;
use super::tool_use::ToolUseBlock;

union! {
    /// One part of a message (the union `ContentBlock`).
    ///
    /// ```
    /// use bedrock_stream_core::content::{ContentBlock, ImageBlock, ImageFormat, Message};
    ///
    /// // Most blocks convert into it, texts too.
    /// let image = ImageBlock::new(ImageFormat::Png, b"\x89PNG..".to_vec());
    /// let message = Message::user("What is this?").with(image);
    /// assert!(matches!(&message.content[..], [ContentBlock::Text(_), ContentBlock::Image(_)]));
    ///
    /// // A kind of content that this version does not know is kept as it was sent.
    /// let json = r#"{"hologram":{"depth":3}}"#;
    /// let block: ContentBlock = serde_json::from_str(json)?;
    /// assert_eq!(serde_json::to_string(&block)?, json);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub enum ContentBlock {
        /// Text.
        "text" => Text(String),
        /// An image.
        "image" => Image(ImageBlock),
        /// A document.
        "document" => Document(DocumentBlock),
        /// A video.
        "video" => Video(VideoBlock),
        /// An audio clip.
        "audio" => Audio(AudioBlock),
        /// A tool call.
        "toolUse" => ToolUse(ToolUseBlock),
        /// The result of a tool call.
        "toolResult" => ToolResult(ToolResultBlock),
        /// Content for the guardrail to assess.
        "guardContent" => GuardContent(GuardContent),
        /// Everything before it may be cached.
        "cachePoint" => CachePoint(CachePointBlock),
        /// The model's reasoning.
        "reasoningContent" => Reasoning(ReasoningBlock),
        /// The model's text with its sources.
        "citationsContent" => Citations(CitationsBlock),
        /// A search result that the model may cite.
        "searchResult" => SearchResult(SearchResultBlock),
        /// A tool may be used from here on; only in a system message.
        "toolAddition" => ToolAddition(ToolAdditionBlock),
        /// A tool may no longer be used from here on; only in a system message.
        "toolRemoval" => ToolRemoval(ToolRemovalBlock),
    }
}

impl From<&str> for ContentBlock {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

macro_rules! from_blocks {
    ($($Block:ty => $Member:ident,)*) => {$(
        impl From<$Block> for ContentBlock {
            fn from(block: $Block) -> Self {
                Self::$Member(block)
            }
        }
    )*};
}
from_blocks! {
    String => Text,
    ImageBlock => Image,
    DocumentBlock => Document,
    VideoBlock => Video,
    AudioBlock => Audio,
    ToolUseBlock => ToolUse,
    ToolResultBlock => ToolResult,
    GuardContent => GuardContent,
    CachePointBlock => CachePoint,
    ReasoningBlock => Reasoning,
    CitationsBlock => Citations,
    SearchResultBlock => SearchResult,
    ToolAdditionBlock => ToolAddition,
    ToolRemovalBlock => ToolRemoval,
}
