use core::time::Duration;

use bedrock_stream_core::answer::{Chunk, ChunkRef, Done, Response};

use crate::error::error::Error;
use crate::stream::stream_stats::StreamStats;
use crate::trace::Trace;

/// Collects a stream's statistics, and records them in its span when it ends.
#[derive(Debug, Default)]
pub(crate) struct StatsRecorder {
    stats: StreamStats,
    /// When bytes last arrived.
    last: Option<Duration>,
    trace: Trace,
}

impl StatsRecorder {
    pub(crate) const fn stats(&self) -> StreamStats {
        self.stats
    }

    pub(crate) fn set_trace(&mut self, trace: Trace) {
        self.trace = trace;
    }

    /// Records bytes that arrived, `at` this time after the start of the request, if there is a clock.
    pub(crate) fn bytes(&mut self, len: usize, at: Option<Duration>) {
        self.stats.bytes += len as u64;
        if at.is_none() {
            return;
        }
        self.stats.time_to_first_byte = self.stats.time_to_first_byte.or(at);
        let gap = at.zip(self.last).map(|(at, last)| at.saturating_sub(last));
        self.stats.longest_gap = self.stats.longest_gap.max(gap);
        self.last = at;
    }

    pub(crate) fn message(&mut self) {
        self.stats.messages += 1;
    }

    /// Records a decoded chunk. It counts as arrived when the bytes that completed it arrived. Returns whether it is
    /// content.
    pub(crate) fn decoded(&mut self, chunk: &Chunk) -> bool {
        let is_content = is_chunk_content(chunk);
        self.arrived(is_content);
        is_content
    }

    /// Records that a chunk is returned to the caller.
    pub(crate) fn given(&mut self, chunk: &Chunk) {
        self.stats.chunks += 1;
        if let Chunk::Done(done) = chunk {
            self.done(done);
        }
    }

    /// Records the messages of one read, and the chunks of them that were passed on.
    pub(crate) fn lent(&mut self, messages: u64, chunks: u64, has_content: bool) {
        self.stats.messages += messages;
        self.stats.chunks += chunks;
        if chunks > 0 {
            self.arrived(has_content);
        }
    }

    /// Records the answer's end.
    pub(crate) fn done(&mut self, done: &Done) {
        self.stats.output_tokens = done.usage.as_ref().and_then(|usage| usage.output_tokens);
        self.trace.done(Some(&done.stop_reason), done.usage.as_ref());
    }

    fn arrived(&mut self, is_content: bool) {
        self.stats.time_to_first_chunk = self.stats.time_to_first_chunk.or(self.last);
        if is_content {
            self.stats.time_to_first_content = self.stats.time_to_first_content.or(self.last);
            self.stats.time_to_last_content = self.last;
        }
    }

    /// Records the answer of an operation that does not stream.
    pub(crate) fn whole(&mut self, response: &Response) {
        self.stats.output_tokens = response.usage.as_ref().and_then(|usage| usage.output_tokens);
        self.trace.done(response.stop_reason.as_ref(), response.usage.as_ref());
    }

    pub(crate) fn error(&self, error: &Error) {
        self.trace.error(error);
    }
}

impl Drop for StatsRecorder {
    fn drop(&mut self) {
        self.trace.ended(&self.stats);
    }
}

/// Whether a chunk holds content of the model, and does not only mark a start or an end.
pub(crate) const fn is_content(chunk: &ChunkRef<'_>) -> bool {
    match chunk {
        ChunkRef::Owned(chunk) => is_chunk_content(chunk),
        _ => true,
    }
}

const fn is_chunk_content(chunk: &Chunk) -> bool {
    matches!(
        chunk,
        Chunk::Text { .. }
            | Chunk::Reasoning { .. }
            | Chunk::ReasoningSignature { .. }
            | Chunk::ReasoningRedacted { .. }
            | Chunk::ToolCallStart { .. }
            | Chunk::ToolCallDelta { .. }
            | Chunk::ToolResultStart { .. }
            | Chunk::ToolResult { .. }
            | Chunk::ImageStart { .. }
            | Chunk::Image { .. }
            | Chunk::Citation { .. }
    )
}
