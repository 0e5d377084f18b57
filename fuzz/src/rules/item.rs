use bedrock_stream_core::frame::Error;

use super::expected_json::ExpectedJson;

/// One item of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Chunk(ExpectedJson),
    /// The error for a skipped event: its kind, by section 7 of the design.
    Skipped(&'static str),
    Failed(Failure),
}

/// The error that ends an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    Exception {
        name: String,
        message: Option<String>,
        original_status_code: Option<i128>,
        original_message: Option<String>,
        after_proof: bool,
    },
    Error {
        code: Option<String>,
        message: Option<String>,
        after_proof: bool,
    },
    /// The stream ended before the proof.
    Incomplete {
        open_blocks: Vec<u32>,
        inside_message: bool,
    },
    /// The bytes are damaged.
    Frame(Error),
}
