use alloc::string::String;

use super::path::Path;

/// What a request says about reasoning.
#[derive(Debug, Default)]
pub(super) struct Reasoning {
    pub(super) effort: Option<AskedEffort>,
    /// Whether `thinking` says that the model is to think.
    pub(super) is_thinking: bool,
}

/// An effort that a request asks for.
#[derive(Debug)]
pub(super) struct AskedEffort {
    pub(super) word: String,
    pub(super) path: Path,
    /// Whether the effort by itself makes a model think, as it does in OpenAI's dialects.
    pub(super) starts_thinking: bool,
}
