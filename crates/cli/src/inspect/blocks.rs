use std::collections::BTreeMap;
use std::time::Duration;

use bedrock_stream_core::answer::Chunk;

use super::outcome::{Outcome, block};

/// One content block, from where it opened on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockSpan {
    pub(crate) index: u32,
    pub(crate) kind: &'static str,
    /// The messages that opened it and touched it last.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// When those came, since the request.
    pub(crate) from: Option<Duration>,
    pub(crate) to: Option<Duration>,
    pub(crate) chunks: u64,
    pub(crate) is_closed: bool,
}

/// The content blocks of an answer, in order of opening.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    spans: Vec<BlockSpan>,
    /// Of those that are open, the place among the spans; none for those that found no place there.
    open: BTreeMap<u32, Option<usize>>,
    unlisted: u64,
}

impl Blocks {
    /// Takes a chunk of a message; adds to `outcomes` what it is, and what it does to its block.
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
        // Of where a block opens and closes more is told here.
        if !begins && !matches!(chunk, Chunk::BlockEnd { .. }) {
            outcomes.push(Outcome::of(chunk));
        }
        if ends {
            self.open.remove(&index);
            outcomes.push(Outcome::BlockStop { block: index });
        }
    }

    /// The blocks, and how many more there were than anyone wants to see.
    pub(crate) fn into_spans(self) -> (Vec<BlockSpan>, u64) {
        (self.spans, self.unlisted)
    }
}

const MAX_SPANS: usize = 1_000;
