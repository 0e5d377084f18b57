use alloc::borrow::Cow;
use alloc::string::String;

use serde::ser::{Serialize, Serializer};

use super::error::Error;
use super::event_too_long::EventTooLong;
use super::incomplete::StreamPosition;
use super::skipped::SkippedEvent;
use super::unknown_dialect::UnknownDialect;
use crate::error_kind::ErrorKind;
use crate::frame;
use crate::json::Json;

/// The members that each kind of error has in JSON, besides its kind and its message. A payload is shown as text;
/// invalid UTF-8 is replaced by U+FFFD.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum ErrorDetail<'a> {
    Checksum {
        offset: u64,
        wire: u32,
        computed: u32,
    },
    Length {
        offset: u64,
        total: u32,
        headers: u32,
    },
    TooLong {
        offset: u64,
        need: u32,
        limit: u32,
    },
    Header {
        offset: u64,
        at: u32,
    },
    Truncated(Truncated),
    Message {},
    Payload {
        event_type: &'a str,
        payload: Cow<'a, str>,
    },
    Unexpected {
        event: &'a Json,
    },
    Incomplete {
        position: &'static str,
        open_blocks: &'a [u32],
        /// Where in a message the stream ended, if it ended inside one.
        #[serde(flatten)]
        within: Option<Truncated>,
    },
    #[serde(rename_all = "camelCase")]
    Exception {
        exception: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        original_status_code: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        original_message: Option<&'a str>,
        payload: Cow<'a, str>,
    },
    UnmodeledError {
        code: Option<&'a str>,
    },
    EventTooLong {
        offset: u64,
        limit: u32,
    },
    UnknownDialect {
        payloads: u64,
        choices: &'static [&'static str],
    },
}

#[derive(serde::Serialize)]
struct Truncated {
    offset: u64,
    have: u32,
    need: u32,
}

impl From<&frame::Error> for ErrorDetail<'_> {
    fn from(error: &frame::Error) -> Self {
        match *error {
            frame::Error::PreludeChecksum { offset, wire, computed, .. }
            | frame::Error::MessageChecksum { offset, wire, computed } => {
                Self::Checksum { offset, wire, computed }
            }
            frame::Error::Length { offset, total, headers, .. } => Self::Length { offset, total, headers },
            frame::Error::TooLong { offset, len, limit } => Self::TooLong { offset, need: len, limit },
            frame::Error::Header { offset, at, .. } => Self::Header { offset, at },
            frame::Error::Truncated { offset, have, need } => {
                Self::Truncated(Truncated { offset, have, need })
            }
        }
    }
}

impl<'a> From<&'a Error> for ErrorDetail<'a> {
    fn from(error: &'a Error) -> Self {
        match error {
            Error::Frame(error) => error.into(),
            Error::Skipped(SkippedEvent::Message { .. }) => Self::Message {},
            Error::Skipped(SkippedEvent::Payload { event, payload, .. }) => {
                Self::Payload { event_type: event, payload: String::from_utf8_lossy(payload) }
            }
            Error::Skipped(SkippedEvent::Unexpected { event, .. }) => Self::Unexpected { event },
            Error::Exception(exception) => Self::Exception {
                exception: &exception.name,
                original_status_code: exception.original_status_code,
                original_message: exception.original_message.as_deref(),
                payload: String::from_utf8_lossy(&exception.payload),
            },
            Error::EventTooLong(EventTooLong { offset, limit }) => {
                Self::EventTooLong { offset: *offset, limit: *limit }
            }
            Error::UnknownDialect(UnknownDialect { payloads, choices }) => {
                Self::UnknownDialect { payloads: *payloads, choices }
            }
            Error::UnmodeledError(error) => Self::UnmodeledError { code: error.code.as_deref() },
            Error::Incomplete(incomplete) => {
                let (position, within) = match incomplete.position {
                    StreamPosition::BeforeStart => ("before_start", None),
                    StreamPosition::InsideBlocks => ("inside_blocks", None),
                    StreamPosition::BeforeMessageStop => ("before_message_stop", None),
                    StreamPosition::InsideMessage(frame::Error::Truncated { offset, have, need }) => {
                        ("inside_message", Some(Truncated { offset, have, need }))
                    }
                    StreamPosition::InsideMessage(_) => ("inside_message", None),
                    StreamPosition::InsideEvent { .. } => ("inside_event", None),
                };
                Self::Incomplete { position, open_blocks: &incomplete.open_blocks, within }
            }
        }
    }
}

/// An error's whole JSON.
#[derive(serde::Serialize)]
struct ErrorJson<'a> {
    kind: ErrorKind,
    message: String,
    #[serde(flatten)]
    detail: ErrorDetail<'a>,
}

impl Error {
    /// The members that the error's JSON has besides `kind` and `message`, as an object: offsets, lengths, payloads.
    /// For errors that wrap this one.
    #[must_use]
    pub fn detail(&self) -> impl Serialize + '_ {
        ErrorDetail::from(self)
    }
}

impl frame::Error {
    /// The members that the error's JSON has besides `kind` and `message`, as an object: offsets and lengths. For
    /// errors that wrap this one.
    #[must_use]
    pub fn detail(&self) -> impl Serialize + '_ {
        ErrorDetail::from(self)
    }
}

/// `kind`, `message`, and the members of the [`detail`](Error::detail).
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, message) = (self.kind(), alloc::format!("{self}"));
        ErrorJson { kind, message, detail: self.into() }.serialize(serializer)
    }
}

/// `kind`, `message`, and the members of the [`detail`](frame::Error::detail).
impl Serialize for frame::Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, message) = (self.kind(), alloc::format!("{self}"));
        ErrorJson { kind, message, detail: self.into() }.serialize(serializer)
    }
}
