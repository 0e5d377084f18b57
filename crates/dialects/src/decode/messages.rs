use super::chunk_writer::ChunkWriter;
use super::payload_reader::PayloadReader;

#[derive(Debug, Default)]
pub(super) struct MessagesReader;

impl PayloadReader for MessagesReader {
    fn read(&mut self, _payload: &str, _chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        unimplemented!()
    }
}
