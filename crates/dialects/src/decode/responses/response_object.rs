use alloc::string::String;

use bedrock_stream_core::answer::{StopReason, Usage};
use bedrock_stream_core::json::Json;
use bedrock_stream_core::object;

object! {
    /// The response that begins or ends a stream.
    ///
    /// Source: `Response` of OpenAI's API.
    pub(super) struct ResponseObject {
        /// `completed`, `incomplete`, `failed`, `cancelled`, or one that is not final.
        "status" => status: Option<Json>,
        /// Why it is incomplete.
        "incomplete_details" => incomplete_details: Option<Json>,
        /// Why it failed.
        "error" => error: Option<Json>,
        /// A repetition of the items; often empty.
        "output" => output: Option<Json>,
        /// The tokens.
        "usage" => usage: Option<Json>,
    }
}

object! {
    /// Why a response is incomplete.
    struct IncompleteDetails {
        /// The reason, as one word.
        "reason" => reason: Option<String>,
    }
}

object! {
    /// The tokens of a response.
    struct ResponseUsage {
        /// All tokens of the request, cached or not.
        "input_tokens" => input_tokens: Option<u64>,
        /// Details about cached tokens.
        "input_tokens_details" => input_tokens_details: Option<InputTokensDetails>,
        /// All tokens of the answer, including reasoning.
        "output_tokens" => output_tokens: Option<u64>,
        /// The sum of both.
        "total_tokens" => total_tokens: Option<u64>,
    }
}

object! {
    /// How many tokens of a request were cached.
    struct InputTokensDetails {
        /// Tokens read from the cache.
        "cached_tokens" => cached_tokens: Option<u64>,
        /// Tokens written to the cache.
        "cache_write_tokens" => cache_write_tokens: Option<u64>,
    }
}

impl ResponseObject {
    pub(super) fn status(&self) -> Option<String> {
        self.status.as_ref()?.parse().ok()
    }

    /// Why it is incomplete, as a word of the vendor.
    pub(super) fn incomplete_reason(&self) -> Option<String> {
        let details: IncompleteDetails = self.incomplete_details.as_ref()?.parse().ok()?;
        details.reason
    }
}

/// Converse's stop reason for an incomplete response.
pub(super) fn stop_reason(reason: &str) -> StopReason {
    match reason {
        "max_output_tokens" => StopReason::MaxTokens,
        "content_filter" => StopReason::ContentFiltered,
        reason => reason.into(),
    }
}

/// The counts as Converse reports them. Converse's input tokens exclude those read from the cache or written to it;
/// here they include both.
pub(super) fn usage(usage: &Json) -> Option<Usage> {
    let usage: ResponseUsage = usage.parse().ok()?;
    let details = usage.input_tokens_details.unwrap_or_default();
    let cached = details.cached_tokens.unwrap_or(0).saturating_add(details.cache_write_tokens.unwrap_or(0));
    let mut counts = Usage::default();
    counts.input_tokens = usage.input_tokens.map(|input| input.saturating_sub(cached));
    counts.output_tokens = usage.output_tokens;
    counts.total_tokens = usage.total_tokens;
    counts.cache_read_input_tokens = details.cached_tokens;
    counts.cache_write_input_tokens = details.cache_write_tokens;
    Some(counts)
}

#[cfg(test)]
mod tests {
    use bedrock_stream_core::answer::StopReason;
    use bedrock_stream_core::json::Json;

    use super::{stop_reason, usage};

    #[test]
    fn cached_tokens_are_taken_out_of_the_input() {
        let vendor = r#"{"input_tokens":158,"input_tokens_details":{"cache_write_tokens":43,"cached_tokens":100},"output_tokens":32.0,"total_tokens":190}"#;
        let counts = usage(&Json::from_text(vendor).unwrap()).unwrap();
        assert_eq!(counts.input_tokens, Some(15));
        assert_eq!(counts.cache_read_input_tokens, Some(100));
        assert_eq!(counts.cache_write_input_tokens, Some(43));
        assert_eq!((counts.output_tokens, counts.total_tokens), (Some(32), Some(190)));
        assert_eq!(counts.normalized().input, 158);
    }

    #[test]
    fn more_cached_tokens_than_input_are_no_overflow() {
        let vendor = r#"{"input_tokens":1,"input_tokens_details":{"cached_tokens":18446744073709551615,"cache_write_tokens":1}}"#;
        assert_eq!(usage(&Json::from_text(vendor).unwrap()).unwrap().input_tokens, Some(0));
    }

    #[test]
    fn an_unknown_reason_stays_a_word() {
        assert_eq!(stop_reason("max_output_tokens"), StopReason::MaxTokens);
        assert_eq!(stop_reason("content_filter"), StopReason::ContentFiltered);
        assert_eq!(stop_reason("steered"), StopReason::Unknown("steered".into()));
    }
}
