use bedrock_stream_core::answer::Usage;
use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

use crate::decode::chunk_writer::ChunkWriter;

object! {
    /// The token counts of Chat Completions (`CompletionUsage`).
    struct ChatUsage {
        /// Tokens of the request, including those read from the cache.
        "prompt_tokens" => prompt_tokens: Option<u64>,
        /// Tokens of the answer, including reasoning.
        "completion_tokens" => completion_tokens: Option<u64>,
        /// Both together.
        "total_tokens" => total_tokens: Option<u64>,
        /// Details of the tokens of the request.
        "prompt_tokens_details" => prompt_tokens_details: Option<PromptTokensDetails>,
    }
}

object! {
    /// Details of the tokens of the request.
    struct PromptTokensDetails {
        /// Those read from the cache.
        "cached_tokens" => cached_tokens: Option<u64>,
        /// Those written to it.
        "cache_write_tokens" => cache_write_tokens: Option<u64>,
    }
}

/// Keeps the usage of the latest payload with any count, since each covers the whole answer so far. Returns whether
/// this one has a count.
pub(super) fn read_usage(vendor_usage: Json, chunks: &mut ChunkWriter) -> bool {
    let counts: ChatUsage = vendor_usage.parse().unwrap_or_default();
    let details = counts.prompt_tokens_details.unwrap_or_default();
    // Converse's input tokens exclude tokens read from the cache and written to it.
    let cached = details.cached_tokens.unwrap_or(0).saturating_add(details.cache_write_tokens.unwrap_or(0));
    let mut usage = Usage::default();
    usage.input_tokens = counts.prompt_tokens.map(|tokens| tokens.saturating_sub(cached));
    usage.output_tokens = counts.completion_tokens;
    usage.total_tokens = counts.total_tokens;
    usage.cache_read_input_tokens = details.cached_tokens;
    usage.cache_write_input_tokens = details.cache_write_tokens;
    let has_counts = usage != Usage::default();
    if (has_counts || chunks.ending.vendor_usage.is_none()) && chunks.vendor_usage(vendor_usage) {
        chunks.ending.usage = usage;
    }
    has_counts
}
