//! What may go wrong.

mod all;
mod damage;
mod end;
mod event_type;
mod exception_kind;
mod injection_point;
mod named;
mod outgoing_body;
mod replacement;
mod spelling;

use std::num::NonZeroUsize;

pub use self::end::End;
pub use self::event_type::EventType;
pub use self::exception_kind::ExceptionKind;
pub use self::injection_point::InjectionPoint;
pub(crate) use self::named::named;
pub(crate) use self::outgoing_body::OutgoingBody;
pub(crate) use self::replacement::{Replacement, page};
pub use self::spelling::UnknownFault;
use crate::conclusion::Conclusion;
use crate::refusal_kind::RefusalKind;

/// Something that goes wrong, and what a correct client must [conclude](Self::conclusion) from it.
///
/// Each can be written and read as text, as the table says; numbers may be left out.
///
/// | text | fault |
/// |---|---|
/// | `cut`, `no-stop`, `bad-crc`, `exception`, `throttle`, `html` | the usual ones |
/// | `cut-at:BYTE`, `abort-at:BYTE`, `reset-at:BYTE`, `stall-at:BYTE` | [`CutAt`](Self::CutAt), by its [`End`] |
/// | `flip-bit:BIT` | [`FlipBit`](Self::FlipBit) |
/// | `wrong-length`, `huge-length` | [`WrongLength`](Self::WrongLength), [`HugeLength`](Self::HugeLength) |
/// | `repeat:PIECE`, `drop:PIECE`, `swap:PIECE` | by [`EventType`] |
/// | `exception:NAME@PLACE`, `error@PLACE` | [`Raise`](Self::Raise), [`UnmodeledError`](Self::UnmodeledError) |
/// | `refuse:CODE@SECONDS` | [`Refuse`](Self::Refuse) |
/// | `html-body`, `json`, `no-head`, `no-response` | the variants of these names |
/// | `slow-head:MILLISECONDS`, `split:BYTES`, `drip` | what loses nothing |
///
/// Faults can be combined: each is applied to what those before it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The body ends cleanly in the middle of a message, half-way through the stream. The client must conclude that the
    /// answer is incomplete, and that its last message is truncated.
    Cut,
    /// The body ends cleanly between two messages, before `messageStop`; of a recorded body without one, before the last
    /// message. Nothing is damaged, and still the client must conclude that the answer is incomplete.
    NoStop,
    /// The body ends at a byte, in one of several ways.
    CutAt {
        /// How many bytes are sent before. From the end of the `messageStop` on, the count begins anew, so that whatever
        /// the number is, the proof of completeness is missing.
        byte: u64,
        /// How it ends.
        end: End,
    },
    /// One bit is wrong in the payload of a message half-way through the stream. The client must conclude that the
    /// message's checksum does not fit, hand out nothing of that message, and read no further.
    BadCrc,
    /// One bit of the body is wrong, anywhere.
    FlipBit {
        /// Which, counted from the first byte's lowest; beyond the end it begins anew.
        bit: u64,
    },
    /// A message half-way declares 16 MiB more than it has, the checksum of that declaration is wrong, and the connection
    /// stays open: the client must notice at once instead of waiting for the rest.
    WrongLength,
    /// A message half-way declares 4 GiB with a right checksum, and the connection stays open: the client must notice
    /// that no message is that long.
    HugeLength,
    /// A message comes twice.
    Repeat(EventType),
    /// A message is missing.
    Drop(EventType),
    /// A message and the one after it come in the wrong order.
    Swap(EventType),
    /// Half-way through, a `throttlingException` ends the stream. The client must report it with its name and its message,
    /// as retryable, keep what had arrived as incomplete, and not retry by itself.
    Exception,
    /// An exception ends the stream.
    Raise {
        /// Which.
        exception: ExceptionKind,
        /// Where. Nothing follows it. After the end it must change nothing.
        at: InjectionPoint,
    },
    /// A message of type `error` ends the stream, with the code `InternalFailure`.
    UnmodeledError {
        /// Where. Nothing follows it. After the end it must change nothing.
        at: InjectionPoint,
    },
    /// Every request that is let in is refused: status 429, `ThrottlingException`. The client must conclude that no stream
    /// began, and may try again after a while.
    Throttle,
    /// Every request that is let in is refused.
    Refuse {
        /// How.
        refusal: RefusalKind,
        /// `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// Status 200 and a page of HTML, as a proxy or a captive portal sends, to whoever calls. The client must conclude from
    /// the content type that this is no event stream, and decode nothing.
    Html,
    /// The same page where the content type promises an event stream.
    HtmlBody,
    /// Status 200 and JSON, as an operation that does not stream gives.
    Json,
    /// The response's head comes late.
    SlowHead {
        /// How late.
        millis: u64,
    },
    /// No response comes, and the connection stays open.
    NoHead,
    /// No response comes, and the connection is reset.
    NoResponse,
    /// So many bytes are written at a time, whatever messages they belong to.
    Split {
        /// How many.
        bytes: NonZeroUsize,
    },
    /// One byte is written at a time.
    Drip,
}

impl Fault {
    /// What a correct client must conclude, if a whole answer with a tool call went wrong in this way and no other. A
    /// client that tries again concludes from its last attempt.
    ///
    /// Some losses nobody can notice, as messages have no numbers: a delta that is missing, say.
    #[must_use]
    pub fn conclusion(self) -> Conclusion {
        match self {
            Self::Cut | Self::NoStop | Self::CutAt { end: End::Clean, .. } => Conclusion::Incomplete,
            Self::CutAt { end: End::Stall, .. } | Self::NoHead => Conclusion::Stalled,
            Self::CutAt { .. } | Self::NoResponse => Conclusion::Broken,
            Self::BadCrc | Self::FlipBit { .. } | Self::WrongLength | Self::HugeLength | Self::HtmlBody => {
                Conclusion::Damaged
            }
            Self::Repeat(EventType::MessageStart | EventType::MessageStop)
            | Self::Drop(EventType::BlockStart)
            | Self::Swap(EventType::BlockStart) => Conclusion::Skipped,
            Self::Drop(EventType::MessageStop) => Conclusion::Incomplete,
            Self::Raise { at: InjectionPoint::After, .. }
            | Self::UnmodeledError { at: InjectionPoint::After }
            | Self::Repeat(_)
            | Self::Drop(_)
            | Self::Swap(_)
            | Self::SlowHead { .. }
            | Self::Split { .. }
            | Self::Drip => Conclusion::Complete,
            Self::Exception => raised(ExceptionKind::Throttling),
            Self::Raise { exception, .. } => raised(exception),
            Self::UnmodeledError { .. } => Conclusion::UnmodeledError { code: ERROR_CODE.to_owned() },
            Self::Throttle => Conclusion::Refused { status: RefusalKind::Throttling.status().as_u16() },
            Self::Refuse { refusal, .. } => Conclusion::Refused { status: refusal.status().as_u16() },
            Self::Html | Self::Json => Conclusion::NotAnEventStream,
        }
    }
}

fn raised(exception: ExceptionKind) -> Conclusion {
    Conclusion::Exception { name: exception.name().to_owned() }
}

/// The code of [`Fault::UnmodeledError`].
pub(crate) const ERROR_CODE: &str = "InternalFailure";
