//! The dialects besides Converse: their requests, the payloads of their answers, and their errors.

mod carrier;
mod error_shape;
mod native;
mod payload_type;
mod request;
mod sse_events;
mod stream;
mod vendor;
mod whole;

pub(crate) use self::carrier::Carrier;
pub(crate) use self::error_shape::ErrorShape;
pub(crate) use self::payload_type::payload_type;
pub(crate) use self::request::{
    Asked, BadRequest, check_guardrail, count_tokens, guardrail, guardrail_checks,
};
pub(crate) use self::sse_events::{data as event_data, looks_like_events, split_events};
pub(crate) use self::stream::Target;
pub(crate) use self::vendor::Vendor;
pub(crate) use self::whole::{NotWhole, Whole};
