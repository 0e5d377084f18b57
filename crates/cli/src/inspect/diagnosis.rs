use std::fmt;

use super::bit_flip::BitFlip;
use super::text::fit;
use crate::output::{format_count, format_offset};

/// What damaged bytes probably are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Diagnosis {
    /// An error body of a service or a proxy.
    JsonError { code: Option<String>, message: Option<String> },
    /// Something recognized by its first bytes.
    LooksLike(&'static str),
    /// An event stream after an HTTP response head.
    HttpHead { body: u64 },
    /// HTTP chunked encoding was not decoded.
    HttpChunks,
    /// An event stream in base64.
    Base64,
    /// Bytes were decoded as text, and invalid UTF-8 was replaced.
    LossyText { replaced: usize },
    /// Only zeros.
    Zeros,
    /// One bit is wrong; the message is intact otherwise.
    BitFlip { at: u64, flip: BitFlip, is: u8, part: &'static str },
    /// The next message starts where it should, so only the content is damaged.
    ContentDamaged { next: u64 },
    /// The next message does not start where this one should end.
    LengthMismatch { next: u64, end: u64 },
    /// Where the next message starts, if the length of this one is unknown.
    NextMessage { next: u64, skipped: u64 },
    /// No message starts in the bytes that were searched.
    NoNextMessage { searched: u64 },
    /// The input ends inside the message.
    CutShort { missing: u64, at_least: bool },
    /// The checksum of the prelude fits, so the sender wrote these lengths, although they are invalid.
    ValidPrelude,
    /// Messages can be read after the damage; more than these if `at_least`. `has_stop`: whether `messageStop` is among them,
    /// for a ConverseStream answer.
    LaterMessages { messages: u64, at_least: bool, has_stop: Option<bool> },
}

impl Diagnosis {
    /// The verdict if no message could be read, and this is the first diagnosis.
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
                "this is not an event stream, or it does not begin at the start of one".to_owned()
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
            Self::LooksLike(what) => write!(f, "this is {what}, not an event stream"),
            Self::HttpHead { body } => {
                write!(
                    f,
                    "this is an HTTP response with its head: the event stream starts at byte {}",
                    format_offset(*body)
                )
            }
            Self::HttpChunks => f.write_str(
                "the bytes contain the chunk sizes of HTTP: the transfer encoding was not decoded",
            ),
            Self::Base64 => f.write_str("this is an event stream in base64: decode the base64 first"),
            Self::LossyText { replaced } => write!(
                f,
                "the bytes were decoded as text on the way: U+FFFD replaces other bytes {} times, and those are lost",
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
                "{} bytes of it are missing: the next message starts at byte {}, but should start at {}",
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
                    "a message starts at byte {}; the {skipped} bytes before it belong to no message",
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
                f.write_str("the prelude's checksum is correct, so the sender wrote these lengths")
            }
        }
    }
}
