use std::fmt;

use super::bit_flip::BitFlip;
use super::text::fit;

/// What damaged bytes probably are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// An error body of a service or a proxy.
    JsonError { code: Option<String>, message: Option<String> },
    /// Something that is known by its first bytes.
    LooksLike(&'static str),
    /// The event stream begins after an HTTP head.
    HttpHead { body: u64 },
    /// The framing of HTTP's chunks was not taken off.
    HttpChunks,
    /// Base64 that was not decoded.
    Base64,
    /// Bytes were read as text, and what is no UTF-8 was replaced.
    ReadAsText { replaced: usize },
    /// Nothing but zeros.
    Zeros,
    /// One bit is wrong, and the message is whole without that.
    BitFlip { at: u64, flip: BitFlip, is: u8, part: &'static str },
    /// The lengths and the next message agree, so only the content is wrong.
    ContentOnly { next: u64 },
    /// The next message starts elsewhere than this one ends.
    NextElsewhere { next: u64, end: u64 },
    /// The next place where a message can start, where this one has no length.
    NextMessage { next: u64, skipped: u64 },
    /// No message starts in the bytes that were looked through.
    NoNextMessage { searched: u64 },
    /// The input ends inside the message.
    CutShort { missing: u64, at_least: bool },
    /// The lengths are what the sender said, and contradict each other or are absurd.
    Meant,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JsonError { code, message } => {
                f.write_str("this is JSON: an error body")?;
                if let Some(code) = code {
                    write!(f, ", {}", fit(code, 60))?;
                }
                message.as_ref().map_or(Ok(()), |message| write!(f, ": \"{}\"", fit(message, 200)))
            }
            Self::LooksLike(what) => write!(f, "this is {what}, and no event stream"),
            Self::HttpHead { body } => {
                write!(f, "this is an HTTP response with its head: the event stream starts at byte {body}")
            }
            Self::HttpChunks => f.write_str(
                "the sizes of HTTP's chunks are among the bytes: the transfer encoding was not decoded",
            ),
            Self::Base64 => f.write_str("this is an event stream in base64: decode that first"),
            Self::ReadAsText { replaced } => write!(
                f,
                "the bytes were read as text on their way: {replaced} times U+FFFD stands where other bytes were, which are lost"
            ),
            Self::Zeros => f.write_str("these are zeros: a hole in the file"),
            Self::BitFlip { at, flip, is, part } => write!(
                f,
                "one bit is wrong, in the {part}: byte {at} is {is:#04x} and was {:#04x}; the rest of the message is intact",
                is ^ flip.mask
            ),
            Self::ContentOnly { next } => {
                write!(
                    f,
                    "its content is damaged, not its length: the next message starts where it should, at byte {next}"
                )
            }
            Self::NextElsewhere { next, end } if next < end => write!(
                f,
                "{} bytes of it are missing: the next message starts at byte {next}, and should at {end}",
                end - next
            ),
            Self::NextElsewhere { next, end } => write!(
                f,
                "the next message starts at byte {next}, {} bytes after the end that this one declares",
                next - end
            ),
            Self::NextMessage { next, skipped } => {
                write!(f, "a message starts at byte {next}: {skipped} bytes from here, which belong to none")
            }
            Self::NoNextMessage { searched } => {
                write!(f, "no message starts in the {searched} bytes from here on")
            }
            Self::CutShort { missing, at_least } => {
                let at_least = if *at_least { "at least " } else { "" };
                write!(f, "the input ends inside this message: {at_least}{missing} more bytes are needed")
            }
            Self::Meant => {
                f.write_str("the prelude's checksum fits, so these lengths are what the sender wrote")
            }
        }
    }
}
