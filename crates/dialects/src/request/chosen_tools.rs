use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::converse::Tool;

use super::path::Path;

/// The tools of a request that is being read.
#[derive(Debug, Default)]
pub(super) struct Tools {
    pub(super) tools: Vec<(Tool, Path)>,
    pub(super) choice: Option<(Choice, Path)>,
    /// Where the client says that only one tool may be called at a time.
    pub(super) one_at_a_time: Option<Path>,
}

/// Which tools the model must call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Auto,
    Any,
    /// The tool that has this name at Bedrock.
    Tool(String),
    /// None.
    Nothing,
}

impl Tools {
    pub(super) fn choose(&mut self, choice: Choice, path: &Path) {
        self.choice = Some((choice, path.clone()));
    }

    pub(super) fn one_at_a_time(&mut self, path: &Path) {
        self.one_at_a_time = Some(path.clone());
    }
}
