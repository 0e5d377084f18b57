use super::chunk_writer::ChunkWriter;
use super::payload_reader::PayloadReader;

#[derive(Debug, Default)]
pub(super) struct ChatReader;

impl ChatReader {
    pub(super) const fn new(_choice: u32) -> Self {
        Self
    }
}

impl PayloadReader for ChatReader {
    fn read(&mut self, _payload: &str, _chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        unimplemented!()
    }
}
