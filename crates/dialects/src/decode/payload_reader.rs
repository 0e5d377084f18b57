use core::fmt;

use super::chunk_writer::ChunkWriter;

/// The state of an answer in one dialect: reads its payloads and writes their chunks.
pub(super) trait PayloadReader: fmt::Debug + Send + Sync {
    /// Reads one payload. Invalid JSON is returned as an error; order violations are reported to `chunks`.
    fn read(&mut self, payload: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error>;

    /// Called when `[DONE]` arrives, which ends some streams of server-sent events. By itself it proves nothing.
    fn end_marker(&mut self, _chunks: &mut ChunkWriter) {}

    /// Whether the answer is proven complete although its stop has not been written yet: in dialects where content may
    /// follow the proof, the stop is written once nothing can follow.
    fn is_proven(&self) -> bool {
        false
    }

    /// Writes the stop of an answer that [is proven](Self::is_proven), because nothing can follow.
    fn stop(&mut self, _chunks: &mut ChunkWriter) {}

    /// Writes what was held back until more of the answer arrives, because the stream ends or fails.
    fn flush(&mut self, _chunks: &mut ChunkWriter) {}
}
