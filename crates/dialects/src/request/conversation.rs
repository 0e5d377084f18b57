use alloc::vec::Vec;

use bedrock_stream_core::content::{CachePointBlock, ContentBlock, Message, Role, ToolResultBlock};

use super::path::Path;

/// The messages of a conversation: user and assistant take turns, whatever the client's messages were, and a turn has content.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    turns: Vec<Turn>,
}

#[derive(Debug)]
struct Turn {
    role: Role,
    blocks: Vec<(ContentBlock, Path)>,
}

impl Conversation {
    /// Adds a block of a role's at the end. `path`: where it is in the client's request.
    pub(super) fn push(&mut self, role: &Role, block: impl Into<ContentBlock>, path: &Path) {
        let block = (block.into(), path.clone());
        match self.turns.last_mut() {
            Some(last) if last.role == *role => last.blocks.push(block),
            _ => self.turns.push(Turn { role: role.clone(), blocks: [block].into() }),
        }
    }

    /// Adds a cache point after the role's last block, unless there is none or it already has one.
    pub(super) fn push_cache_point(&mut self, role: &Role, point: CachePointBlock, path: &Path) {
        let last = self.turns.last().filter(|turn| turn.role == *role);
        let last = last.and_then(|turn| turn.blocks.last());
        if last.is_some_and(|(block, _)| !matches!(block, ContentBlock::CachePoint(_))) {
            self.push(role, point, path);
        }
    }

    /// The role that spoke last.
    pub(super) fn last_role(&self) -> Option<&Role> {
        self.turns.last().map(|turn| &turn.role)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// The blocks of all turns.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &ContentBlock> {
        self.turns.iter().flat_map(|turn| &turn.blocks).map(|(block, _)| block)
    }

    /// The messages, and where each of their blocks is in the client's request.
    ///
    /// Tool results come first in their message, as Claude wants them, and an answer that the model is to continue does not end
    /// in white space, which Claude refuses.
    pub(super) fn finish(mut self) -> (Vec<Message>, Vec<Vec<Path>>) {
        self.trim_last_answer();
        let turns = self.turns.into_iter().map(|turn| {
            let blocks = results_first(turn.blocks);
            let (blocks, paths): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
            (Message::new(turn.role, blocks), paths)
        });
        turns.unzip()
    }

    fn trim_last_answer(&mut self) {
        let Some(turn) = self.turns.last_mut().filter(|turn| turn.role == Role::Assistant) else { return };
        let mut said =
            turn.blocks.iter_mut().rev().filter(|(block, _)| !matches!(block, ContentBlock::CachePoint(_)));
        if let Some((ContentBlock::Text(text), _)) = said.next() {
            text.truncate(text.trim_end().len());
        }
    }
}

/// Moves tool results to the front, each with the cache point after it.
fn results_first(blocks: Vec<(ContentBlock, Path)>) -> Vec<(ContentBlock, Path)> {
    let (mut results, mut others) = (Vec::new(), Vec::new());
    let mut is_result = false;
    for block in blocks {
        match &block.0 {
            ContentBlock::CachePoint(_) => {}
            ContentBlock::ToolResult(ToolResultBlock { .. }) => is_result = true,
            _ => is_result = false,
        }
        if is_result { results.push(block) } else { others.push(block) }
    }
    results.append(&mut others);
    results
}
