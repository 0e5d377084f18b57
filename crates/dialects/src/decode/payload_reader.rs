use core::fmt;

use super::chunk_writer::ChunkWriter;

/// What is known of an answer in one dialect so far: reads its payloads and writes their chunks.
pub(super) trait PayloadReader: fmt::Debug + Send + Sync {
    /// Reads one payload. What is wrong with its JSON is an error, and what is wrong with its order is told to `chunks`.
    fn read(&mut self, payload: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error>;

    /// `[DONE]` came, which ends some streams of server-sent events. By itself it proves nothing.
    fn end_marker(&mut self, _chunks: &mut ChunkWriter) {}

    /// Whether the answer is proven complete although its stop is not written yet: where content may follow the proof, the
    /// stop is written when nothing can follow any more.
    fn is_proven(&self) -> bool {
        false
    }

    /// Writes the stop of an answer that [is proven](Self::is_proven): nothing follows.
    fn stop(&mut self, _chunks: &mut ChunkWriter) {}

    /// Writes what was held back until more of the answer came: the stream ends or fails.
    fn flush(&mut self, _chunks: &mut ChunkWriter) {}
}
