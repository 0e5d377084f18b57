use alloc::string::String;

use bedrock_stream_core::answer::{Done, Metrics, StopReason, Trace, Usage};
use bedrock_stream_core::json::{Fields, Json};
use bedrock_stream_core::object;

use super::merged_usage::MergedUsage;

/// How an answer ends and what it cost, as reported by its payloads so far: the content of a [`Done`] besides the stop.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// Why the model stopped, as a stop reason of Converse.
    pub(super) stop_reason: Option<StopReason>,
    /// The vendor's own stop reason.
    pub(super) raw_stop_reason: Option<String>,
    /// The tokens, as Converse counts them.
    pub(super) usage: Usage,
    /// The tokens, as the vendor counts them.
    pub(super) vendor_usage: Option<Json>,
    /// The same, in dialects that report them in several payloads.
    pub(super) merged_usage: MergedUsage,
    /// `amazon-bedrock-invocationMetrics`.
    pub(super) invocation_metrics: Option<Json>,
    /// What a guardrail found.
    pub(super) trace: Option<Trace>,
    /// Whether a guardrail intervened, whatever the vendor's own stop reason says.
    pub(super) is_guardrail_intervened: bool,
    /// Other closing members, such as the answer's `id` and `model`: a fixed set of names for each dialect, so that it cannot
    /// grow without a bound.
    pub(super) other: Fields,
}

object! {
    /// Bedrock's measurements of an invoked model.
    struct InvocationMetrics {
        /// Tokens of the request.
        "inputTokenCount" => input_token_count: Option<u64>,
        /// Tokens of the answer.
        "outputTokenCount" => output_token_count: Option<u64>,
        /// Tokens read from the cache.
        "cacheReadInputTokenCount" => cache_read_input_token_count: Option<u64>,
        /// Tokens written to the cache.
        "cacheWriteInputTokenCount" => cache_write_input_token_count: Option<u64>,
        /// From the request to the end of the answer, in milliseconds.
        "invocationLatency" => invocation_latency: Option<i64>,
    }
}

impl Ending {
    /// The answer's stop reason: a guardrail's intervention overrides the vendor's.
    pub(super) fn stop_reason(&self) -> StopReason {
        if self.is_guardrail_intervened {
            StopReason::GuardrailIntervened
        } else {
            self.stop_reason.clone().unwrap_or_default()
        }
    }

    /// Starts another message, discarding what the previous one reported about its own end. Returns how many bytes of
    /// closing members and usage were freed.
    pub(super) fn restart(&mut self) -> usize {
        let members: usize = self.other.iter().map(|(_, value)| value.as_str().len()).sum();
        let vendor_usage = self.vendor_usage.as_ref().map_or(0, |usage| usage.as_str().len());
        let freed = members + vendor_usage + self.merged_usage.len();
        self.stop_reason = None;
        self.raw_stop_reason = None;
        self.usage = Usage::default();
        self.vendor_usage = None;
        self.merged_usage = MergedUsage::default();
        self.other = Fields::new();
        freed
    }

    /// Completes `done`. The vendor's token counts take precedence; Bedrock's fill in missing ones.
    pub(super) fn complete(&self, done: &mut Done) {
        let metrics: InvocationMetrics =
            self.invocation_metrics.as_ref().and_then(|json| json.parse().ok()).unwrap_or_default();
        let mut usage = self.usage.clone();
        usage.input_tokens = usage.input_tokens.or(metrics.input_token_count);
        usage.output_tokens = usage.output_tokens.or(metrics.output_token_count);
        usage.cache_read_input_tokens =
            usage.cache_read_input_tokens.or(metrics.cache_read_input_token_count);
        usage.cache_write_input_tokens =
            usage.cache_write_input_tokens.or(metrics.cache_write_input_token_count);
        if usage.total_tokens.is_none() && usage.input_tokens.is_some() && usage.output_tokens.is_some() {
            usage.total_tokens = Some(usage.normalized().total);
        }
        done.stop_reason = self.stop_reason();
        done.raw_stop_reason.clone_from(&self.raw_stop_reason);
        done.usage = (usage != Usage::default()).then_some(usage);
        done.vendor_usage = self.vendor_usage.clone().or_else(|| self.merged_usage.to_json());
        done.invocation_metrics.clone_from(&self.invocation_metrics);
        done.metrics = metrics.invocation_latency.map(Metrics::new);
        done.trace.clone_from(&self.trace);
        done.other = self.other.clone();
    }
}
