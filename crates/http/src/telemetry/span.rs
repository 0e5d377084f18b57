use core::time::Duration;

use http::StatusCode;
use tracing::field::Empty;

use crate::config::config::Config;
use crate::error::error::Error;
use crate::stream::stream_stats::StreamStats;
use crate::telemetry::answer_facts::AnswerFacts;
use crate::telemetry::error_name::error_name;
use crate::telemetry::subject::Subject;

/// An operation's span, with the names of the conventions, and what only Bedrock or a stream has under `bedrock`.
#[derive(Debug)]
pub(super) struct Span(tracing::Span);

impl Span {
    /// Whether anybody wants such a span.
    pub(super) fn is_wanted() -> bool {
        tracing::enabled!(target: TARGET, tracing::Level::INFO)
    }

    pub(super) fn new(subject: &Subject, config: &Config) -> Self {
        let Subject { operation, model, server, dialect, guardrail, streams, request } = subject;
        let (operation, model) = (&**operation, model.as_deref());
        let name = model.map(|model| format!("{operation} {model}"));
        Self(tracing::info_span!(
            target: TARGET,
            "bedrock",
            otel.name = name.as_deref().unwrap_or(operation),
            otel.kind = "client",
            otel.status_code = Empty,
            gen_ai.operation.name = operation,
            gen_ai.provider.name = "aws.bedrock",
            gen_ai.request.model = model,
            gen_ai.request.stream = streams.then_some(true),
            gen_ai.request.max_tokens = request.max_tokens,
            gen_ai.request.temperature = request.temperature,
            gen_ai.request.top_p = request.top_p,
            gen_ai.request.top_k = request.top_k,
            gen_ai.request.frequency_penalty = request.frequency_penalty,
            gen_ai.request.presence_penalty = request.presence_penalty,
            gen_ai.request.seed = request.seed,
            gen_ai.request.choice.count = request.choices,
            aws.bedrock.guardrail.id = guardrail.as_deref(),
            cloud.region = config.region(),
            server.address = server.as_ref().map(|(host, _)| &**host),
            server.port = server.as_ref().map(|(_, port)| *port),
            aws.request_id = Empty,
            http.response.status_code = Empty,
            gen_ai.response.id = Empty,
            gen_ai.response.model = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.response.time_to_first_chunk = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.usage.cache_read.input_tokens = Empty,
            gen_ai.usage.cache_creation.input_tokens = Empty,
            gen_ai.usage.reasoning.output_tokens = Empty,
            bedrock.dialect = *dialect,
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

    pub(super) fn attempt(&self, attempt: u32) {
        self.0.record("bedrock.attempts", attempt);
    }

    pub(super) fn answered(&self, attempt: u32, status: StatusCode, request_id: Option<&str>) {
        self.0.record("http.response.status_code", status.as_u16());
        self.0.record("aws.request_id", request_id);
        tracing::debug!(target: TARGET, parent: &self.0, attempt, aws.request_id = request_id, "answered");
    }

    pub(super) fn failed(&self, attempt: u32, error: &Error, wait: Option<Duration>) {
        let status = error.as_service_error().map(|refusal| refusal.status.as_u16());
        tracing::warn!(
            target: TARGET,
            parent: &self.0,
            attempt,
            error.type = &*error_name(error),
            http.response.status_code = status,
            aws.request_id = error.request_id(),
            wait_seconds = wait.map(|wait| wait.as_secs_f64()),
            "attempt failed",
        );
        if wait.is_none() {
            self.0.record("http.response.status_code", status);
            self.0.record("aws.request_id", error.request_id());
        }
    }

    pub(super) fn lacks_timer(&self) {
        tracing::warn!(target: TARGET, parent: &self.0, "the transport has no timer, so there are no retries and no timeouts");
    }

    pub(super) fn dialect(&self, dialect: &'static str) {
        self.0.record("bedrock.dialect", dialect);
    }

    /// `failed` is whether the error, if there is one, is one of the operation, and not the caller's wish.
    pub(super) fn end(self, answer: &AnswerFacts, error: Option<&str>, failed: bool, stats: &StreamStats) {
        let span = self.0;
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        span.record("gen_ai.response.id", answer.id.as_deref());
        span.record("gen_ai.response.model", answer.model.as_deref());
        if !answer.finish_reasons.is_empty() {
            // A field cannot hold an array; this is an array's JSON, as OpenTelemetry writes arrays where there are none.
            span.record("gen_ai.response.finish_reasons", serde_json::to_string(&answer.finish_reasons).ok());
        }
        let tokens = &answer.tokens;
        span.record("gen_ai.usage.input_tokens", tokens.input);
        span.record("gen_ai.usage.output_tokens", tokens.output);
        span.record("gen_ai.usage.cache_read.input_tokens", tokens.cache_read);
        span.record("gen_ai.usage.cache_creation.input_tokens", tokens.cache_write);
        span.record("gen_ai.usage.reasoning.output_tokens", tokens.reasoning);
        span.record("gen_ai.response.time_to_first_chunk", seconds(stats.time_to_first_chunk));
        span.record("bedrock.time_to_first_byte", seconds(stats.time_to_first_byte));
        span.record("bedrock.time_to_first_content", seconds(stats.time_to_first_content));
        span.record("bedrock.output_tokens_per_second", stats.output_tokens_per_second());
        span.record("bedrock.longest_gap", seconds(stats.longest_gap));
        span.record("bedrock.bytes", stats.bytes);
        span.record("bedrock.messages", stats.messages);
        span.record("bedrock.chunks", stats.chunks);
        span.record("error.type", error);
        span.record("otel.status_code", failed.then_some("ERROR"));
    }
}

const TARGET: &str = "bedrock_stream";
