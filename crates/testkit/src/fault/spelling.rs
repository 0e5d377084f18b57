//! The text form of faults.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use super::{End, EventType, ExceptionKind, Fault, InjectionPoint, SseDamage};
use crate::refusal_kind::RefusalKind;

impl Fault {
    /// The name, without its arguments.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::NoStop => "no-stop",
            Self::CutAt { end, .. } => end.name(),
            Self::BadCrc => "bad-crc",
            Self::FlipBit { .. } => "flip-bit",
            Self::WrongLength => "wrong-length",
            Self::HugeLength => "huge-length",
            Self::Repeat(_) => "repeat",
            Self::Drop(_) => "drop",
            Self::Swap(_) => "swap",
            Self::Exception | Self::Raise { .. } => "exception",
            Self::UnmodeledError { .. } => "error",
            Self::Throttle => "throttle",
            Self::Refuse { .. } => "refuse",
            Self::Sse(_) => "sse",
            Self::Html => "html",
            Self::HtmlBody => "html-body",
            Self::Json => "json",
            Self::SlowHead { .. } => "slow-head",
            Self::NoHead => "no-head",
            Self::NoResponse => "no-response",
            Self::Split { .. } => "split",
            Self::Drip => "drip",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::CutAt { byte: number, .. }
            | Self::FlipBit { bit: number }
            | Self::SlowHead { millis: number } => write!(f, ":{number}"),
            Self::Split { bytes } => write!(f, ":{bytes}"),
            Self::Repeat(event_type) | Self::Drop(event_type) | Self::Swap(event_type) => {
                write!(f, ":{event_type}")
            }
            Self::Sse(damage) => write!(f, ":{damage}"),
            Self::Raise { exception, at } => write!(f, ":{exception}@{at}"),
            Self::UnmodeledError { at } => write!(f, "@{at}"),
            Self::Refuse { refusal, retry_after: Some(seconds) } => write!(f, ":{refusal}@{seconds}"),
            Self::Refuse { refusal, retry_after: None } => write!(f, ":{refusal}"),
            _ => Ok(()),
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| UnknownFault { name: text.to_owned() })
    }
}

/// The text does not name a fault.
///
/// ```
/// use bedrock_stream_testkit::Fault;
///
/// let error = "cutt".parse::<Fault>().unwrap_err();
/// assert_eq!(error.name, "cutt");
/// // It says what there is instead.
/// assert!(error.to_string().contains("no-stop"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault {name:?}; {}", instead_of(.name))]
#[non_exhaustive]
pub struct UnknownFault {
    /// The text.
    pub name: String,
}

/// What can be written instead: the arguments of the fault that is meant, or all faults.
fn instead_of(text: &str) -> String {
    let name = text.split([':', '@']).next().unwrap_or_default();
    let messages = || names(EventType::ALL);
    let places = || names(InjectionPoint::ALL);
    match name {
        "sse" => format!("DAMAGE of sse:DAMAGE is one of {}", names(SseDamage::ALL)),
        "repeat" | "drop" | "swap" => format!("MESSAGE of {name}:MESSAGE is one of {}", messages()),
        "exception" => format!(
            "NAME of exception:NAME@PLACE is one of {}, and PLACE one of {}",
            names(ExceptionKind::ALL),
            places()
        ),
        "error" => format!("PLACE of error@PLACE is one of {}", places()),
        "refuse" => format!(
            "CODE of refuse:CODE@SECONDS is one of {}, and SECONDS a whole number",
            names(RefusalKind::ALL)
        ),
        "cut-at" | "abort-at" | "reset-at" | "stall-at" => format!("BYTE of {name}:BYTE is a whole number"),
        "flip-bit" => "BIT of flip-bit:BIT is a whole number".to_owned(),
        "slow-head" => "MILLISECONDS of slow-head:MILLISECONDS is a whole number".to_owned(),
        "split" => "BYTES of split:BYTES is a whole number of at least 1".to_owned(),
        name if PLAIN.iter().any(|fault| fault.name() == name) => format!("{name} takes nothing more"),
        _ => ALL_FAULTS.to_owned(),
    }
}

fn names(all: &[impl fmt::Display]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

const ALL_FAULTS: &str = "there are cut, no-stop, bad-crc, exception, throttle, html, cut-at:BYTE, abort-at:BYTE, \
     reset-at:BYTE, stall-at:BYTE, flip-bit:BIT, wrong-length, huge-length, repeat:MESSAGE, drop:MESSAGE, swap:MESSAGE, \
     exception:NAME@PLACE, error@PLACE, refuse:CODE@SECONDS, html-body, json, slow-head:MILLISECONDS, no-head, \
     no-response, sse:DAMAGE, split:BYTES, drip";

fn parse(text: &str) -> Option<Fault> {
    let (text, at) = match text.split_once('@') {
        Some((text, at)) => (text, Some(at)),
        None => (text, None),
    };
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let number = |default: u64| value.map_or(Some(default), |value| value.parse().ok());
    let event_type = || value.map_or(Some(EventType::Delta), EventType::named);
    let place = || at.map_or(Some(InjectionPoint::Middle), InjectionPoint::named);
    let fault = match name {
        "exception" if value.is_none() && at.is_none() => Fault::Exception,
        "exception" => {
            let exception = value.map_or(Some(ExceptionKind::Throttling), ExceptionKind::named)?;
            return Some(Fault::Raise { exception, at: place()? });
        }
        "error" if value.is_none() => return Some(Fault::UnmodeledError { at: place()? }),
        "refuse" => {
            let refusal = value.map_or(Some(RefusalKind::Throttling), RefusalKind::named)?;
            let retry_after = at.map(str::parse).transpose().ok()?;
            return Some(Fault::Refuse { refusal, retry_after });
        }
        "flip-bit" => Fault::FlipBit { bit: number(DEFAULT_BIT)? },
        "slow-head" => Fault::SlowHead { millis: number(DEFAULT_MILLIS)? },
        "split" => Fault::Split { bytes: NonZeroUsize::new(usize::try_from(number(DEFAULT_SPLIT)?).ok()?)? },
        "sse" => Fault::Sse(SseDamage::named(value?)?),
        "repeat" => Fault::Repeat(event_type()?),
        "drop" => Fault::Drop(event_type()?),
        "swap" => Fault::Swap(event_type()?),
        name => match End::named(name) {
            Some(end) => Fault::CutAt { byte: number(DEFAULT_BYTE)?, end },
            None => PLAIN.into_iter().find(|fault| value.is_none() && fault.name() == name)?,
        },
    };
    at.is_none().then_some(fault)
}

/// The faults without arguments.
const PLAIN: [Fault; 12] = [
    Fault::Cut,
    Fault::NoStop,
    Fault::BadCrc,
    Fault::WrongLength,
    Fault::HugeLength,
    Fault::Throttle,
    Fault::Html,
    Fault::HtmlBody,
    Fault::Json,
    Fault::NoHead,
    Fault::NoResponse,
    Fault::Drip,
];
pub(super) const DEFAULT_BYTE: u64 = 1_000;
pub(super) const DEFAULT_BIT: u64 = 8_000;
pub(super) const DEFAULT_MILLIS: u64 = 100;
pub(super) const DEFAULT_SPLIT: u64 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_can_be_written_and_read() {
        for &fault in Fault::ALL.iter().chain(Fault::SSE) {
            assert_eq!(fault.to_string().parse(), Ok(fault));
            assert!(fault.to_string().starts_with(fault.name()));
        }
        for seed in 0..1_000 {
            let fault = Fault::random(seed);
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
    }

    #[test]
    fn numbers_may_be_left_out() {
        for (short, long) in [
            ("cut-at", "cut-at:1000"),
            ("flip-bit", "flip-bit:8000"),
            ("split", "split:7"),
            ("drop", "drop:delta"),
            ("error", "error@middle"),
            ("exception@first", "exception:throttlingException@first"),
            ("refuse", "refuse:ThrottlingException"),
        ] {
            assert_eq!(short.parse::<Fault>().map(|fault| fault.to_string()).as_deref(), Ok(long));
        }
    }

    #[test]
    fn what_could_be_meant_is_told() {
        for (text, told) in [
            ("nope", "there is no fault \"nope\"; there are cut, no-stop, "),
            (
                "sse:nope",
                "there is no fault \"sse:nope\"; DAMAGE of sse:DAMAGE is one of cut-line, no-blank-line, ",
            ),
            ("exception:foo@after", "NAME of exception:NAME@PLACE is one of throttlingException, "),
            (
                "exception:foo@after",
                "unheardOfException, and PLACE one of first, middle, last, stopped, after",
            ),
            ("error@x", "PLACE of error@PLACE is one of first, middle, "),
            ("drop:x", "MESSAGE of drop:MESSAGE is one of message-start, block-start, delta, "),
            ("refuse:x", "CODE of refuse:CODE@SECONDS is one of AccessDeniedException, "),
            ("cut-at:x", "BYTE of cut-at:BYTE is a whole number"),
            ("split:0", "BYTES of split:BYTES is a whole number of at least 1"),
            ("html:1", "html takes nothing more"),
        ] {
            let error = text.parse::<Fault>().expect_err(text).to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn nothing_else_is_a_fault() {
        for text in [
            "",
            ":",
            "@",
            "Cut",
            "cut:",
            "cut@first",
            "cut-at:x",
            "cut-at:-1",
            "split:0",
            "drop:x",
            "repeat@first",
            "exception:x",
            "exception@x",
            "exception:",
            "error:x",
            "refuse:x",
            "refuse@x",
            "html:1",
            "drip:1",
            "sse",
            "sse:x",
        ] {
            let error = text.parse::<Fault>().expect_err(text);
            assert!(error.to_string().starts_with(&format!("there is no fault {text:?}; ")));
        }
    }
}
