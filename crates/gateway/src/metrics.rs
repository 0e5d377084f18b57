use std::fmt;
use std::time::Duration;

use bedrock_stream_core::answer::Usage;
use bedrock_stream_dialects::encode::LeftOutContent;
use http::HeaderMap;
use http::header::ACCEPT;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The metrics that `/metrics` reports. No label contains a client's text.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    answers: Family<AnswerLabels, Counter>,
    tokens: Family<TokenLabels, Counter>,
    left_out: Family<ContentLabels, Counter>,
    first_content: Histogram,
    pub(crate) open: Gauge,
    pub(crate) open_connections: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    status: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerLabels {
    route: &'static str,
    verdict: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    model: String,
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ContentLabels {
    route: &'static str,
    content: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("bedrock_stream_gateway");
        let requests = Family::default();
        registry.register(
            "requests",
            "Requests, by the status sent; 0 if the client went away before",
            requests.clone(),
        );
        let answers = Family::default();
        registry.register(
            "answers",
            "Answers of models that ended, by how: complete, cancelled, or the kind of the error",
            answers.clone(),
        );
        let tokens = Family::default();
        registry.register("tokens", "Tokens that Bedrock counted", tokens.clone());
        let left_out = Family::default();
        registry.register(
            "left_out",
            "Pieces of answers that the dialect has no place for",
            left_out.clone(),
        );
        let first_content = Histogram::new(BUCKETS);
        registry.register(
            "first_content_seconds",
            "From the request to the first piece of content",
            first_content.clone(),
        );
        let open = Gauge::default();
        registry.register(
            "open_answers",
            "Requests that have arrived and whose answers have not ended",
            open.clone(),
        );
        let open_connections = Gauge::default();
        registry.register("open_connections", "Connections of clients", open_connections.clone());
        Self { registry, requests, answers, tokens, left_out, first_content, open, open_connections }
    }

    /// In the text format of OpenMetrics.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// In the format that a request asks for, and that format's content type: the text format of Prometheus if OpenMetrics is not
    /// accepted, as by some agents.
    pub(crate) fn accepted(&self, headers: &HeaderMap) -> (String, &'static str) {
        let accepts = |media_type: &str| {
            headers
                .get_all(ACCEPT)
                .iter()
                .any(|value| value.to_str().is_ok_and(|text| text.contains(media_type)))
        };
        if !accepts("text/plain") || accepts("application/openmetrics-text") {
            return (self.text(), CONTENT_TYPE);
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = prometheus_text::encode(&mut text, &self.registry);
        (text, prometheus_text::CONTENT_TYPE)
    }

    pub(crate) fn request(&self, route: &'static str, status: u16) {
        self.requests.get_or_create(&RequestLabels { route, status: status.into() }).inc();
    }

    pub(crate) fn answer(&self, route: &'static str, verdict: &'static str) {
        self.answers.get_or_create(&AnswerLabels { route, verdict }).inc();
    }

    pub(crate) fn first_content(&self, after: Duration) {
        self.first_content.observe(after.as_secs_f64());
    }

    pub(crate) fn usage(&self, model: &str, usage: &Usage) {
        for (kind, count) in [
            ("input", usage.input_tokens),
            ("output", usage.output_tokens),
            ("cache_read", usage.cache_read_input_tokens),
            ("cache_write", usage.cache_write_input_tokens),
        ] {
            if let Some(count) = count.filter(|count| *count > 0) {
                self.tokens.get_or_create(&TokenLabels { model: model.to_owned(), kind }).inc_by(count);
            }
        }
    }

    pub(crate) fn left_out(&self, route: &'static str, left_out: &LeftOutContent) {
        for (content, count) in left_out_kinds(left_out) {
            self.left_out.get_or_create(&ContentLabels { route, content }).inc_by(count);
        }
    }
}

/// The kinds of content that were left out, and how often each was.
pub(crate) fn left_out_kinds(left_out: &LeftOutContent) -> impl Iterator<Item = (&'static str, u64)> {
    let LeftOutContent { images, server_tool_calls, tool_results, citations, unknown, .. } = *left_out;
    [
        ("image", images),
        ("server_tool_call", server_tool_calls),
        ("tool_result", tool_results),
        ("citation", citations),
        ("unknown", unknown),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The content type of the text.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const BUCKETS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];
