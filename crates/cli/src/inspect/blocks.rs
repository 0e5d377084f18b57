use std::collections::BTreeMap;
use std::time::Duration;

use bedrock_stream_core::answer::Chunk;

use super::outcome::{Outcome, block};

/// One content block, and where it begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockSpan {
    pub(crate) index: u32,
    pub(crate) kind: &'static str,
    /// The first and the last message of it.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// When those arrived, since the request was sent.
    pub(crate) from: Option<Duration>,
    pub(crate) to: Option<Duration>,
    pub(crate) chunks: u64,
    pub(crate) is_closed: bool,
}

/// The content blocks of an answer, in order of opening.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    spans: Vec<BlockSpan>,
    /// The open blocks, each with its index in `spans`; none if it is not listed there.
    open: BTreeMap<u32, Option<usize>>,
    unlisted: u64,
}

impl Blocks {
    /// Applies a chunk of a message. Adds the chunk and its effect on its block to `outcomes`.
    pub(crate) fn apply(
        &mut self,
        chunk: &Chunk,
        message: u64,
        at: Option<Duration>,
        outcomes: &mut Vec<Outcome>,
    ) {
        let Some((index, kind, ends)) = block(chunk) else {
            return outcomes.push(Outcome::of(chunk));
        };
        let begins = matches!(chunk, Chunk::BlockStart { .. });
        let unlisted = &mut self.unlisted;
        let spans = &mut self.spans;
        let place = *self.open.entry(index).or_insert_with(|| {
            outcomes.push(Outcome::BlockStart { block: index, kind });
            if spans.len() >= MAX_SPANS {
                *unlisted += 1;
                return None;
            }
            spans.push(BlockSpan {
                index,
                kind,
                first: message,
                last: message,
                from: at,
                to: at,
                chunks: 0,
                is_closed: false,
            });
            Some(spans.len() - 1)
        });
        if let Some(span) = place.and_then(|place| self.spans.get_mut(place)) {
            (span.last, span.to) = (message, at);
            span.chunks += u64::from(!ends && !begins);
            span.is_closed = ends;
            if kind == "text with citations" && span.kind == "text" {
                span.kind = kind;
            }
        }
        // The start and the end of a block have outcomes of their own.
        if !begins && !matches!(chunk, Chunk::BlockEnd { .. }) {
            outcomes.push(Outcome::of(chunk));
        }
        if ends {
            self.open.remove(&index);
            outcomes.push(Outcome::BlockStop { block: index });
        }
    }

    /// The blocks, and how many more were not listed.
    pub(crate) fn into_spans(self) -> (Vec<BlockSpan>, u64) {
        (self.spans, self.unlisted)
    }
}

const MAX_SPANS: usize = 1_000;
