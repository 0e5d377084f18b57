use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_core::converse::ChunkDecoder;
use serde_json::json;

/// The stream of one answer. The host identifies it by its address.
#[derive(Default)]
pub struct Stream {
    pub decoder: ChunkDecoder,
    pub input: Vec<u8>,
    pub output: String,
    has_failed: bool,
}

impl Stream {
    /// Writes what `next` returns, until it returns nothing or a final error, which would be returned again on every
    /// call.
    pub fn take(&mut self, next: fn(&mut ChunkDecoder) -> Result<Option<Chunk>, Error>) -> usize {
        self.output.clear();
        while !self.has_failed {
            let line = match next(&mut self.decoder) {
                Ok(None) => break,
                Ok(Some(chunk)) => serde_json::to_string(&chunk).unwrap_or_default(),
                Err(error) => {
                    self.has_failed = error.is_final();
                    json!({ "failure": error.to_string() }).to_string()
                }
            };
            // Arguments keep the model's own line breaks, which are white space between JSON's tokens.
            self.output += &line.replace(['\n', '\r'], " ");
            self.output.push('\n');
        }
        self.output.len()
    }
}
