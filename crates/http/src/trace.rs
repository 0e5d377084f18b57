//! The tracing span of a request. Without the feature `tracing` it does nothing and costs nothing.
//!
//! No prompt or answer is recorded, and of errors only the name, since a service may echo either in its messages.

use core::time::Duration;

use bedrock_stream_core::answer::{StopReason, Usage};

use crate::client::operation::Operation;
use crate::config::config::Config;
use crate::error::error::Error;
#[cfg(feature = "tracing")]
use crate::error::printable::Printable;
use crate::stream::stream_stats::StreamStats;

/// A request's span, with the names of OpenTelemetry's conventions for generative AI. Clones share the span, which closes
/// with the last of them.
///
/// Source: OpenTelemetry semantic conventions, "Generative client AI spans" and "AWS Bedrock operations".
#[cfg(feature = "tracing")]
#[derive(Clone, Debug)]
pub(crate) struct Trace(tracing::Span);

/// Does nothing.
#[cfg(not(feature = "tracing"))]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trace;

#[cfg(feature = "tracing")]
impl Trace {
    pub(crate) fn new(operation: &Operation, config: &Config) -> Self {
        use tracing::field::Empty;
        let model_id = operation.model_id();
        let target = config.target(operation).ok();
        Self(tracing::info_span!(
            target: TARGET,
            "bedrock",
            otel.name = %format_args!("chat {}", model_id.unwrap_or(operation.path())),
            otel.kind = "client",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "aws.bedrock",
            gen_ai.request.model = model_id,
            gen_ai.request.stream = operation.media_type().streams(),
            cloud.region = config.region(),
            server.address = target.as_ref().map(|target| target.endpoint.host()),
            aws.request_id = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.response.time_to_first_chunk = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.usage.cache_read.input_tokens = Empty,
            gen_ai.usage.cache_creation.input_tokens = Empty,
            bedrock.attempts = Empty,
            bedrock.time_to_first_byte = Empty,
            bedrock.time_to_first_content = Empty,
            bedrock.output_tokens_per_second = Empty,
            bedrock.longest_gap = Empty,
            bedrock.bytes = Empty,
            bedrock.messages = Empty,
            bedrock.chunks = Empty,
            error.type = Empty,
        ))
    }

    /// The last attempt got a response.
    pub(crate) fn answered(&self, attempt: u32, request_id: Option<&str>) {
        self.0.record("bedrock.attempts", attempt);
        self.0.record("aws.request_id", request_id);
        tracing::debug!(target: TARGET, parent: &self.0, attempt, aws.request_id = request_id, "answered");
    }

    /// An attempt failed. Another follows after `wait`, or none.
    pub(crate) fn failed(&self, attempt: u32, error: &Error, wait: Option<Duration>) {
        self.0.record("bedrock.attempts", attempt);
        tracing::warn!(
            target: TARGET,
            parent: &self.0,
            attempt,
            error.type = &*error_type(error),
            http.response.status_code = error.as_service_error().map(|refusal| refusal.status.as_u16()),
            aws.request_id = error.request_id(),
            wait_seconds = wait.map(|wait| wait.as_secs_f64()),
            "attempt failed",
        );
        if wait.is_none() {
            self.error(error);
            self.0.record("aws.request_id", error.request_id());
        }
    }

    /// There is no timer for another attempt.
    pub(crate) fn lacks_timer(&self) {
        tracing::warn!(target: TARGET, parent: &self.0, "the transport has no timer, so there are no retries and no timeouts");
    }

    /// The request or its answer failed, and will not be retried.
    pub(crate) fn error(&self, error: &Error) {
        self.0.record("error.type", &*error_type(error));
    }

    pub(crate) fn done(&self, stop_reason: Option<&StopReason>, usage: Option<&Usage>) {
        self.0.record("gen_ai.response.finish_reasons", stop_reason.map(StopReason::as_str));
        if let Some(usage) = usage {
            // By the convention it includes cached tokens, which Bedrock's `inputTokens` leaves out.
            let told = [usage.input_tokens, usage.cache_read_input_tokens, usage.cache_write_input_tokens];
            let input = told.iter().any(Option::is_some).then(|| usage.normalized().input);
            self.0.record("gen_ai.usage.input_tokens", input);
            self.0.record("gen_ai.usage.output_tokens", usage.output_tokens);
            self.0.record("gen_ai.usage.cache_read.input_tokens", usage.cache_read_input_tokens);
            self.0.record("gen_ai.usage.cache_creation.input_tokens", usage.cache_write_input_tokens);
        }
    }

    pub(crate) fn ended(&self, stats: &StreamStats) {
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        self.0.record("gen_ai.response.time_to_first_chunk", seconds(stats.time_to_first_chunk));
        self.0.record("bedrock.time_to_first_byte", seconds(stats.time_to_first_byte));
        self.0.record("bedrock.time_to_first_content", seconds(stats.time_to_first_content));
        self.0.record("bedrock.output_tokens_per_second", stats.output_tokens_per_second());
        self.0.record("bedrock.longest_gap", seconds(stats.longest_gap));
        self.0.record("bedrock.bytes", stats.bytes);
        self.0.record("bedrock.messages", stats.messages);
        self.0.record("bedrock.chunks", stats.chunks);
    }
}

#[cfg(not(feature = "tracing"))]
#[expect(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "the same interface as with the feature"
)]
impl Trace {
    pub(crate) const fn new(_: &Operation, _: &Config) -> Self {
        Self
    }

    pub(crate) const fn answered(&self, _: u32, _: Option<&str>) {}

    pub(crate) const fn failed(&self, _: u32, _: &Error, _: Option<Duration>) {}

    pub(crate) const fn lacks_timer(&self) {}

    pub(crate) const fn error(&self, _: &Error) {}

    pub(crate) const fn done(&self, _: Option<&StopReason>, _: Option<&Usage>) {}

    pub(crate) const fn ended(&self, _: &StreamStats) {}
}

#[cfg(feature = "tracing")]
impl Default for Trace {
    fn default() -> Self {
        Self(tracing::Span::none())
    }
}

/// The name of an error: the service's, else its kind.
#[cfg(feature = "tracing")]
fn error_type(error: &Error) -> String {
    use bedrock_stream_core::answer::Error as StreamError;

    use crate::error::error_detail::ErrorDetail;

    if let Some(code) = error.code() {
        return Printable(code).to_string();
    }
    let kind = match error.detail() {
        ErrorDetail::Refusal(refusal) => refusal.status.as_str(),
        ErrorDetail::Connection { .. } => "connection",
        ErrorDetail::NoRuntime => "no_runtime",
        ErrorDetail::Body { .. } => "broken",
        ErrorDetail::Timeout { .. } => "timeout",
        ErrorDetail::UnexpectedBody(_) => "unexpected_body",
        ErrorDetail::Frame(_) => "damaged",
        ErrorDetail::Stream(error) => match &**error {
            StreamError::Incomplete(_) => "incomplete",
            StreamError::Frame(_) => "damaged",
            _ => "_OTHER",
        },
        _ => "_OTHER",
    };
    kind.to_owned()
}

#[cfg(feature = "tracing")]
const TARGET: &str = "bedrock_stream";
