use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::chunk::Chunk;
use super::chunk_ref::ChunkRef;
use super::done::Done;
use super::incomplete_response::IncompleteResponse;
use super::response::Response;
use super::stop_reason::StopReason;
use crate::content::{
    CUSTOM_TOOL_CALL, Citation, CitationGeneratedContent, CitationsBlock, ContentBlock, ImageBlock,
    ImageDelta, MediaSource, Message, ReasoningBlock, ReasoningText, Role, ToolInput, ToolResultBlock,
    ToolResultContent, ToolResultDelta, ToolUseBlock,
};
use crate::json::Blob;

/// Assembles an answer from its chunks, in linear time.
///
/// [`finish`](Self::finish) gives the answer only if it is complete and no event of it was skipped. What has come can be read at any time, even after an error:
/// [`response`](Self::response) is the answer received so far, and [`open_blocks`](Self::open_blocks) lists the content blocks that may lack their end.
///
/// The blocks are in the order of their indices, without gaps. A block with a citation becomes citations content. A
/// block that contains only empty text is omitted.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, ResponseBuilder};
///
/// let mut answer = ResponseBuilder::new();
/// answer.push(&Chunk::text(0, "Hel"));
/// answer.push(&Chunk::text(0, "lo"));
/// assert_eq!(answer.response().text(), "Hello");
/// assert!(!answer.is_complete(), "`Done` has not come");
/// ```
#[derive(Clone, Debug, Default)]
pub struct ResponseBuilder {
    role: Option<Role>,
    blocks: Vec<Block>,
    /// The positions of the open blocks in `blocks`, by index and kind of content.
    open: BTreeMap<(u32, ContentKind), usize>,
    stop_reason: Option<StopReason>,
    done: Option<Box<Done>>,
    /// What a broken stream had reported about how the answer ends.
    ending: Option<Box<Done>>,
}

#[derive(Clone, Debug)]
struct Block {
    index: u32,
    content: Content,
}

/// Content that can be joined in one block. An index with two kinds of content makes two blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ContentKind {
    Text,
    Reasoning,
    Redacted,
    ToolCall,
    ToolResult,
    Image,
}

#[derive(Clone, Debug)]
enum Content {
    Text {
        text: String,
        citations: Vec<Citation>,
    },
    Reasoning {
        text: String,
        signature: Option<String>,
    },
    Redacted(Vec<u8>),
    ToolCall {
        call: ToolUseBlock,
        arguments: String,
        /// Whether a piece of the arguments may be missing.
        has_loss: bool,
    },
    ToolResult(ToolResultBlock),
    Image(ImageBlock),
}

impl ResponseBuilder {
    /// A builder for a new answer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next chunk, whose text may be borrowed.
    pub fn push_ref(&mut self, chunk: &ChunkRef<'_>) {
        match chunk {
            ChunkRef::Text { block, text } => self.add_text(*block, text),
            ChunkRef::Reasoning { block, text } => self.add_reasoning(*block, text),
            ChunkRef::ToolCallDelta { block, arguments_delta, .. } => {
                self.add_arguments(*block, arguments_delta);
            }
            ChunkRef::Owned(chunk) => self.push(chunk),
        }
    }

    /// Adds the next chunk.
    pub fn push(&mut self, chunk: &Chunk) {
        match chunk {
            Chunk::Start { role } => self.role = Some(role.clone()),
            Chunk::Text { block, text } => self.add_text(*block, text),
            Chunk::Citation { block, citation } => {
                if let Content::Text { citations, .. } = self.block(*block, ContentKind::Text) {
                    citations.push(Citation::clone(citation));
                }
            }
            Chunk::Reasoning { block, text } => self.add_reasoning(*block, text),
            Chunk::ReasoningSignature { block, signature } => {
                if let Content::Reasoning { signature: joined, .. } =
                    self.block(*block, ContentKind::Reasoning)
                {
                    joined.get_or_insert_default().push_str(signature);
                }
            }
            Chunk::ReasoningRedacted { block, data } => {
                if let Content::Redacted(joined) = self.block(*block, ContentKind::Redacted) {
                    joined.extend_from_slice(data.as_ref());
                }
            }
            Chunk::ToolCallStart { block, id, name, kind } => {
                if let Content::ToolCall { call, .. } = self.block(*block, ContentKind::ToolCall) {
                    call.tool_use_id = String::from(&**id);
                    call.name = String::from(&**name);
                    call.kind.clone_from(kind);
                }
            }
            Chunk::ToolCallDelta { block, arguments_delta, .. } => {
                self.add_arguments(*block, arguments_delta);
            }
            Chunk::ToolCallEnd { block, input, .. } => {
                if let Content::ToolCall { call, arguments, .. } = self.block(*block, ContentKind::ToolCall) {
                    call.input = input.clone();
                    *arguments = String::new();
                }
                self.close(*block);
            }
            Chunk::ToolResultStart { block, id, kind, status } => {
                if let Content::ToolResult(result) = self.block(*block, ContentKind::ToolResult) {
                    result.tool_use_id = String::from(&**id);
                    result.kind.clone_from(kind);
                    result.status.clone_from(status);
                }
            }
            Chunk::ToolResult { block, content, .. } => {
                if let Content::ToolResult(result) = self.block(*block, ContentKind::ToolResult) {
                    for delta in content {
                        push_tool_result(delta, &mut result.content);
                    }
                }
            }
            Chunk::ImageStart { block, format } => {
                if let Content::Image(image) = self.block(*block, ContentKind::Image) {
                    image.format.clone_from(format);
                }
            }
            Chunk::Image { block, image: delta } => {
                if let Content::Image(image) = self.block(*block, ContentKind::Image) {
                    merge_image(image, delta);
                }
            }
            Chunk::BlockEnd { block } => self.close(*block),
            Chunk::Done(done) => self.done = Some(done.clone()),
            Chunk::Stop { stop_reason } => self.stop_reason = Some(stop_reason.clone()),
            Chunk::BlockStart { .. } | Chunk::Unknown { .. } => {}
        }
    }

    /// Records that an event was skipped here, so any open tool call may lack a piece of its arguments. This matters
    /// only if the stream breaks before the call's last chunk, which is more exact.
    pub fn skip(&mut self) {
        for &position in self.open.values() {
            if let Content::ToolCall { has_loss, .. } = &mut self.blocks[position].content {
                *has_loss = true;
            }
        }
    }

    /// Adds what a broken stream had reported about how the answer ends, as returned by `ChunkDecoder::ending`. That
    /// does not make the answer complete.
    pub fn set_ending(&mut self, ending: Done) {
        self.ending = Some(Box::new(ending));
    }

    /// The answer received so far.
    #[must_use]
    pub fn response(&self) -> Response {
        self.clone().into_partial()
    }

    /// The answer, which is complete: [`Chunk::Done`] has come, and no event was skipped on the way.
    ///
    /// A program may read on after an error that [is not final](super::Error::is_final). The answer can then end in `Done`
    /// and still lack what the skipped event said, such as a whole tool call; its stop reason is `tool_use` nevertheless. So
    /// this fails as `collect()` of the clients does. [`into_partial`](Self::into_partial) is the answer without what is missing.
    ///
    /// ```
    /// use bedrock_stream_core::answer::{Chunk, Done, ResponseBuilder, StopReason};
    ///
    /// let mut answer = ResponseBuilder::new();
    /// answer.push(&Chunk::text(0, "Hello"));
    /// // The stream may have broken here.
    /// let error = answer.clone().finish().unwrap_err();
    /// assert_eq!(error.partial.text(), "Hello");
    ///
    /// answer.push(&Chunk::Done(Box::new(Done::new(StopReason::EndTurn))));
    /// assert_eq!(answer.finish()?.text(), "Hello");
    /// # Ok::<(), bedrock_stream_core::answer::IncompleteResponse>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`IncompleteResponse`], which contains what has come, and how many events were skipped
    /// ([`Done::skipped_events`]).
    pub fn finish(self) -> Result<Response, IncompleteResponse> {
        let skipped_events = match &self.done {
            Some(done) if done.skipped_events == 0 => return Ok(self.into_partial()),
            Some(done) => done.skipped_events,
            None => 0,
        };
        let open_blocks = self.open_blocks();
        Err(IncompleteResponse { partial: Box::new(self.into_partial()), open_blocks, skipped_events })
    }

    /// The answer received so far, complete or not.
    #[must_use]
    pub fn into_partial(self) -> Response {
        let Self { role, mut blocks, open, stop_reason, done, ending } = self;
        for &position in open.values() {
            if let Content::ToolCall { call, arguments, has_loss } = &mut blocks[position].content {
                let text = core::mem::take(arguments);
                call.input = if *has_loss {
                    ToolInput::Malformed { text }
                } else if call.kind.as_deref() == Some(CUSTOM_TOOL_CALL) {
                    ToolInput::Truncated { text }
                } else {
                    ToolInput::from_arguments(text, false)
                };
            }
        }
        // The sort is stable, so what arrived first under an index stays first.
        blocks.sort_by_key(|block| block.index);
        let content = blocks.into_iter().filter_map(|block| block.content.finish()).collect();
        let role = role.unwrap_or(Role::Assistant);
        let message = Message { role, content, ..Message::default() };
        let mut response = Response::from(message);
        let known = |reason: &StopReason| !reason.as_str().is_empty();
        response.stop_reason = stop_reason.filter(known);
        if let Some(done) = done.or(ending) {
            response.stop_reason = Some(done.stop_reason).filter(known);
            response.usage = done.usage;
            response.metrics = done.metrics;
            response.additional_model_response_fields = done.additional_model_response_fields;
            response.trace = done.trace;
            response.performance_config = done.performance_config;
            response.service_tier = done.service_tier;
            response.other = done.other;
        }
        response
    }

    /// Whether [`Chunk::Done`] has come. Events may have been skipped before it: see [`finish`](Self::finish).
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.done.is_some()
    }

    /// The indices of the content blocks that have begun and not ended.
    #[must_use]
    pub fn open_blocks(&self) -> Vec<u32> {
        let mut indices: Vec<u32> = self.open.keys().map(|&(index, _)| index).collect();
        indices.dedup();
        indices
    }

    fn add_text(&mut self, block: u32, text: &str) {
        if let Content::Text { text: joined, .. } = self.block(block, ContentKind::Text) {
            joined.push_str(text);
        }
    }

    fn add_reasoning(&mut self, block: u32, text: &str) {
        if let Content::Reasoning { text: joined, .. } = self.block(block, ContentKind::Reasoning) {
            joined.push_str(text);
        }
    }

    fn add_arguments(&mut self, block: u32, delta: &str) {
        if let Content::ToolCall { arguments, .. } = self.block(block, ContentKind::ToolCall) {
            arguments.push_str(delta);
        }
    }

    /// The open block with that index and kind; opens one if there is none.
    fn block(&mut self, index: u32, kind: ContentKind) -> &mut Content {
        let next = self.blocks.len();
        let position = *self.open.entry((index, kind)).or_insert(next);
        if position == next {
            self.blocks.push(Block { index, content: Content::new(kind) });
        }
        &mut self.blocks[position].content
    }

    fn close(&mut self, index: u32) {
        for kind in [
            ContentKind::Text,
            ContentKind::Reasoning,
            ContentKind::Redacted,
            ContentKind::ToolCall,
            ContentKind::ToolResult,
            ContentKind::Image,
        ] {
            self.open.remove(&(index, kind));
        }
    }
}

impl<'a> Extend<&'a Chunk> for ResponseBuilder {
    fn extend<T: IntoIterator<Item = &'a Chunk>>(&mut self, chunks: T) {
        chunks.into_iter().for_each(|chunk| self.push(chunk));
    }
}

impl Content {
    fn new(kind: ContentKind) -> Self {
        match kind {
            ContentKind::Text => Self::Text { text: String::new(), citations: Vec::new() },
            ContentKind::Reasoning => Self::Reasoning { text: String::new(), signature: None },
            ContentKind::Redacted => Self::Redacted(Vec::new()),
            ContentKind::ToolCall => {
                Self::ToolCall { call: ToolUseBlock::default(), arguments: String::new(), has_loss: false }
            }
            ContentKind::ToolResult => Self::ToolResult(ToolResultBlock::default()),
            ContentKind::Image => Self::Image(ImageBlock::default()),
        }
    }

    fn finish(self) -> Option<ContentBlock> {
        Some(match self {
            Self::Text { text, citations } if citations.is_empty() => {
                if text.is_empty() {
                    return None;
                }
                ContentBlock::Text(text)
            }
            Self::Text { text, citations } => {
                let content = (!text.is_empty()).then(|| vec![CitationGeneratedContent::Text(text)]);
                let citations = Some(citations);
                ContentBlock::Citations(CitationsBlock { content, citations, ..CitationsBlock::default() })
            }
            Self::Reasoning { text, signature } => {
                ContentBlock::Reasoning(ReasoningBlock::Text(ReasoningText::new(text, signature)))
            }
            Self::Redacted(bytes) => ContentBlock::Reasoning(ReasoningBlock::Redacted(Blob(bytes))),
            Self::ToolCall { call, .. } => ContentBlock::ToolUse(call),
            Self::ToolResult(result) => ContentBlock::ToolResult(result),
            Self::Image(image) => ContentBlock::Image(image),
        })
    }
}

fn push_tool_result(delta: &ToolResultDelta, content: &mut Vec<ToolResultContent>) {
    content.push(match delta {
        ToolResultDelta::Text(text) => ToolResultContent::Text(text.clone()),
        ToolResultDelta::Json(json) => ToolResultContent::Json(json.clone()),
        ToolResultDelta::Unknown(member) => ToolResultContent::Unknown(member.clone()),
        ToolResultDelta::Members(members) => {
            return members.iter().for_each(|member| push_tool_result(member, content));
        }
    });
}

/// Bytes are joined; for everything else, the last value counts.
fn merge_image(image: &mut ImageBlock, delta: &ImageDelta) {
    for source in delta.source.iter().flat_map(MediaSource::members) {
        match (&mut image.source, source) {
            (Some(MediaSource::Bytes(Blob(bytes))), MediaSource::Bytes(Blob(more))) => {
                bytes.extend_from_slice(more);
            }
            (kept, source) => *kept = Some(source.clone()),
        }
    }
    if delta.error.is_some() {
        image.error.clone_from(&delta.error);
    }
}
