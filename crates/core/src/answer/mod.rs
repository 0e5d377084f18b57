//! What every decoder of an answer returns, whatever its dialect: chunks, how the answer ended, the assembled
//! response, and the errors.
//!
//! [`Chunk::Stop`] is the proof that an answer is complete, and [`Chunk::Done`] is its last chunk. A stream that ends
//! without the proof ends in an error.

mod chunk;
mod chunk_ref;
mod context_length;
mod decode;
mod done;
mod error;
mod error_detail;
mod error_name;
mod event_too_long;
mod exception;
mod incomplete;
mod incomplete_response;
mod metrics;
mod parse_text_error;
mod partial_json;
mod response;
mod response_builder;
mod service_tier;
mod skipped;
mod stop_reason;
mod trace;
mod unknown_dialect;
mod unmodeled_error;
mod usage;

pub use chunk::{BlockKind, Chunk};
pub use chunk_ref::ChunkRef;
pub use context_length::is_context_length_message;
pub use decode::Decode;
pub use done::{Done, Tail};
pub use error::Error;
pub use error_name::is_error_name;
pub use event_too_long::EventTooLong;
pub use exception::Exception;
pub use incomplete::{Incomplete, StreamPosition};
pub use incomplete_response::IncompleteResponse;
pub use metrics::{Latency, Metrics, PerformanceConfig};
pub use parse_text_error::ParseTextError;
pub use partial_json::PartialJson;
pub use response::{IntoMessageError, Output, Response, UnusableToolInput};
pub use response_builder::ResponseBuilder;
pub use service_tier::{ServiceTier, ServiceTierType};
pub use skipped::{OrderViolation, SkippedEvent};
pub use stop_reason::StopReason;
pub use trace::{GuardrailTrace, PromptRouterTrace, Trace};
pub use unknown_dialect::UnknownDialect;
pub use unmodeled_error::UnmodeledError;
pub use usage::{CacheDetail, NormalizedUsage, Usage};
