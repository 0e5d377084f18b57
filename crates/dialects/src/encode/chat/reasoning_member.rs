/// The member of a delta from which a client reads the reasoning to show.
///
/// ```
/// use bedrock_stream_core::answer::Chunk;
/// use bedrock_stream_dialects::encode::{ChatEncoder, Encode as _, ReasoningMember};
///
/// let encoder = ChatEncoder::new("chatcmpl-1", "claude", 1_700_000_000);
/// let mut encoder = encoder.reasoning_member(ReasoningMember::Reasoning).reasoning_details(false);
/// let mut out = Vec::new();
/// encoder.encode(&Chunk::reasoning(0, "They greet me."), &mut out);
/// assert!(String::from_utf8_lossy(&out).contains(r#"{"reasoning":"They greet me."}"#));
/// ```
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
