use std::collections::VecDeque;

use bedrock_stream_core::answer::{BlockKind, Chunk, Decode, Done, Error, Tail};
use bedrock_stream_core::converse::ChunkDecoder;

use crate::chunk_event::{self, ChunkEvent};

/// Decodes the answer of an agent: its `chunk` events become text, and all others are kept as they are. Such a stream has no
/// event that proves the answer complete, so it ends as incomplete.
#[derive(Debug)]
pub(crate) struct AgentDecoder {
    /// Does not know an agent's events, but handles exceptions, damage and the end.
    events: ChunkDecoder,
    has_text: bool,
    next: VecDeque<Chunk>,
}

impl AgentDecoder {
    /// `events` may have decoded the messages before.
    pub(crate) fn new(events: ChunkDecoder) -> Self {
        Self { events, has_text: false, next: VecDeque::new() }
    }

    /// Queues the chunks of an event, and returns the first.
    fn replace(&mut self, chunk: Chunk) -> Chunk {
        let Chunk::Unknown { event: Some(event), value, .. } = &chunk else { return chunk };
        if event != chunk_event::NAME {
            return chunk;
        }
        let content = ChunkEvent::of_payload(value.as_str().as_bytes());
        let Some(Ok(text)) = content.bytes.map(String::from_utf8) else { return chunk };
        if !self.has_text {
            self.has_text = true;
            self.next.push_back(Chunk::block_start(BLOCK, BlockKind::Text));
        }
        self.next.push_back(Chunk::text(BLOCK, text));
        let attribution = content.attribution;
        self.next.extend(attribution.map(|value| Chunk::unknown_member(Some(BLOCK), "attribution", value)));
        self.next.pop_front().unwrap_or(chunk)
    }
}

impl Decode for AgentDecoder {
    fn push(&mut self, bytes: &[u8]) {
        self.events.push(bytes);
    }

    fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error> {
        if let Some(chunk) = self.next.pop_front() {
            return Ok(Some(chunk));
        }
        Ok(self.events.next_from(input)?.map(|chunk| self.replace(chunk)))
    }

    fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(chunk) = self.next.pop_front() {
            return Ok(Some(chunk));
        }
        Ok(self.events.finish()?.map(|chunk| self.replace(chunk)))
    }

    fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.events.finish_broken(tail)
    }

    fn is_done(&self) -> bool {
        self.events.is_done()
    }

    fn is_stopped(&self) -> bool {
        self.events.is_stopped()
    }

    fn ending(&self) -> Done {
        self.events.ending()
    }
}

/// All of an agent's text is one block.
const BLOCK: u32 = 0;
