use core::time::Duration;

use bedrock_stream_core::answer::{Chunk, ChunkRef, Done, Response};
use http::HeaderMap;

use crate::stream::stream_stats::StreamStats;
use crate::telemetry::Telemetry;
use crate::telemetry::outcome::Outcome;

/// Collects a stream's statistics, and tells them to observers when it ends.
#[derive(Debug, Default)]
pub(crate) struct StatsRecorder {
    stats: StreamStats,
    /// When bytes last arrived.
    last: Option<Duration>,
    telemetry: Telemetry,
    /// Whether the answer's end was recorded.
    is_done: bool,
}

impl StatsRecorder {
    pub(crate) const fn stats(&self) -> StreamStats {
        self.stats
    }

    pub(crate) fn set_telemetry(&mut self, telemetry: Telemetry) {
        self.telemetry = telemetry;
    }

    /// Records the dialect, as far as the decoder knows it by now.
    pub(crate) fn dialect(&mut self, dialect: Option<&'static str>) {
        self.telemetry.dialect(dialect);
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
        self.arrived(u64::from(is_content));
        is_content
    }

    /// Records that a chunk is returned to the caller.
    pub(crate) fn given(&mut self, chunk: &Chunk) {
        self.stats.chunks += 1;
        if let Chunk::Done(done) = chunk {
            self.done(done);
            self.end(Outcome::Complete);
        }
    }

    /// Records the messages of one read, and the chunks of them that were passed on, as many of them with content.
    pub(crate) fn lent(&mut self, messages: u64, chunks: u64, content: u64) {
        self.stats.messages += messages;
        self.stats.chunks += chunks;
        if chunks > 0 {
            self.arrived(content);
        }
        if self.is_done {
            self.end(Outcome::Complete);
        }
    }

    /// Records what the answer's last chunk says. The chunk itself is recorded by what passes it on.
    pub(crate) fn done(&mut self, done: &Done) {
        self.is_done = true;
        self.stats.output_tokens = done.usage.as_ref().and_then(|usage| usage.output_tokens);
        self.telemetry.done(done);
    }

    /// Records that chunks arrived together, as many of them with content.
    fn arrived(&mut self, content: u64) {
        self.stats.time_to_first_chunk = self.stats.time_to_first_chunk.or(self.last);
        if content > 0 {
            let gap =
                self.stats.time_to_last_content.zip(self.last).map(|(before, at)| at.saturating_sub(before));
            self.telemetry.output_chunks(gap, content);
            self.stats.time_to_first_content = self.stats.time_to_first_content.or(self.last);
            self.stats.time_to_last_content = self.last;
        }
    }

    /// Records the answer of an operation that does not stream.
    pub(crate) fn whole(&mut self, response: &Response) {
        self.stats.output_tokens = response.usage.as_ref().and_then(|usage| usage.output_tokens);
        self.telemetry.whole(response);
        self.end(Outcome::Complete);
    }

    /// Records the JSON of an operation that does not stream.
    pub(crate) fn json(&mut self, body: &[u8], headers: &HeaderMap) {
        self.telemetry.json(body, headers);
        self.end(Outcome::Complete);
    }

    /// Records how the operation ended, once.
    pub(crate) fn end(&mut self, outcome: Outcome<'_>) {
        self.telemetry.end(outcome, &self.stats);
    }
}

impl Drop for StatsRecorder {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
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
