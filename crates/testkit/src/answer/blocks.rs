//! The methods that add content blocks to an answer.

use bedrock_stream_core::content::Citation;
use bedrock_stream_core::converse::{BlockStart, Delta, Event, ReasoningDelta, ToolUseDelta};
use bedrock_stream_core::json::Json;

use super::answer::Answer;
use super::content::OpenBlock;
use super::text;
use crate::event;
use crate::rng::Rng;

impl Answer {
    /// Adds a block of reasoning, in deltas of about a token.
    pub fn reasoning(mut self, text: &str) -> Self {
        self.content.begin(OpenBlock::Reasoning);
        self.deltas(text::tokens(text).map(|piece| Delta::Reasoning(ReasoningDelta::Text(piece.to_owned()))))
    }

    /// Signs the reasoning before it, or a block of its own.
    pub fn signature(mut self, signature: impl Into<String>) -> Self {
        if self.content.open != Some(OpenBlock::Reasoning) {
            self.content.begin(OpenBlock::Reasoning);
        }
        self.delta(Delta::Reasoning(ReasoningDelta::Signature(signature.into())))
    }

    /// Adds a block of reasoning that only the provider can read.
    pub fn redacted(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.content.begin(OpenBlock::Reasoning);
        self.delta(Delta::Reasoning(ReasoningDelta::RedactedContent(bytes.into().into())))
    }

    /// Adds a block of text, in deltas of about a token.
    pub fn text(mut self, text: &str) -> Self {
        self.content.begin(OpenBlock::Text);
        self.deltas(text::tokens(text).map(|piece| Delta::Text(piece.to_owned())))
    }

    /// Adds a citation to the text before it, or to a block of its own.
    pub fn citation(mut self, citation: Citation) -> Self {
        if self.content.open != Some(OpenBlock::Text) {
            self.content.begin(OpenBlock::Text);
        }
        self.delta(Delta::Citation(Box::new(citation)))
    }

    /// Adds a tool call with a generated id: `tooluse_` and 22 characters. The arguments come in pieces of a few characters.
    pub fn tool(self, name: impl Into<String>, input: impl Into<Json>) -> Self {
        let id = Rng::new(u64::from(self.content.blocks)).tool_use_id();
        self.tool_with_id(id, name, input)
    }

    /// Adds a tool call with this id.
    pub fn tool_with_id(
        self,
        id: impl Into<String>,
        name: impl Into<String>,
        input: impl Into<Json>,
    ) -> Self {
        let input = input.into();
        self.tool_start(id, name)
            .deltas(text::fragments(input.as_str()).map(ToolUseDelta::new).map(Delta::from))
    }

    /// Starts a block with a `contentBlockStart`, for blocks without a method here; [`delta`](Self::delta) fills it.
    pub fn start(mut self, start: BlockStart) -> Self {
        self.content.begin(OpenBlock::Started);
        self.content.events.push(event::block_start(self.content.blocks - 1, start));
        self
    }

    /// Adds a delta to the block before it.
    pub fn delta(mut self, delta: Delta) -> Self {
        self.content.delta(delta);
        self
    }

    /// Adds any event, valid there or not. The block before it stays open.
    pub fn event(mut self, event: Event) -> Self {
        self.content.events.push(event);
        self
    }

    /// Starts a tool call with an empty delta, as Claude does.
    pub(super) fn tool_start(mut self, id: impl Into<String>, name: impl Into<String>) -> Self {
        self.content.begin(OpenBlock::Started);
        self.content.events.push(event::tool_start(self.content.blocks - 1, id, name));
        self.delta(ToolUseDelta::new("").into())
    }

    pub(super) fn reasoning_start(mut self) -> Self {
        self.content.begin(OpenBlock::Reasoning);
        self
    }

    pub(super) fn text_start(mut self) -> Self {
        self.content.begin(OpenBlock::Text);
        self
    }

    pub(super) fn deltas(self, deltas: impl IntoIterator<Item = Delta>) -> Self {
        deltas.into_iter().fold(self, Self::delta)
    }
}
