use super::reasoning_style::ReasoningStyle;

/// Whether Bedrock takes this value of `anthropic-beta` for a model that is asked to reason so.
pub(super) fn is_allowed(name: &str, reasoning: ReasoningStyle) -> bool {
    ALLOWED_BETAS.contains(&name) || (name == INTERLEAVED_THINKING && reasoning == ReasoningStyle::Budget)
}

/// Thinking between calls, of models that think by a budget. Newer ones do so without it, and refuse it.
///
/// Source: "Differences in thinking across model versions", Amazon Bedrock User Guide; langchain-aws#492 and claude-code#49370.
const INTERLEAVED_THINKING: &str = "interleaved-thinking-2025-05-14";

/// The values of `anthropic-beta` that Bedrock takes with Converse. It refuses a request with any other.
///
/// Source: `anthropic_beta_headers_config.json` of LiteLLM 1.110.2 (`bedrock_converse`); "Anthropic Claude Messages API" in the
/// Amazon Bedrock User Guide.
const ALLOWED_BETAS: [&str; 8] = [
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "effort-2025-11-24",
    "fine-grained-tool-streaming-2025-05-14",
    "structured-outputs-2025-11-13",
    "thinking-binding-controls-2026-08-01",
    "thinking-display-updates-2026-08-18",
];
