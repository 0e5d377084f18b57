use super::reasoning_style::ReasoningStyle;

/// The families of models that accept fields of their own.
///
/// ```
/// use bedrock_stream_dialects::request::ModelFamily;
///
/// assert_eq!(ModelFamily::of("us.amazon.nova-lite-v1:0"), ModelFamily::Nova);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModelFamily {
    /// Anthropic's Claude.
    Anthropic,
    /// Amazon Nova.
    Nova,
    /// OpenAI's models, gpt-oss among them.
    OpenAi,
    /// DeepSeek's models.
    DeepSeek,
    /// Known, and without fields of its own: Llama, Mistral, Command, Jamba, Titan.
    Plain,
    /// Unknown, such as an ARN that hides the model.
    #[default]
    Unknown,
}

/// What a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ModelTraits {
    pub(super) family: ModelFamily,
    pub(super) reasoning: ReasoningStyle,
}

impl ModelFamily {
    /// The family of a model, by its id, the id of an inference profile, or an ARN that ends in one of these.
    ///
    /// ```
    /// use bedrock_stream_dialects::request::ModelFamily;
    ///
    /// assert_eq!(ModelFamily::of("us.anthropic.claude-sonnet-4-5-20250929-v1:0"), ModelFamily::Anthropic);
    /// assert_eq!(ModelFamily::of("arn:aws:bedrock:us-east-1:1:application-inference-profile/a1"), ModelFamily::Unknown);
    /// ```
    #[must_use]
    pub fn of(model_id: &str) -> Self {
        ModelTraits::of(model_id).family
    }

    /// Whether its counts of input tokens include those of the cache; see the encoders' `cache_in_input_tokens`.
    #[must_use]
    pub const fn has_cache_in_input_tokens(self) -> bool {
        matches!(self, Self::OpenAi)
    }

    /// Whether it takes cache points in messages and the system prompt.
    ///
    /// Source: "Supported models" of prompt caching, Amazon Bedrock User Guide.
    pub(super) const fn has_cache_points(self) -> bool {
        matches!(self, Self::Anthropic | Self::Nova | Self::Unknown)
    }

    /// Whether it takes cache points among tools.
    pub(super) const fn has_tool_cache_points(self) -> bool {
        matches!(self, Self::Anthropic | Self::Unknown)
    }

    /// How a model of this family is asked to reason, if nothing else is known about it.
    pub(super) const fn reasoning(self) -> ReasoningStyle {
        match self {
            Self::Anthropic => ReasoningStyle::Adaptive,
            Self::Nova => ReasoningStyle::ReasoningConfig,
            Self::OpenAi | Self::DeepSeek => ReasoningStyle::Effort,
            Self::Plain => ReasoningStyle::None,
            Self::Unknown => ReasoningStyle::Unmapped,
        }
    }
}

impl ModelTraits {
    pub(super) fn of(model_id: &str) -> Self {
        let id = model_id.rsplit('/').next().unwrap_or(model_id);
        // The id of an inference profile has a region before the model's: `us.`, `us-gov.`, `global.`.
        let without_region = id.split_once('.').map_or("", |(_, rest)| rest);
        let known = |id: &str| MODELS.iter().find(|(prefix, ..)| id.starts_with(prefix)).copied();
        match known(id).or_else(|| known(without_region)) {
            Some((_, family, reasoning)) => Self { family, reasoning },
            None => Self { family: ModelFamily::Unknown, reasoning: ReasoningStyle::Unmapped },
        }
    }
}

/// How a model's id begins, its family, and how it is asked to reason; the first that fits counts.
///
/// Source: "Adaptive thinking" and "Extended thinking" (Claude) in the Amazon Bedrock User Guide: the models named there take
/// a budget, older ones do not think, newer ones take an effort. "Extended thinking in Amazon Nova 2", Amazon Nova User Guide.
/// gpt-oss and DeepSeek: `outputConfig.effort` of the Amazon Bedrock Runtime API.
const MODELS: &[(&str, ModelFamily, ReasoningStyle)] = &[
    ("anthropic.claude-3-7-", ModelFamily::Anthropic, ReasoningStyle::Budget),
    ("anthropic.claude-3-", ModelFamily::Anthropic, ReasoningStyle::None),
    ("anthropic.claude-v2", ModelFamily::Anthropic, ReasoningStyle::None),
    ("anthropic.claude-instant", ModelFamily::Anthropic, ReasoningStyle::None),
    ("anthropic.claude-opus-4-2025", ModelFamily::Anthropic, ReasoningStyle::Budget),
    ("anthropic.claude-opus-4-1-", ModelFamily::Anthropic, ReasoningStyle::Budget),
    ("anthropic.claude-opus-4-5-", ModelFamily::Anthropic, ReasoningStyle::Budget),
    ("anthropic.claude-sonnet-4-2025", ModelFamily::Anthropic, ReasoningStyle::Budget),
    ("anthropic.claude-sonnet-4-5-", ModelFamily::Anthropic, ReasoningStyle::Budget),
    ("anthropic.claude-haiku-4-5-", ModelFamily::Anthropic, ReasoningStyle::Budget),
    ("anthropic.", ModelFamily::Anthropic, ReasoningStyle::Adaptive),
    ("amazon.nova-2-", ModelFamily::Nova, ReasoningStyle::ReasoningConfig),
    ("amazon.nova-", ModelFamily::Nova, ReasoningStyle::None),
    ("amazon.titan-", ModelFamily::Plain, ReasoningStyle::None),
    ("openai.", ModelFamily::OpenAi, ReasoningStyle::Effort),
    ("deepseek.", ModelFamily::DeepSeek, ReasoningStyle::Effort),
    ("ai21.", ModelFamily::Plain, ReasoningStyle::None),
    ("cohere.", ModelFamily::Plain, ReasoningStyle::None),
    ("meta.", ModelFamily::Plain, ReasoningStyle::None),
    ("mistral.", ModelFamily::Plain, ReasoningStyle::None),
];

#[cfg(test)]
mod tests {
    use super::{ModelFamily, ModelTraits};
    use crate::request::ReasoningStyle;

    #[test]
    fn a_models_id_tells_what_it_takes() {
        for (id, family, reasoning) in [
            ("anthropic.claude-3-7-sonnet-20250219-v1:0", ModelFamily::Anthropic, ReasoningStyle::Budget),
            ("us.anthropic.claude-3-5-haiku-20241022-v1:0", ModelFamily::Anthropic, ReasoningStyle::None),
            ("eu.anthropic.claude-sonnet-4-20250514-v1:0", ModelFamily::Anthropic, ReasoningStyle::Budget),
            ("global.anthropic.claude-opus-4-6-v1", ModelFamily::Anthropic, ReasoningStyle::Adaptive),
            ("anthropic.claude-sonnet-4-6", ModelFamily::Anthropic, ReasoningStyle::Adaptive),
            (
                "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
                ModelFamily::Anthropic,
                ReasoningStyle::Budget,
            ),
            ("us.amazon.nova-2-lite-v1:0", ModelFamily::Nova, ReasoningStyle::ReasoningConfig),
            ("amazon.nova-lite-v1:0", ModelFamily::Nova, ReasoningStyle::None),
            ("openai.gpt-oss-120b-1:0", ModelFamily::OpenAi, ReasoningStyle::Effort),
            ("us.deepseek.r1-v1:0", ModelFamily::DeepSeek, ReasoningStyle::Effort),
            ("meta.llama3-3-70b-instruct-v1:0", ModelFamily::Plain, ReasoningStyle::None),
            ("qwen.qwen3-32b-v1:0", ModelFamily::Unknown, ReasoningStyle::Unmapped),
            (
                "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0",
                ModelFamily::Anthropic,
                ReasoningStyle::Budget,
            ),
            (
                "arn:aws:bedrock:us-east-1:1:application-inference-profile/x",
                ModelFamily::Unknown,
                ReasoningStyle::Unmapped,
            ),
            ("", ModelFamily::Unknown, ReasoningStyle::Unmapped),
        ] {
            assert_eq!(ModelTraits::of(id), ModelTraits { family, reasoning }, "{id}");
        }
    }
}
