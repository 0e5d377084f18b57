use core::time::Duration;

use bedrock_stream_core::converse::Chunk;

use crate::error::Error;
use crate::stream_stats::StreamStats;
use crate::trace::Trace;

/// Counts what a stream does, and tells its span when it is over.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    stats: StreamStats,
    /// When bytes came last.
    last: Option<Duration>,
    trace: Trace,
}

impl Meter {
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

    pub(crate) fn first_chunk(&mut self, at: Option<Duration>) {
        self.stats.time_to_first_chunk = self.stats.time_to_first_chunk.or(at);
    }

    pub(crate) fn chunk(&mut self, chunk: &Chunk) {
        self.stats.chunks += 1;
        if let Chunk::Done(done) = chunk {
            self.trace.done(Some(&done.stop_reason), done.usage.as_ref());
        }
    }

    pub(crate) fn error(&self, error: &Error) {
        self.trace.error(error);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.trace.ended(&self.stats);
    }
}
