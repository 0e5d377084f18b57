use bedrock_stream_core::answer::Usage;
use bedrock_stream_core::json::Json;
use serde::Deserialize;

/// The tokens of an operation as the conventions count them: cached tokens are part of the input, reasoning is part of the
/// output. What was not told is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TokenCounts {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
    pub(super) reasoning: Option<u64>,
}

impl TokenCounts {
    /// The counts of Converse, whose `inputTokens` leave out cached tokens, with those that only the vendor told.
    pub(super) fn of(usage: &Usage, vendor: Option<&Json>) -> Self {
        let told = [usage.input_tokens, usage.cache_read_input_tokens, usage.cache_write_input_tokens];
        let vendor = vendor.and_then(|json| serde_json::from_str::<VendorUsage>(json.as_str()).ok());
        Self {
            input: told.iter().any(Option::is_some).then(|| usage.normalized().input),
            output: usage.output_tokens,
            cache_read: usage.cache_read_input_tokens,
            cache_write: usage.cache_write_input_tokens,
            reasoning: vendor.and_then(|vendor| vendor.reasoning()),
        }
    }
}

/// The usage of any vendor, in the vendor's words. `None` of a member that is absent, and of all if one has another type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VendorUsage {
    #[serde(alias = "prompt_tokens", alias = "inputTokens", alias = "inputTokenCount")]
    input_tokens: Option<u64>,
    #[serde(alias = "completion_tokens", alias = "outputTokens", alias = "outputTokenCount")]
    output_tokens: Option<u64>,
    #[serde(alias = "cacheReadInputTokens", alias = "cacheReadInputTokenCount")]
    cache_read_input_tokens: Option<u64>,
    #[serde(alias = "cacheWriteInputTokens", alias = "cacheWriteInputTokenCount")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(alias = "prompt_tokens_details")]
    input_tokens_details: Option<InputDetails>,
    #[serde(alias = "completion_tokens_details")]
    output_tokens_details: Option<OutputDetails>,
}

/// OpenAI's: parts of the input.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InputDetails {
    cached_tokens: Option<u64>,
}

/// OpenAI's: parts of the output.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    reasoning_tokens: Option<u64>,
}

impl VendorUsage {
    fn reasoning(&self) -> Option<u64> {
        self.output_tokens_details.as_ref()?.reasoning_tokens
    }

    pub(super) fn counts(&self) -> TokenCounts {
        // OpenAI's input includes cached tokens; all others leave them out.
        let cached = self.input_tokens_details.as_ref().and_then(|details| details.cached_tokens);
        let apart = [self.input_tokens, self.cache_read_input_tokens, self.cache_creation_input_tokens];
        let told = apart.iter().any(Option::is_some);
        TokenCounts {
            input: told.then(|| apart.into_iter().flatten().fold(0, u64::saturating_add)),
            output: self.output_tokens,
            cache_read: self.cache_read_input_tokens.or(cached),
            cache_write: self.cache_creation_input_tokens,
            reasoning: self.reasoning(),
        }
    }
}
