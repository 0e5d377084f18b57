use super::message::Message;
use super::value::Value;

/// The kind of a message, from the protocol's own headers, which are common to all event stream services. The payload
/// is not read.
///
/// Source: the Smithy specification, "Event stream message types".
///
/// ```
/// use bedrock_stream_core::frame::{Header, Message, MessageKind, encode};
///
/// let headers = [
///     Header::string(":message-type", "event"),
///     Header::string(":event-type", "metadata"),
///     Header::string(":content-type", "application/json"),
/// ];
/// let mut bytes = Vec::new();
/// encode(&headers, b"{}", &mut bytes)?;
/// let (message, _) = Message::parse(&bytes)?.expect("it is whole");
/// let envelope = message.envelope()?;
/// assert!(matches!(envelope.kind, MessageKind::Event { event_type: "metadata", .. }));
/// assert_eq!(envelope.content_type, Some("application/json"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// What kind of message it is, and its type.
    pub kind: MessageKind<'a>,
    /// `:content-type`: the media type of the payload.
    pub content_type: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    /// An envelope of this kind of message.
    #[must_use]
    pub const fn new(kind: MessageKind<'a>, content_type: Option<&'a str>) -> Self {
        Self { kind, content_type }
    }
}

/// The kinds of message, by `:message-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageKind<'a> {
    /// An event; its `:event-type` is the name of a member of the service's stream union.
    #[non_exhaustive]
    Event {
        /// `:event-type`.
        event_type: &'a str,
    },
    /// The first message from a client of an RPC protocol: the event of type `initial-request`.
    InitialRequest,
    /// The first message from a service of an RPC protocol: the event of type `initial-response`.
    InitialResponse,
    /// A modeled error: the last message of its stream.
    #[non_exhaustive]
    Exception {
        /// `:exception-type`, in lower camel case; `None` if the sender omitted it.
        exception_type: Option<&'a str>,
    },
    /// An error outside the service's model: the last message of its stream. The payload may be empty.
    #[non_exhaustive]
    Error {
        /// `:error-code`.
        code: Option<&'a str>,
        /// `:error-message`.
        message: Option<&'a str>,
    },
    /// A `:message-type` that is not in the specification.
    #[non_exhaustive]
    Unknown {
        /// `:message-type`.
        message_type: &'a str,
        /// `:event-type`, if there is one.
        event_type: Option<&'a str>,
    },
}

constructors! {
    impl<'a> MessageKind<'a> {
        event => Event { event_type: &'a str },
        exception => Exception { exception_type: Option<&'a str> },
        error => Error { code: Option<&'a str>, message: Option<&'a str> },
        unknown => Unknown { message_type: &'a str, event_type: Option<&'a str> },
    }
}

impl<'a> Message<'a> {
    /// Reads the protocol's headers, in any order. A detail of an exception or an error that is not a string, or is
    /// repeated, counts as missing, so that the failure of the stream is always reported.
    ///
    /// # Errors
    ///
    /// [`EnvelopeError`]: `:message-type`, or an event's `:event-type`, is missing, is not a string or is repeated. A
    /// message without `:message-type` is classified by its `:exception-type` or `:event-type`, since some encoders
    /// omit the message type.
    pub fn envelope(&self) -> Result<Envelope<'a>, EnvelopeError> {
        let mut found = NAMES.map(|name| Err(EnvelopeError::Missing { name }));
        let mut headers = self.headers();
        while let Some(header) = headers.next_raw() {
            let Some(index) = NAMES.iter().position(|name| name.as_bytes() == header.name) else {
                continue;
            };
            let (name, Some(value)) = (NAMES[index], header.value()) else {
                continue;
            };
            found[index] = match (&found[index], value) {
                (Err(EnvelopeError::Missing { .. }), Value::String(value)) => Ok(value),
                (Err(EnvelopeError::Missing { .. }), value) => {
                    Err(EnvelopeError::NotString { name, type_name: value.type_name() })
                }
                _ => Err(EnvelopeError::Repeated { name }),
            };
        }
        let [message_type, event_type, exception_type, code, message, content_type] = found;
        let message_type = match message_type {
            Err(missing @ EnvelopeError::Missing { .. }) => {
                implied_message_type(event_type, exception_type).unwrap_or(Err(missing))?
            }
            told => told?,
        };
        let kind = match message_type {
            "event" => match event_type? {
                "initial-request" => MessageKind::InitialRequest,
                "initial-response" => MessageKind::InitialResponse,
                event_type => MessageKind::Event { event_type },
            },
            "exception" => MessageKind::Exception { exception_type: exception_type.ok() },
            "error" => MessageKind::Error { code: code.ok(), message: message.ok() },
            message_type => MessageKind::Unknown { message_type, event_type: event_type.ok() },
        };
        Ok(Envelope { kind, content_type: content_type.ok() })
    }
}

/// The kind of a message without `:message-type`. An exception takes precedence, so that a failure is never lost.
/// `None`: no header determines it.
fn implied_message_type(
    event_type: Result<&str, EnvelopeError>,
    exception_type: Result<&str, EnvelopeError>,
) -> Option<Result<&'static str, EnvelopeError>> {
    let is_there = |value| !matches!(value, Err(EnvelopeError::Missing { .. }));
    if is_there(exception_type) {
        Some(exception_type.map(|_| "exception"))
    } else if is_there(event_type) {
        Some(event_type.map(|_| "event"))
    } else {
        None
    }
}

/// Why the type of a message cannot be read.
///
/// ```
/// use bedrock_stream_core::frame::{EnvelopeError, Message, encode_into};
///
/// let mut buffer = [0; 16];
/// let len = encode_into(&[], b"", &mut buffer)?;
/// let (message, _) = Message::parse(&buffer[..len])?.expect("it is whole");
/// // A valid message, of no kind.
/// assert!(matches!(message.envelope(), Err(EnvelopeError::Missing { name: ":message-type", .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// A required header is missing.
    #[error("the message has no `{name}` header")]
    #[non_exhaustive]
    Missing {
        /// The header's name.
        name: &'static str,
    },
    /// A header that must be a string has another type.
    #[error("the message's `{name}` header has the type {type_name}, not string")]
    #[non_exhaustive]
    NotString {
        /// The header's name.
        name: &'static str,
        /// Its type, as named in the specification.
        type_name: &'static str,
    },
    /// A header is repeated, so its value is ambiguous.
    #[error("the message has its `{name}` header twice")]
    #[non_exhaustive]
    Repeated {
        /// The header's name.
        name: &'static str,
    },
}

constructors! {
    impl EnvelopeError {
        missing => Missing { name: &'static str },
        not_string => NotString { name: &'static str, type_name: &'static str },
        repeated => Repeated { name: &'static str },
    }
}

/// `:message-type`: event, exception or error.
pub(crate) const MESSAGE_TYPE: &str = ":message-type";
/// `:event-type`: the type of an event.
pub(crate) const EVENT_TYPE: &str = ":event-type";
/// `:exception-type`: the type of an exception.
pub(crate) const EXCEPTION_TYPE: &str = ":exception-type";
/// `:error-code`, of an `error` message.
pub(crate) const ERROR_CODE: &str = ":error-code";
/// `:error-message`, of an `error` message.
pub(crate) const ERROR_MESSAGE: &str = ":error-message";
/// `:content-type`: the payload's media type.
pub(crate) const CONTENT_TYPE: &str = ":content-type";

const NAMES: [&str; 6] = [MESSAGE_TYPE, EVENT_TYPE, EXCEPTION_TYPE, ERROR_CODE, ERROR_MESSAGE, CONTENT_TYPE];
