use core::time::Duration;

use bedrock_stream_core::answer::{Chunk, Response};

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
        self.stats.time_to_first_chunk = self.stats.time_to_first_chunk.or(self.last);
        let is_content = is_content(chunk);
        if is_content {
            self.stats.time_to_first_content = self.stats.time_to_first_content.or(self.last);
            self.stats.time_to_last_content = self.last;
        }
        is_content
    }

    /// Records that a chunk is returned to the caller.
    pub(crate) fn given(&mut self, chunk: &Chunk) {
        self.stats.chunks += 1;
        if let Chunk::Done(done) = chunk {
            self.stats.output_tokens = done.usage.as_ref().and_then(|usage| usage.output_tokens);
            self.trace.done(Some(&done.stop_reason), done.usage.as_ref());
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
const fn is_content(chunk: &Chunk) -> bool {
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
