//! What an operation tells observers: its span, with the feature `tracing`, and its metrics, with the feature `metrics`.
//! Without either it costs nothing.
//!
//! No prompt and no answer is recorded, and of errors only the name, since a service may echo either in its messages.
//!
//! Source of names, units and meanings: OpenTelemetry semantic conventions 1.41, "Generative client AI spans", "AWS Bedrock
//! operations" and "Generative AI metrics".

#[cfg(not(any(feature = "metrics", feature = "tracing")))]
pub(crate) mod disabled;
#[cfg(feature = "metrics")]
pub(crate) mod instrument;
#[cfg(feature = "metrics")]
mod meter;
pub(crate) mod outcome;
#[cfg(feature = "tracing")]
mod span;
#[cfg(any(feature = "metrics", feature = "tracing"))]
pub(crate) mod telemetry;

#[cfg(any(feature = "metrics", feature = "tracing"))]
mod answer_facts;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod error_name;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod request_facts;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod scalar;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod subject;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod token_counts;

#[cfg(not(any(feature = "metrics", feature = "tracing")))]
pub(crate) use disabled::Telemetry;
#[cfg(any(feature = "metrics", feature = "tracing"))]
pub(crate) use telemetry::Telemetry;
