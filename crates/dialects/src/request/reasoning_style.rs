/// How a model is told how hard to think.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options, ReasoningStyle};
///
/// let body = br#"{"model":"mine","reasoning_effort":"high","messages":[{"role":"user","content":"Hello"}]}"#;
/// // The id, an ARN, says nothing about the model.
/// let profile = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6";
/// let options = Options::new().model_id(profile).reasoning_style(ReasoningStyle::Effort);
/// let json = request::chat(body, &options)?.request.to_json()?;
/// assert!(json.contains(r#""outputConfig":{"effort":"high"}"#), "{json}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReasoningStyle {
    /// Claude since 4.6: `thinking` of the type `adaptive`, and Converse's `outputConfig.effort`.
    Adaptive,
    /// Claude before: `thinking` of the type `enabled`, with a budget in tokens, by [`ThinkingBudgets`].
    Budget,
    /// Only Converse's `outputConfig.effort`.
    Effort,
    /// Amazon Nova 2: `reasoningConfig`, with the efforts low, medium and high.
    ReasoningConfig,
    /// `reasoning_effort` among the fields that only the model knows.
    Unmapped,
    /// Not at all: the model does not reason, and a request that asks for it is refused.
    None,
}

/// How many tokens a model that takes a budget may think, by effort.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options, ThinkingBudgets};
///
/// let body = br#"{"model":"claude","reasoning_effort":"high","max_completion_tokens":20000,
///     "messages":[{"role":"user","content":"Hello"}]}"#;
/// let options = Options::new()
///     .model_id("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
///     .thinking_budgets(ThinkingBudgets { high: 10_000, ..ThinkingBudgets::default() });
/// let json = request::chat(body, &options)?.request.to_json()?;
/// assert!(json.contains(r#""thinking":{"budget_tokens":10000,"type":"enabled"}"#), "{json}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThinkingBudgets {
    /// `minimal` and `low`.
    pub low: u32,
    /// `medium`.
    pub medium: u32,
    /// `high`.
    pub high: u32,
    /// `xhigh`.
    pub extra_high: u32,
    /// `max`.
    pub max: u32,
}

/// Those that other gateways use: LiteLLM's constants and agentgateway's agree on them. The least is Claude's own minimum.
impl Default for ThinkingBudgets {
    fn default() -> Self {
        Self { low: MIN_BUDGET, medium: 2_048, high: 4_096, extra_high: 8_192, max: 16_384 }
    }
}

/// The smallest budget that Claude accepts.
///
/// Source: "Extended thinking" of Anthropic's API.
pub(super) const MIN_BUDGET: u32 = 1_024;
