/// The member of a delta from which a client reads the reasoning to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReasoningMember {
    /// `reasoning_content`, as in DeepSeek's API. Most clients read this one.
    #[default]
    ReasoningContent,
    /// `reasoning`, as in OpenRouter's API.
    Reasoning,
    /// None, for clients that reject unknown members. See also
    /// [`ChatEncoder::reasoning_details`](super::ChatEncoder::reasoning_details).
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
