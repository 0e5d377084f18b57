//! Asks a model, and exports the span and the metrics of that over OTLP, to `OTEL_EXPORTER_OTLP_ENDPOINT` or
//! `http://localhost:4318`, with `OTEL_EXPORTER_OTLP_PROTOCOL` as Protobuf or JSON.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use bedrock_stream_reqwest::converse::Request;
use bedrock_stream_reqwest::{Client, Instrument};
use metrics::{Counter, Gauge, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The exporters' HTTP client wants to know which cryptography to use, also where it speaks no TLS.
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "there is a provider already")?;

    // Spans: from `tracing` to OpenTelemetry.
    let exporter = SpanExporter::builder().with_http().build()?;
    let spans = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let tracer = spans.tracer("my-program");
    tracing_subscriber::registry().with(tracing_opentelemetry::layer().with_tracer(tracer)).init();

    // Metrics: from the facade `metrics` to OpenTelemetry.
    let exporter = MetricExporter::builder().with_http().build()?;
    let metrics = SdkMeterProvider::builder().with_periodic_exporter(exporter).build();
    metrics::set_global_recorder(OtelRecorder::new(&metrics.meter("my-program")))?;

    let answer = ask().await;
    // Whatever was not exported by now would be lost.
    spans.shutdown()?;
    metrics.shutdown()?;
    println!("{}", answer?);
    Ok(())
}

async fn ask() -> Result<String, Box<dyn Error>> {
    let [_, model, prompt] = &std::env::args().collect::<Vec<_>>()[..] else {
        return Err("usage: otlp MODEL PROMPT".into());
    };
    let request = Request::new().user(&**prompt).max_tokens(500);
    let answer = Client::from_env()?.converse_stream(model, &request).await?.collect().await?;
    Ok(answer.text())
}

/// Passes this library's histograms on to OpenTelemetry, and nothing else.
struct OtelRecorder(HashMap<&'static str, Histogram<f64>>);

impl OtelRecorder {
    fn new(meter: &Meter) -> Self {
        let histogram = |instrument: Instrument| {
            let histogram = meter.f64_histogram(instrument.name);
            let histogram = histogram.with_unit(instrument.unit).with_description(instrument.description);
            (instrument.name, histogram.with_boundaries(instrument.buckets.to_vec()).build())
        };
        Self(Instrument::ALL.map(histogram).into())
    }
}

impl Recorder for OtelRecorder {
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> metrics::Histogram {
        let Some(histogram) = self.0.get(key.name()) else { return metrics::Histogram::noop() };
        let attributes = key.labels().map(|label| match (label.key(), label.value().parse::<i64>()) {
            // A label is always a text.
            ("server.port", Ok(port)) => KeyValue::new("server.port", port),
            (name, _) => KeyValue::new(name.to_owned(), label.value().to_owned()),
        });
        let histogram = OtelHistogram { histogram: histogram.clone(), attributes: attributes.collect() };
        metrics::Histogram::from_arc(Arc::new(histogram))
    }

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
}

/// One set of attributes of a histogram.
struct OtelHistogram {
    histogram: Histogram<f64>,
    attributes: Vec<KeyValue>,
}

impl HistogramFn for OtelHistogram {
    fn record(&self, value: f64) {
        self.histogram.record(value, &self.attributes);
    }
}
