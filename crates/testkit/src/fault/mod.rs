//! The faults that the fake injects: their names (`spelling`, `all`), where they occur (`injection_point`), their
//! effect on the bytes (`damage`, `replacement`) and on how they are sent (`outgoing_body`, which the server's `body` carries out), and
//! the conclusion of a correct client.

mod all;
mod conclusions;
mod damage;
mod end;
mod event_damage;
mod event_type;
mod exception_kind;
mod injection_point;
mod named;
mod outgoing_body;
mod replacement;
mod spelling;
mod sse_damage;

use std::num::NonZeroUsize;

pub use self::end::End;
pub use self::event_type::EventType;
pub use self::exception_kind::ExceptionKind;
pub use self::injection_point::InjectionPoint;
pub(crate) use self::named::named;
pub(crate) use self::outgoing_body::OutgoingBody;
pub(crate) use self::replacement::{Replacement, page};
pub use self::spelling::UnknownFault;
pub use self::sse_damage::SseDamage;
use crate::conclusion::Conclusion;
use crate::refusal_kind::RefusalKind;

/// Something that goes wrong, and what a correct client must [conclude](Self::conclusion) from it.
///
/// Each fault has a text form, as in the table; numbers are optional.
///
/// | text | fault |
/// |---|---|
/// | `cut`, `no-stop`, `bad-crc`, `exception`, `throttle`, `html` | the common ones |
/// | `cut-at:BYTE`, `abort-at:BYTE`, `reset-at:BYTE`, `stall-at:BYTE` | [`CutAt`](Self::CutAt), by its [`End`] |
/// | `flip-bit:BIT` | [`FlipBit`](Self::FlipBit) |
/// | `wrong-length`, `huge-length` | [`WrongLength`](Self::WrongLength), [`HugeLength`](Self::HugeLength) |
/// | `repeat:MESSAGE`, `drop:MESSAGE`, `swap:MESSAGE` | by [`EventType`] |
/// | `exception:NAME@PLACE`, `error@PLACE` | [`Raise`](Self::Raise), [`UnmodeledError`](Self::UnmodeledError) |
/// | `refuse:CODE@SECONDS` | [`Refuse`](Self::Refuse) |
/// | `html-body`, `json`, `no-head`, `no-response` | the variants of these names |
/// | `sse:DAMAGE` | by [`SseDamage`]: only server-sent events |
/// | `slow-head:MILLISECONDS`, `split:BYTES`, `drip` | harmless |
///
/// Faults can be combined; they are applied one after another.
///
/// The messages are the same in every dialect that has them. [`conclusions_in`](Self::conclusions_in) says what must be
/// concluded in each dialect.
///
/// ```
/// use bedrock_stream_testkit::{Conclusion, End, Fault, FakeBedrock, Reply, answer};
///
/// let fault: Fault = "cut-at:300".parse()?;
/// assert_eq!(fault, Fault::CutAt { byte: 300, end: End::Clean });
/// assert_eq!(fault.conclusion(), Conclusion::Incomplete);
///
/// // In one reply, in the first response, or in every one.
/// let builder = FakeBedrock::builder()
///     .reply("*", Reply::from(answer().text("Hello")).fault(fault))
///     .fault_first(1, Fault::Throttle)
///     .fault(Fault::Drip);
/// # let _ = builder;
/// # Ok::<(), bedrock_stream_testkit::UnknownFault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The body ends cleanly in the middle of a message, half-way through the stream. The client must conclude that the
    /// answer is incomplete and its last message is truncated.
    Cut,
    /// The body ends cleanly between two messages, before `messageStop`; in a recorded body without one, before the last
    /// message. Nothing is damaged, but the client must conclude that the answer is incomplete.
    NoStop,
    /// The body ends at a byte, in one of several ways.
    CutAt {
        /// How many bytes are sent, modulo the end of `messageStop`, so that the proof of completeness is always missing.
        byte: u64,
        /// How it ends.
        end: End,
    },
    /// One bit is wrong in the payload of a message half-way through the stream. The client must conclude that the
    /// checksum of the message is wrong, return nothing of that message, and stop reading. Of server-sent events, which have no
    /// checksum, it is the end of an event's JSON, which then cannot be read.
    BadCrc,
    /// One bit of the body is wrong, anywhere.
    FlipBit {
        /// The bit's number, counted from the lowest bit of the first byte, modulo the length.
        bit: u64,
    },
    /// A message half-way through declares 16 MiB more than it has, with a wrong prelude checksum, and the connection stays
    /// open: the client must notice at once instead of waiting for the rest.
    WrongLength,
    /// A message half-way through declares 4 GiB with a valid checksum, and the connection stays open: the client must notice
    /// that no message can be that long.
    HugeLength,
    /// A message comes twice.
    Repeat(EventType),
    /// A message is missing.
    Drop(EventType),
    /// A message and the one after it come in the wrong order.
    Swap(EventType),
    /// A `throttlingException` ends the stream half-way through. The client must report its name and message, as retryable,
    /// keep what had arrived as incomplete, and not retry by itself.
    Exception,
    /// An exception ends the stream.
    Raise {
        /// Which exception.
        exception: ExceptionKind,
        /// Where. Nothing follows it. After the end of the answer it must change nothing.
        at: InjectionPoint,
    },
    /// A message of type `error` ends the stream, with the code `InternalFailure`.
    UnmodeledError {
        /// Where. Nothing follows it. After the end of the answer it must change nothing.
        at: InjectionPoint,
    },
    /// Every accepted request is refused with status 429, `ThrottlingException`. The client must conclude that no stream
    /// started, and may retry after a while.
    Throttle,
    /// Every accepted request is refused.
    Refuse {
        /// The kind of refusal.
        refusal: RefusalKind,
        /// `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// Status 200 and an HTML page, as from a proxy or a captive portal, without authentication. The client must conclude from
    /// the content type that this is not an event stream, and decode nothing.
    Html,
    /// The same page with the content type of an event stream.
    HtmlBody,
    /// Status 200 and JSON, as from an operation that does not stream.
    Json,
    /// Server-sent events are damaged in a way that is specific to them. This does not affect event streams.
    Sse(SseDamage),
    /// The response head is delayed.
    SlowHead {
        /// The delay, in milliseconds.
        millis: u64,
    },
    /// No response comes, and the connection stays open.
    NoHead,
    /// No response comes, and the connection is reset.
    NoResponse,
    /// This many bytes are written at a time, regardless of message boundaries.
    Split {
        /// How many.
        bytes: NonZeroUsize,
    },
    /// One byte is written at a time.
    Drip,
}

impl Fault {
    /// What a correct client of ConverseStream must conclude if this is the only fault, in an answer with a tool call. A client
    /// that retries concludes from its last attempt.
    ///
    /// Some losses cannot be noticed, because messages are not numbered: a missing delta, for example.
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
            Self::Sse(damage) => damage.conclusion(),
            Self::Html | Self::Json => Conclusion::NotAnEventStream,
        }
    }
}

fn raised(exception: ExceptionKind) -> Conclusion {
    Conclusion::Exception { name: exception.name().to_owned() }
}

/// The code of [`Fault::UnmodeledError`].
pub(crate) const ERROR_CODE: &str = "InternalFailure";
