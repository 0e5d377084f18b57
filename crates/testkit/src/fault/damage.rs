//! Applies faults to a body.

use std::num::NonZeroUsize;

use bedrock_stream_core::converse::{EncodeEventError, Event};
use bytes::{Bytes, BytesMut};

use super::end::End;
use super::event_type::EventType;
use super::exception_kind::ExceptionKind;
use super::injection_point::InjectionPoint;
use super::outgoing_body::OutgoingBody;
use super::replacement::PAGE;
use super::{ERROR_CODE, Fault};
use crate::dialect::Carrier;
use crate::encoded_message::EncodedMessage;
use crate::event;

impl Fault {
    /// Applies the fault to the bytes of a body, without a server. A fault that does not affect the bytes changes
    /// nothing; an aborted or stalled body simply ends.
    ///
    /// # Errors
    ///
    /// [`EncodeEventError`] of the encoder that writes exceptions; none is known.
    pub fn damage(self, body: impl Into<Bytes>) -> Result<Vec<u8>, EncodeEventError> {
        let body = body.into();
        let mut outgoing = OutgoingBody::new(EncodedMessage::split(&body), Carrier::of_body(&body));
        self.apply(&mut outgoing)?;
        Ok(outgoing.bytes())
    }

    pub(crate) fn apply(self, outgoing: &mut OutgoingBody) -> Result<(), EncodeEventError> {
        let carrier = outgoing.carrier;
        let messages = &mut outgoing.messages;
        let middle = messages.len() / 2;
        match self {
            Self::Cut => {
                messages.truncate(middle + 1);
                if let Some(last) = messages.last_mut() {
                    last.bytes.truncate(last.bytes.len() / 2);
                }
            }
            Self::NoStop => {
                let stop = position(messages, EventType::MessageStop);
                messages.truncate(stop.unwrap_or(messages.len().saturating_sub(1)));
            }
            Self::CutAt { byte, end } => {
                let proof =
                    position(messages, EventType::MessageStop).map_or(messages.len(), |stop| stop + 1);
                let mut len: u64 = messages[..proof].iter().map(|message| message.bytes.len() as u64).sum();
                if carrier != Carrier::EventStream {
                    // Many readers accept a last event without its two line ends, so its JSON must be cut.
                    len = len.saturating_sub(2);
                }
                outgoing.truncate(byte.checked_rem(len).unwrap_or(0));
                outgoing.end = end;
            }
            // Server-sent events have no checksum, so the JSON is made unreadable instead.
            Self::BadCrc if carrier != Carrier::EventStream => {
                edit(messages, middle, |bytes| {
                    if let Some(byte) = bytes.iter_mut().rfind(|byte| !matches!(byte, b'\r' | b'\n')) {
                        *byte ^= 1;
                    }
                });
            }
            Self::BadCrc => {
                // The last byte of the payload is right before the checksum, which has four bytes.
                edit(messages, middle, |bytes| {
                    if let Some(byte) = bytes.iter_mut().nth_back(CHECKSUM_LEN) {
                        *byte ^= 1;
                    }
                });
            }
            Self::FlipBit { bit } => flip(messages, bit),
            // Server-sent events have no length.
            Self::WrongLength | Self::HugeLength if carrier != Carrier::EventStream => {}
            Self::WrongLength => {
                edit(messages, middle, |bytes| {
                    if let Some(first) = bytes.first_mut() {
                        *first ^= 1;
                    }
                });
                outgoing.end = End::Stall;
            }
            Self::HugeLength => {
                edit(messages, middle, declare_4_gib);
                outgoing.end = End::Stall;
            }
            Self::Repeat(event_type) => {
                if let Some(at) = position(messages, event_type) {
                    messages.insert(at, messages[at].clone());
                }
            }
            Self::Drop(event_type) => {
                if let Some(at) = position(messages, event_type) {
                    messages.remove(at);
                }
            }
            Self::Swap(event_type) => {
                if let Some(at) = position(messages, event_type).filter(|at| at + 1 < messages.len()) {
                    messages.swap(at, at + 1);
                }
            }
            Self::Exception => raise(messages, carrier, ExceptionKind::Throttling, InjectionPoint::Middle)?,
            Self::Raise { exception, at } => raise(messages, carrier, exception, at)?,
            Self::UnmodeledError { at } => {
                let error = event::error(ERROR_CODE, "An internal failure occurred.");
                inject(messages, carrier, &error, at)?;
            }
            Self::Sse(damage) => damage.apply(outgoing),
            Self::HtmlBody => *messages = vec![EncodedMessage::raw(PAGE)],
            Self::Split { bytes } => outgoing.split = Some(bytes),
            Self::Drip => {
                outgoing.split = Some(NonZeroUsize::MIN);
                outgoing.drips = true;
            }
            Self::Throttle
            | Self::Refuse { .. }
            | Self::Html
            | Self::Json
            | Self::SlowHead { .. }
            | Self::NoHead
            | Self::NoResponse => {}
        }
        Ok(())
    }
}

/// The index of a message of this type: the middle delta, or the first of another type.
fn position(messages: &[EncodedMessage], event_type: EventType) -> Option<usize> {
    let is_piece = |message: &EncodedMessage| message.event_type == Some(event_type);
    if event_type == EventType::Delta {
        let deltas = messages.iter().filter(|message| is_piece(message)).count();
        return messages
            .iter()
            .enumerate()
            .filter(|(_, message)| is_piece(message))
            .nth(deltas / 2)
            .map(|(at, _)| at);
    }
    messages.iter().position(is_piece)
}

fn edit(messages: &mut [EncodedMessage], at: usize, change: impl FnOnce(&mut [u8])) {
    if let Some(message) = messages.get_mut(at) {
        let mut bytes = BytesMut::from(&message.bytes[..]);
        change(&mut bytes);
        message.bytes = bytes.freeze();
    }
}

fn flip(messages: &mut [EncodedMessage], bit: u64) {
    let total: u64 = messages.iter().map(|message| message.bytes.len() as u64).sum();
    let Some(bit) = bit.checked_rem(total * 8) else { return };
    let mut byte = (bit / 8) as usize;
    for at in 0..messages.len() {
        let len = messages[at].bytes.len();
        if byte < len {
            return edit(messages, at, |bytes| bytes[byte] ^= 1 << (bit % 8));
        }
        byte -= len;
    }
}

/// Overwrites the total length, and updates the prelude checksum.
fn declare_4_gib(message: &mut [u8]) {
    if let Some((prelude, checksum)) =
        message.get_mut(..PRELUDE_LEN).and_then(|bytes| bytes.split_at_mut_checked(8))
    {
        prelude[..4].fill(0xff);
        checksum.copy_from_slice(&crc32(prelude).to_be_bytes());
    }
}

/// CRC-32, bit by bit: eight bytes need no table.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

fn raise(
    messages: &mut Vec<EncodedMessage>,
    carrier: Carrier,
    exception: ExceptionKind,
    at: InjectionPoint,
) -> Result<(), EncodeEventError> {
    inject(messages, carrier, &event::exception(exception.name(), message(exception)), at)
}

fn inject(
    messages: &mut Vec<EncodedMessage>,
    carrier: Carrier,
    event: &Event,
    at: InjectionPoint,
) -> Result<(), EncodeEventError> {
    messages.truncate(match at {
        InjectionPoint::First => 0,
        InjectionPoint::Middle => messages.len() / 2,
        InjectionPoint::Last => position(messages, EventType::MessageStop).unwrap_or(messages.len()),
        InjectionPoint::Stopped => {
            position(messages, EventType::MessageStop).map_or(messages.len(), |stop| stop + 1)
        }
        InjectionPoint::After => messages.len(),
    });
    messages.push(carrier.encode_failure(event, messages.len())?);
    Ok(())
}

const fn message(exception: ExceptionKind) -> &'static str {
    match exception {
        ExceptionKind::Throttling => "Too many tokens, please wait before trying again.",
        ExceptionKind::ServiceUnavailable => "Model is getting throttled. Try your request again.",
        ExceptionKind::InternalServer | ExceptionKind::ModelStreamError => {
            "The system encountered an unexpected error during processing. Try your request again."
        }
        ExceptionKind::ModelTimeout => "The model took too long to answer.",
        ExceptionKind::Validation => "The model returned the following errors: the image cannot be read.",
        ExceptionKind::Unknown => "Nobody has heard of this one.",
    }
}

const CHECKSUM_LEN: usize = 4;
const PRELUDE_LEN: usize = 12;
