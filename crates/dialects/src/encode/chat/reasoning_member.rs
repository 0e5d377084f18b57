/// In which member of a delta a client looks for reasoning that it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReasoningMember {
    /// `reasoning_content`, as DeepSeek has it, and most clients read.
    #[default]
    ReasoningContent,
    /// `reasoning`, as OpenRouter has it.
    Reasoning,
    /// None: for clients that are strict about members they do not know. See also [`ChatEncoder::reasoning_details`](super::ChatEncoder::reasoning_details).
    None,
}

impl ReasoningMember {
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::ReasoningContent => Some("reasoning_content"),
            Self::Reasoning => Some("reasoning"),
            Self::None => None,
        }
    }
}
