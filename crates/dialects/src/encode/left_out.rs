/// How many pieces of an answer could not be represented in the dialect, by kind. All except the unknown ones are
/// content from the model.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_core::json::Json;
/// use bedrock_stream_dialects::encode::{ChatEncoder, Encode as _};
///
/// let mut encoder = ChatEncoder::new("chatcmpl-1", "claude", 1_700_000_000);
/// encoder.encode(&Chunk::unknown_event("moonPhase", Json::from("full")), &mut Vec::new());
/// assert_eq!(encoder.left_out().unknown, 1);
/// // It is no content: nothing that the model said is missing.
/// assert!(!encoder.left_out().has_content());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOutContent {
    /// Images.
    pub images: u64,
    /// Calls to tools that the service runs. They must not look like calls to the client's tools.
    pub server_tool_calls: u64,
    /// Results of such calls.
    pub tool_results: u64,
    /// Citations of a kind that the dialect does not support.
    pub citations: u64,
    /// Unknown events and members.
    pub unknown: u64,
}

impl LeftOutContent {
    /// Whether any content from the model was left out.
    #[must_use]
    pub const fn has_content(&self) -> bool {
        let Self { images, server_tool_calls, tool_results, citations, unknown: _ } = *self;
        images != 0 || server_tool_calls != 0 || tool_results != 0 || citations != 0
    }
}
