use alloc::collections::VecDeque;

use crate::answer::Chunk;
use crate::content::Role;

/// Chunks that are waiting to be returned. [`Chunk::Start`] precedes the first one, even if no event announced it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChunkQueue {
    chunks: VecDeque<Chunk>,
    is_started: bool,
}

impl ChunkQueue {
    /// Starts the message, unless it has already started.
    pub(crate) fn start(&mut self, role: Role) {
        if !self.is_started {
            self.is_started = true;
            self.chunks.push_back(Chunk::Start { role });
        }
    }

    pub(crate) fn push(&mut self, chunk: Chunk) {
        self.start(Role::Assistant);
        self.chunks.push_back(chunk);
    }

    pub(crate) fn pop(&mut self) -> Option<Chunk> {
        self.chunks.pop_front()
    }
}

impl Extend<Chunk> for ChunkQueue {
    fn extend<T: IntoIterator<Item = Chunk>>(&mut self, chunks: T) {
        chunks.into_iter().for_each(|chunk| self.push(chunk));
    }
}
