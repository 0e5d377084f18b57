use bedrock_stream_core::answer::{Chunk, Decode, Error};
use bedrock_stream_core::converse::{Chunker, Event};
use bedrock_stream_core::frame::{self, Message, MessageKind};
use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bytes::Bytes;
use serde_json::Value;

use crate::answer::Transcript;
use crate::arrival_times::ArrivalTimes;
use crate::dialect::{self, Carrier, Vendor};
use crate::encoded_message::EncodedMessage;
use crate::server::Operation;

/// A recorded response body, split into its messages.
#[derive(Clone, Debug)]
pub(crate) struct RecordedBody {
    pub(crate) messages: Vec<EncodedMessage>,
    format: Format,
}

/// The format of a body, as its messages tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Converse,
    /// The payloads of a model that was invoked.
    Invoke(Dialect),
    /// An event stream of which no message tells the operation, as one that is only an exception.
    EventStream,
    /// Server-sent events, and their dialect if one of them tells it.
    Sse(Option<Dialect>),
    /// Anything else.
    Unknown,
}

/// Why a recorded body cannot be written in another dialect.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error(transparent)]
    Damaged(#[from] Error),
    #[error("it has no answer that can be read")]
    NoAnswer,
}

impl RecordedBody {
    pub(crate) fn new(body: &Bytes) -> Self {
        Self { messages: EncodedMessage::split(body), format: Format::of(body) }
    }

    /// The same, with each message due when its last byte had arrived.
    pub(crate) fn with_times(body: &Bytes, times: &ArrivalTimes) -> Self {
        Self { messages: EncodedMessage::split_by(body, times), ..Self::new(body) }
    }

    pub(crate) const fn is_events(&self) -> bool {
        matches!(self.format, Format::Sse(_))
    }

    /// Whether it can be sent as it is by ConverseStream. Bytes of no format are sent by every operation.
    pub(crate) const fn fits_converse(&self) -> bool {
        matches!(self.format, Format::Converse | Format::EventStream | Format::Unknown)
    }

    /// Whether it can be sent as it is by another operation: by one with this carrier. `asked`: the request that invokes a model of
    /// this vendor, if it is a valid one.
    pub(crate) fn fits(&self, carrier: Carrier, vendor: Option<Vendor>, asked: Option<&Value>) -> bool {
        match (self.format, carrier) {
            (Format::Unknown, _) | (Format::EventStream, Carrier::EventStream) => true,
            (Format::Invoke(dialect), Carrier::EventStream) => vendor.is_none_or(|vendor| match asked {
                Some(_) => vendor.answers_in(asked) == dialect,
                None => vendor.has_answers_in(dialect),
            }),
            (Format::Sse(recorded), Carrier::Sse(dialect)) => {
                recorded.is_none_or(|recorded| recorded == dialect)
            }
            _ => false,
        }
    }

    /// Whether its format is that of this operation's answers.
    pub(crate) const fn is_of(&self, operation: Operation) -> bool {
        matches!(
            (self.format, operation),
            (Format::Converse, Operation::ConverseStream)
                | (Format::Invoke(_), Operation::InvokeModelWithResponseStream)
                | (Format::Sse(Some(Dialect::Chat)), Operation::ChatCompletions)
                | (Format::Sse(Some(Dialect::Responses)), Operation::Responses)
                | (Format::Sse(Some(Dialect::Messages)), Operation::Messages)
        )
    }

    /// The dialect of its payloads, if it is the body of a model that was invoked.
    pub(crate) const fn invoked(&self) -> Option<Dialect> {
        match self.format {
            Format::Invoke(dialect) => Some(dialect),
            _ => None,
        }
    }

    /// What it says, for writing it in another dialect. One that ends too early says what it has.
    pub(crate) fn transcript(&self, seed: u64) -> Result<Transcript, Unreadable> {
        let body: Vec<u8> = self.messages.iter().flat_map(|message| &message.bytes).copied().collect();
        let transcript = match self.format {
            Format::Converse | Format::EventStream => {
                let events = events(&body)?;
                check_usable(&events)?;
                Transcript::of_events(events, seed)
            }
            Format::Invoke(dialect) => decode(InvokeDecoder::new(Some(dialect)), &body, seed)?,
            Format::Sse(dialect) => decode(SseDecoder::new(dialect), &body, seed)?,
            Format::Unknown => return Err(Unreadable::NoAnswer),
        };
        match transcript.events.iter().all(|event| matches!(event, Event::Unknown(_))) {
            true => Err(Unreadable::NoAnswer),
            false => Ok(transcript),
        }
    }
}

impl Format {
    fn of(body: &Bytes) -> Self {
        if dialect::looks_like_events(body) {
            let events = dialect::split_events(body);
            let dialects = events.iter().filter_map(|event| Dialect::detect(&dialect::event_data(event)?));
            return Self::Sse(dialects.into_iter().next());
        }
        let mut format = Self::Unknown;
        let mut rest = &body[..];
        while let Ok(Some((message, after))) = Message::parse(rest) {
            match message.envelope().map(|envelope| envelope.kind) {
                Ok(MessageKind::Event { event_type: "chunk", .. }) => {
                    if let Some(dialect) = detect(message.payload()) {
                        return Self::Invoke(dialect);
                    }
                }
                Ok(MessageKind::Event { event_type, .. }) if CONVERSE.contains(&event_type) => {
                    return Self::Converse;
                }
                _ => {}
            }
            format = Self::EventStream;
            rest = after;
        }
        format
    }
}

/// The dialect of the payload in a `chunk`.
fn detect(chunk: &[u8]) -> Option<Dialect> {
    let chunk: Value = serde_json::from_slice(chunk).ok()?;
    let payload = Blob::from_base64(chunk["bytes"].as_str()?)?;
    Dialect::detect(std::str::from_utf8(payload.as_ref()).ok()?)
}

/// Checks that no event is one that clients must skip: left out, it would make another answer of them. Unknown events say nothing
/// that another dialect could.
fn check_usable(events: &[Event]) -> Result<(), Error> {
    let mut chunker = Chunker::new();
    for event in events {
        match chunker.apply(event.clone()) {
            Err(error @ Error::Skipped(_)) => return Err(error),
            // The failure that ends the answer, or what came after it.
            Err(_) => return Ok(()),
            Ok(()) => while chunker.next_chunk().is_some() {},
        }
    }
    Ok(())
}

/// The events of a ConverseStream, without those that cannot be read.
fn events(mut body: &[u8]) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    loop {
        match Message::parse(body) {
            Ok(Some((message, after))) => {
                events.extend(Event::decode(&message));
                body = after;
            }
            Ok(None) | Err(frame::Error::Truncated { .. }) => return Ok(events),
            Err(error) => return Err(error.into()),
        }
    }
}

fn decode(mut decoder: impl Decode, mut body: &[u8], seed: u64) -> Result<Transcript, Error> {
    let mut chunks: Vec<Chunk> = Vec::new();
    loop {
        let next = match decoder.next_from(&mut body) {
            Ok(None) => decoder.finish(),
            next => next,
        };
        match next {
            Ok(Some(chunk)) => chunks.push(chunk),
            Ok(None) | Err(Error::Incomplete(_)) => return Ok(Transcript::of_chunks(chunks, None, seed)),
            Err(error @ (Error::Exception(_) | Error::UnmodeledError(_))) => {
                return Ok(Transcript::of_chunks(chunks, Some(&error), seed));
            }
            // One that was skipped too: left out, it would make another answer of the others.
            Err(error) => return Err(error),
        }
    }
}

/// The events of ConverseStream.
const CONVERSE: [&str; 6] =
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];
