use alloc::string::{String, ToString};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::metrics::{Metrics, PerformanceConfig};
use super::service_tier::ServiceTier;
use super::stop_reason::StopReason;
use super::trace::Trace;
use super::usage::Usage;
use crate::error_kind::ErrorKind;
use crate::frame;
use crate::json::{Fields, Json};

/// How the stream broke after the answer was complete. At most the usage is missing.
///
/// ```
/// use bedrock_stream_core::answer::{Chunk, StopReason, Tail};
/// use bedrock_stream_core::converse::{Chunker, MessageStop};
/// use bedrock_stream_core::ErrorKind;
///
/// let mut chunker = Chunker::new();
/// chunker.apply(MessageStop::new(StopReason::EndTurn).into())?;
/// while chunker.next_chunk().is_some() {}
/// // The answer is proven complete. If the connection breaks now, only the usage is lost.
/// let tail = Tail::new(ErrorKind::Transport, "connection reset");
/// let Some(Chunk::Done(done)) = chunker.finish_broken(tail.clone()) else { panic!("it is complete") };
/// assert_eq!((done.tail, done.usage), (Some(tail), None));
/// # Ok::<(), bedrock_stream_core::answer::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Tail {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What went wrong, as a sentence.
    pub message: String,
}

impl Tail {
    /// A stream that broke after its answer was complete.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl From<frame::Error> for Tail {
    fn from(error: frame::Error) -> Self {
        Self::new(error.kind(), error.to_string())
    }
}

/// How an answer ended, and what it cost.
///
/// It proves that the answer is complete: all that the model sent has arrived. Whether the model finished is
/// [`stop_reason`](Self::stop_reason): an answer that was cut off by `max_tokens` is complete in this sense, too.
///
/// ```
/// use bedrock_stream_core::answer::{Done, StopReason};
///
/// let done = Done::new(StopReason::EndTurn);
/// assert_eq!(done.stop_reason.as_str(), "end_turn");
/// assert!(done.skipped_events == 0 && done.tail.is_none(), "nothing is missing");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Done {
    /// Why the model stopped; `Unknown("")` if Bedrock did not say.
    pub stop_reason: StopReason,
    /// The vendor's own word for the stop reason, if the answer came in a dialect other than Converse.
    pub raw_stop_reason: Option<String>,
    /// The fields requested by `additionalModelResponseFieldPaths`.
    pub additional_model_response_fields: Option<Json>,
    /// The tokens used.
    pub usage: Option<Usage>,
    /// The vendor's own usage, as it was sent, if the answer came in a dialect other than Converse.
    pub vendor_usage: Option<Json>,
    /// Bedrock's own counts and times, which may differ from the vendor's (`amazon-bedrock-invocationMetrics` of
    /// `InvokeModelWithResponseStream`), as they were sent.
    pub invocation_metrics: Option<Json>,
    /// The time it took.
    pub metrics: Option<Metrics>,
    /// What guardrails and prompt routers did.
    pub trace: Option<Trace>,
    /// The requested latency.
    pub performance_config: Option<PerformanceConfig>,
    /// The tier that the request was served in.
    pub service_tier: Option<ServiceTier>,
    /// The members of `messageStop` and `metadata` that this version does not know.
    pub other: Fields,
    /// How many events were skipped. Their content is missing from the answer.
    pub skipped_events: u64,
    /// What broke the stream after [`Chunk::Stop`](super::Chunk::Stop), if anything did; the usage may then be missing.
    pub tail: Option<Tail>,
}

impl Done {
    /// An answer that ended for this reason; everything else is empty.
    #[must_use]
    pub fn new(stop_reason: StopReason) -> Self {
        Self { stop_reason, ..Self::default() }
    }

    /// Whether an unknown member with that name would be mistaken for a modeled one, here or in a
    /// [`Response`](super::Response).
    #[doc(hidden)]
    pub fn is_member(name: &str) -> bool {
        MEMBERS.contains(&name)
    }
}

impl Serialize for Done {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn entry<M: SerializeMap, T: Serialize>(
            map: &mut M,
            name: &str,
            value: Option<&T>,
        ) -> Result<(), M::Error> {
            value.map_or(Ok(()), |value| map.serialize_entry(name, value))
        }
        let Self {
            stop_reason,
            raw_stop_reason,
            additional_model_response_fields,
            usage,
            vendor_usage,
            invocation_metrics,
            metrics,
            trace,
            performance_config,
            service_tier,
            other,
            skipped_events,
            tail,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("stop_reason", stop_reason)?;
        entry(&mut map, "raw_stop_reason", raw_stop_reason.as_ref())?;
        entry(&mut map, "usage", usage.as_ref())?;
        entry(&mut map, "vendor_usage", vendor_usage.as_ref())?;
        entry(&mut map, "invocation_metrics", invocation_metrics.as_ref())?;
        entry(&mut map, "metrics", metrics.as_ref())?;
        entry(&mut map, "trace", trace.as_ref())?;
        entry(&mut map, "additional_model_response_fields", additional_model_response_fields.as_ref())?;
        entry(&mut map, "performance_config", performance_config.as_ref())?;
        entry(&mut map, "service_tier", service_tier.as_ref())?;
        for (name, value) in other {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("skipped_events", skipped_events)?;
        entry(&mut map, "tail", tail.as_ref())?;
        map.end()
    }
}

/// The names of [`Done`]'s members and of a response's.
const MEMBERS: [&str; 18] = [
    "additionalModelResponseFields",
    "additional_model_response_fields",
    "invocation_metrics",
    "metrics",
    "output",
    "performanceConfig",
    "performance_config",
    "raw_stop_reason",
    "serviceTier",
    "service_tier",
    "skipped_events",
    "stopReason",
    "stop_reason",
    "tail",
    "trace",
    "type",
    "usage",
    "vendor_usage",
];
