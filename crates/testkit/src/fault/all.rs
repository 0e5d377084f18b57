//! All faults, and a random one.

use std::num::NonZeroUsize;

use super::spelling::{DEFAULT_BIT, DEFAULT_BYTE, DEFAULT_MILLIS, DEFAULT_SPLIT};
use super::{End, EventType, ExceptionKind, Fault, InjectionPoint, SseDamage};
use crate::refusal_kind::RefusalKind;
use crate::rng::Rng;

impl Fault {
    /// Every fault of an event stream: one of each with numbers, and every distinct one with an event type, a kind or an injection point.
    pub const ALL: &'static [Self] = &[
        Self::Cut,
        Self::NoStop,
        Self::BadCrc,
        Self::Exception,
        Self::Throttle,
        Self::Html,
        Self::CutAt { byte: 0, end: End::Clean },
        Self::CutAt { byte: DEFAULT_BYTE, end: End::Clean },
        Self::CutAt { byte: 0, end: End::Abort },
        Self::CutAt { byte: DEFAULT_BYTE, end: End::Abort },
        Self::CutAt { byte: 0, end: End::Reset },
        Self::CutAt { byte: DEFAULT_BYTE, end: End::Reset },
        Self::CutAt { byte: 0, end: End::Stall },
        Self::CutAt { byte: DEFAULT_BYTE, end: End::Stall },
        Self::FlipBit { bit: DEFAULT_BIT },
        Self::WrongLength,
        Self::HugeLength,
        Self::Repeat(EventType::MessageStart),
        Self::Repeat(EventType::BlockStart),
        Self::Repeat(EventType::Delta),
        Self::Repeat(EventType::BlockStop),
        Self::Repeat(EventType::MessageStop),
        Self::Repeat(EventType::Metadata),
        Self::Drop(EventType::MessageStart),
        Self::Drop(EventType::BlockStart),
        Self::Drop(EventType::Delta),
        Self::Drop(EventType::BlockStop),
        Self::Drop(EventType::MessageStop),
        Self::Drop(EventType::Metadata),
        Self::Swap(EventType::MessageStart),
        Self::Swap(EventType::BlockStart),
        Self::Swap(EventType::Delta),
        Self::Swap(EventType::BlockStop),
        Self::Swap(EventType::MessageStop),
        Self::Swap(EventType::Metadata),
        Self::Raise { exception: ExceptionKind::Throttling, at: InjectionPoint::First },
        Self::Raise { exception: ExceptionKind::Validation, at: InjectionPoint::First },
        Self::Raise { exception: ExceptionKind::Throttling, at: InjectionPoint::Middle },
        Self::Raise { exception: ExceptionKind::ServiceUnavailable, at: InjectionPoint::Middle },
        Self::Raise { exception: ExceptionKind::InternalServer, at: InjectionPoint::Middle },
        Self::Raise { exception: ExceptionKind::ModelStreamError, at: InjectionPoint::Middle },
        Self::Raise { exception: ExceptionKind::ModelTimeout, at: InjectionPoint::Middle },
        Self::Raise { exception: ExceptionKind::Validation, at: InjectionPoint::Middle },
        Self::Raise { exception: ExceptionKind::Unknown, at: InjectionPoint::Middle },
        Self::Raise { exception: ExceptionKind::InternalServer, at: InjectionPoint::Last },
        Self::Raise { exception: ExceptionKind::InternalServer, at: InjectionPoint::Stopped },
        Self::Raise { exception: ExceptionKind::InternalServer, at: InjectionPoint::After },
        Self::UnmodeledError { at: InjectionPoint::First },
        Self::UnmodeledError { at: InjectionPoint::Middle },
        Self::UnmodeledError { at: InjectionPoint::Last },
        Self::UnmodeledError { at: InjectionPoint::Stopped },
        Self::UnmodeledError { at: InjectionPoint::After },
        Self::Refuse { refusal: RefusalKind::AccessDenied, retry_after: None },
        Self::Refuse { refusal: RefusalKind::Validation, retry_after: None },
        Self::Refuse { refusal: RefusalKind::ResourceNotFound, retry_after: None },
        Self::Refuse { refusal: RefusalKind::ServiceQuotaExceeded, retry_after: None },
        Self::Refuse { refusal: RefusalKind::ModelTimeout, retry_after: None },
        Self::Refuse { refusal: RefusalKind::ModelError, retry_after: None },
        Self::Refuse { refusal: RefusalKind::Throttling, retry_after: Some(1) },
        Self::Refuse { refusal: RefusalKind::ModelNotReady, retry_after: None },
        Self::Refuse { refusal: RefusalKind::InternalServer, retry_after: None },
        Self::Refuse { refusal: RefusalKind::ServiceUnavailable, retry_after: None },
        Self::HtmlBody,
        Self::Json,
        Self::SlowHead { millis: DEFAULT_MILLIS },
        Self::NoHead,
        Self::NoResponse,
        Self::Split { bytes: SPLIT },
        Self::Drip,
    ];

    /// Every fault that only server-sent events can have.
    pub const SSE: &'static [Self] = &[
        Self::Sse(SseDamage::CutLine),
        Self::Sse(SseDamage::NoBlankLine),
        Self::Sse(SseDamage::Crlf),
        Self::Sse(SseDamage::Bom),
        Self::Sse(SseDamage::DataLines),
        Self::Sse(SseDamage::DataOnly),
        Self::Sse(SseDamage::DataFirst),
        Self::Sse(SseDamage::NoDone),
        Self::Sse(SseDamage::DoneEarly),
        Self::Sse(SseDamage::Pings),
    ];

    /// A random fault: where and how a body ends, which bit is wrong, or how it is split. The same seed gives the same fault.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let number = rng.next_u64() >> 40;
        match rng.below(6) {
            0 => Self::CutAt { byte: number, end: End::Abort },
            1 => Self::CutAt { byte: number, end: End::Reset },
            2 => Self::FlipBit { bit: number },
            3 => Self::Split { bytes: NonZeroUsize::MIN.saturating_add(rng.below(2_000)) },
            _ => Self::CutAt { byte: number, end: End::Clean },
        }
    }
}

const SPLIT: NonZeroUsize = match NonZeroUsize::new(DEFAULT_SPLIT as usize) {
    Some(split) => split,
    None => NonZeroUsize::MIN,
};
