use alloc::string::String;
use alloc::sync::Arc;

use super::chunk::Chunk;

/// A [`Chunk`] whose text is borrowed from the decoder: the form for programs that write each piece on at once, such as
/// a gateway. Nearly all of an answer's chunks are pieces of text, and these need no allocation.
///
/// See [`Decode::next_with`](super::Decode::next_with).
///
/// ```
/// use bedrock_stream_core::converse::{ChunkDecoder, Event, EventEncoder};
///
/// let mut bytes = Vec::new();
/// let event = r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hi"}}}"#;
/// EventEncoder::new().encode(&serde_json::from_str::<Event>(event)?, &mut bytes)?;
///
/// let (mut decoder, mut input, mut all) = (ChunkDecoder::new(), &*bytes, String::new());
/// while let Some(()) =
///     decoder.next_with(&mut input, |chunk| all.push_str(chunk.as_text().unwrap_or_default()))?
/// {}
/// assert_eq!(all, "Hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChunkRef<'a> {
    /// [`Chunk::Text`].
    #[non_exhaustive]
    Text {
        /// The block.
        block: u32,
        /// The piece.
        text: &'a str,
    },
    /// [`Chunk::Reasoning`].
    #[non_exhaustive]
    Reasoning {
        /// The block.
        block: u32,
        /// The piece.
        text: &'a str,
    },
    /// [`Chunk::ToolCallDelta`].
    #[non_exhaustive]
    ToolCallDelta {
        /// The block.
        block: u32,
        /// The call's id.
        id: &'a Arc<str>,
        /// The next characters of the arguments' JSON text.
        arguments_delta: &'a str,
    },
    /// Any other chunk. It may also be one of the three kinds above: the first of its block, one whose long text keeps the
    /// buffer that it arrived in, or any of a decoder that lends no text.
    Owned(Chunk),
}

/// One constructor per borrowed variant, as [`Chunk`] has them.
impl<'a> ChunkRef<'a> {
    /// A piece of text.
    #[must_use]
    pub const fn text(block: u32, text: &'a str) -> Self {
        Self::Text { block, text }
    }

    /// A piece of reasoning.
    #[must_use]
    pub const fn reasoning(block: u32, text: &'a str) -> Self {
        Self::Reasoning { block, text }
    }

    /// A piece of a tool call's arguments.
    #[must_use]
    pub const fn tool_call_delta(block: u32, id: &'a Arc<str>, arguments_delta: &'a str) -> Self {
        Self::ToolCallDelta { block, id, arguments_delta }
    }
}

impl ChunkRef<'_> {
    /// The piece of text in a [`Chunk::Text`], borrowed or not. `None` for every other chunk.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            Self::Owned(chunk) => chunk.as_text(),
            _ => None,
        }
    }

    /// The same chunk with its own text.
    #[inline]
    #[must_use]
    pub fn into_chunk(self) -> Chunk {
        match self {
            Self::Text { block, text } => Chunk::Text { block, text: String::from(text) },
            Self::Reasoning { block, text } => Chunk::Reasoning { block, text: String::from(text) },
            Self::ToolCallDelta { block, id, arguments_delta } => Chunk::ToolCallDelta {
                block,
                id: Arc::clone(id),
                arguments_delta: String::from(arguments_delta),
            },
            Self::Owned(chunk) => chunk,
        }
    }
}

/// The same chunk: a piece of text is borrowed, any other chunk is cloned.
impl<'a> From<&'a Chunk> for ChunkRef<'a> {
    fn from(chunk: &'a Chunk) -> Self {
        match chunk {
            Chunk::Text { block, text } => Self::text(*block, text),
            Chunk::Reasoning { block, text } => Self::reasoning(*block, text),
            Chunk::ToolCallDelta { block, id, arguments_delta } => {
                Self::tool_call_delta(*block, id, arguments_delta)
            }
            chunk => Self::Owned(chunk.clone()),
        }
    }
}
