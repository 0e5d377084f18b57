use std::fmt;

use super::bit_flip::BitFlip;
use super::text::fit;
use crate::output::{format_count, format_offset};

/// What damaged bytes probably are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Diagnosis {
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
    LossyText { replaced: usize },
    /// Nothing but zeros.
    Zeros,
    /// One bit is wrong, and the message is whole without that.
    BitFlip { at: u64, flip: BitFlip, is: u8, part: &'static str },
    /// The lengths and the next message agree, so only the content is wrong.
    ContentDamaged { next: u64 },
    /// The next message starts elsewhere than this one ends.
    LengthMismatch { next: u64, end: u64 },
    /// The next place where a message can start, where this one has no length.
    NextMessage { next: u64, skipped: u64 },
    /// No message starts in the bytes that were looked through.
    NoNextMessage { searched: u64 },
    /// The input ends inside the message.
    CutShort { missing: u64, at_least: bool },
    /// The lengths are what the sender said, and contradict each other or are absurd.
    ValidPrelude,
    /// Messages can be read again after the damage: `at_least` so many, if not all bytes were looked at. Whether the end
    /// of an answer is among them, if it is one.
    LaterMessages { messages: u64, at_least: bool, has_stop: Option<bool> },
}

impl Diagnosis {
    /// Why not one message could be read, if this is the first thing that is known of it.
    pub(crate) fn verdict(&self) -> String {
        match self {
            Self::BitFlip { .. }
            | Self::ContentDamaged { .. }
            | Self::LengthMismatch { .. }
            | Self::ValidPrelude => {
                format!("the first message is damaged: {self}")
            }
            Self::CutShort { .. } => "the stream was cut short, in its first message".to_owned(),
            Self::NextMessage { .. } => {
                format!("the stream does not begin at the start of a message; {self}")
            }
            Self::NoNextMessage { .. } | Self::LaterMessages { .. } => {
                "this is not an event stream, or not from its start".to_owned()
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Diagnosis {
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
                write!(
                    f,
                    "this is an HTTP response with its head: the event stream starts at byte {}",
                    format_offset(*body)
                )
            }
            Self::HttpChunks => f.write_str(
                "the sizes of HTTP's chunks are among the bytes: the transfer encoding was not decoded",
            ),
            Self::Base64 => f.write_str("this is an event stream in base64: decode that first"),
            Self::LossyText { replaced } => write!(
                f,
                "the bytes were read as text on their way: {} times U+FFFD stands where other bytes were, which are lost",
                format_count(*replaced as u64)
            ),
            Self::Zeros => f.write_str("these are zeros: a hole in the file"),
            Self::BitFlip { at, flip, is, part } => write!(
                f,
                "one bit is wrong, in the {part}: byte {} is {is:#04x} and was {:#04x}; the rest of the message is intact",
                format_offset(*at),
                is ^ flip.mask
            ),
            Self::ContentDamaged { next } => {
                write!(
                    f,
                    "its content is damaged, not its length: the next message starts where it should, at byte {}",
                    format_offset(*next)
                )
            }
            Self::LengthMismatch { next, end } if next < end => write!(
                f,
                "{} bytes of it are missing: the next message starts at byte {}, and should at {}",
                format_count(end - next),
                format_offset(*next),
                format_offset(*end)
            ),
            Self::LengthMismatch { next, end } => write!(
                f,
                "the next message starts at byte {}, {} bytes after the end that this one declares",
                format_offset(*next),
                format_count(next - end)
            ),
            Self::NextMessage { next, skipped } => {
                let skipped = format_count(*skipped);
                write!(
                    f,
                    "a message starts at byte {}: {skipped} bytes from here, which belong to none",
                    format_offset(*next)
                )
            }
            Self::NoNextMessage { searched } => {
                write!(f, "no message starts in the {} bytes from here on", format_count(*searched))
            }
            Self::CutShort { missing, at_least } => {
                let at_least = if *at_least { "at least " } else { "" };
                write!(
                    f,
                    "the input ends inside this message: {at_least}{} more bytes are needed",
                    format_count(*missing)
                )
            }
            Self::LaterMessages { messages, at_least, has_stop } => {
                let at_least = if *at_least { "at least " } else { "" };
                let plural = if *messages == 1 { "" } else { "s" };
                write!(
                    f,
                    "after the damage {at_least}{} message{plural} can be read",
                    format_count(*messages)
                )?;
                f.write_str(match has_stop {
                    Some(true) => ", `messageStop` among them",
                    Some(false) => ", `messageStop` not among them",
                    None => "",
                })?;
                f.write_str(": not part of the verdict")
            }
            Self::ValidPrelude => {
                f.write_str("the prelude's checksum fits, so these lengths are what the sender wrote")
            }
        }
    }
}
