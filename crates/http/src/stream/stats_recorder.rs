use core::time::Duration;

use bedrock_stream_core::answer::{Chunk, Response};

use crate::error::error::Error;
use crate::stream::stream_stats::StreamStats;
use crate::trace::Trace;

/// Counts what a stream does, and tells its span when it is over.
#[derive(Debug, Default)]
pub(crate) struct StatsRecorder {
    stats: StreamStats,
    /// When bytes came last.
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

    /// Bytes came, so long after the start of the request, if there is a clock.
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

    /// A chunk was decoded. It came when the bytes came that completed it.
    pub(crate) fn decoded(&mut self, chunk: &Chunk) {
        self.stats.time_to_first_chunk = self.stats.time_to_first_chunk.or(self.last);
        if is_content(chunk) {
            self.stats.time_to_first_content = self.stats.time_to_first_content.or(self.last);
            self.stats.time_to_last_content = self.last;
        }
    }

    /// A chunk is given.
    pub(crate) fn given(&mut self, chunk: &Chunk) {
        self.stats.chunks += 1;
        if let Chunk::Done(done) = chunk {
            self.stats.output_tokens = done.usage.as_ref().and_then(|usage| usage.output_tokens);
            self.trace.done(Some(&done.stop_reason), done.usage.as_ref());
        }
    }

    /// A whole answer is there, of an operation that does not stream.
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

/// Whether a chunk holds something that the model made, and not only says where it begins or ends.
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
