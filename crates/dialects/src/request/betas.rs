/// The values of `anthropic-beta` that Bedrock takes with Converse. It refuses a request with any other.
///
/// Source: `anthropic_beta_headers_config.json` of LiteLLM 1.110.2 (`bedrock_converse`); "Anthropic Claude Messages API" in the
/// Amazon Bedrock User Guide.
pub(super) const ALLOWED_BETAS: [&str; 8] = [
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "effort-2025-11-24",
    "fine-grained-tool-streaming-2025-05-14",
    "structured-outputs-2025-11-13",
    "thinking-binding-controls-2026-08-01",
    "thinking-display-updates-2026-08-18",
];
