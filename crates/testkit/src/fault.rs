use std::fmt;
use std::str::FromStr;

use bedrock_stream_core::frame::EncodeError;
use bytes::Bytes;

use crate::message::{Kind, WireMessage};

/// What goes wrong with every request, and what a correct client must conclude from it.
///
/// Each has a name, in [`Fault::ALL`]'s order: `cut`, `no-stop`, `bad-crc`, `exception`, `throttle`, `html`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// `cut`: the body ends cleanly in the middle of a message, half-way through the stream. The client must conclude
    /// that the answer is incomplete, and that its last message is truncated.
    Cut,
    /// `no-stop`: the body ends cleanly between two messages, before `messageStop`; of a recorded body without one, before
    /// the last message. Nothing is damaged, and still the client must conclude that the answer is incomplete.
    NoStop,
    /// `bad-crc`: one bit is wrong in the payload of a message half-way through the stream. The client must conclude that
    /// the message's checksum does not fit, hand out nothing of that message, and read no further.
    BadCrc,
    /// `exception`: half-way through, a `throttlingException` ends the stream. The client must report it with its name
    /// and its message, as retryable, keep what had arrived as incomplete, and not retry by itself.
    Exception,
    /// `throttle`: every request that is let in is refused: status 429, `ThrottlingException`. The client must conclude
    /// that no stream began, and may try again after a while.
    Throttle,
    /// `html`: status 200 and a page of HTML, as a proxy or a captive portal sends, to whoever calls. The client must
    /// conclude from the content type that this is no event stream, and decode nothing.
    Html,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 6] =
        [Self::Cut, Self::NoStop, Self::BadCrc, Self::Exception, Self::Throttle, Self::Html];

    /// The name, as on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::NoStop => "no-stop",
            Self::BadCrc => "bad-crc",
            Self::Exception => "exception",
            Self::Throttle => "throttle",
            Self::Html => "html",
        }
    }

    /// Damages a stream. Faults that come before the stream leave it alone.
    pub(crate) fn apply(self, messages: &mut Vec<WireMessage>) -> Result<(), EncodeError> {
        let middle = messages.len() / 2;
        match self {
            Self::Cut => {
                messages.truncate(middle + 1);
                if let Some(last) = messages.last_mut() {
                    last.bytes.truncate(last.bytes.len() / 2);
                }
            }
            Self::NoStop => {
                let stop = messages.iter().position(|message| message.kind == Kind::Stop);
                messages.truncate(stop.unwrap_or(messages.len().saturating_sub(1)));
            }
            Self::BadCrc => {
                if let Some(message) = messages.get_mut(middle) {
                    let mut bytes = Vec::from(&message.bytes[..]);
                    // Before the checksum, which is the last four bytes, stands the end of the payload.
                    if let Some(byte) = bytes.iter_mut().nth_back(CHECKSUM_LEN) {
                        *byte ^= 1;
                    }
                    message.bytes = Bytes::from(bytes);
                }
            }
            Self::Exception => {
                messages.truncate(middle);
                messages.push(WireMessage::exception(
                    "throttlingException",
                    "Too many tokens, please wait before trying again.",
                )?);
            }
            Self::Throttle | Self::Html => {}
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| UnknownFault { name: name.to_owned() })
    }
}

/// No fault has that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault {name:?}; there are {}", Fault::ALL.map(Fault::name).join(", "))]
#[non_exhaustive]
pub struct UnknownFault {
    /// The name that was asked for.
    pub name: String,
}

const CHECKSUM_LEN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for fault in Fault::ALL {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        let error = "Cut".parse::<Fault>().expect_err("names are in lower case");
        assert_eq!(
            error.to_string(),
            "there is no fault \"Cut\"; there are cut, no-stop, bad-crc, exception, throttle, html"
        );
    }

    #[test]
    fn an_empty_stream_stays_one_or_ends_in_the_exception() {
        for fault in Fault::ALL {
            let mut messages = Vec::new();
            fault.apply(&mut messages).expect("an exception can be encoded");
            assert_eq!(messages.len(), usize::from(fault == Fault::Exception), "{fault}");
        }
    }
}
