use bedrock_stream_core::frame::{Message, Value};

/// The kind of a message (C1).
pub(crate) enum Envelope<'a> {
    Event(&'a str),
    Exception(&'a str),
    Error {
        code: Option<&'a str>,
        message: Option<&'a str>,
    },
    /// Of another type.
    Unknown(&'a str),
}

/// The envelope headers are missing or invalid.
#[derive(Debug)]
pub(crate) struct InvalidEnvelope;

impl<'a> Envelope<'a> {
    pub(crate) fn of(message: &Message<'a>) -> Result<Self, InvalidEnvelope> {
        let read = |name| header(message, name);
        // The design does not say so, but a repeated header, or one that is not a string, counts as absent; the message
        // is an error anyway.
        let text = |name| read(name).unwrap_or_default();
        match read(":message-type")? {
            Some("event") => read(":event-type")?.map(Self::Event).ok_or(InvalidEnvelope),
            Some("exception") => Ok(Self::Exception(text(":exception-type").unwrap_or_default())),
            Some("error") => Ok(Self::Error { code: text(":error-code"), message: text(":error-message") }),
            // "An unknown event is data" (C2).
            Some(other) => Ok(Self::Unknown(read(":event-type").unwrap_or_default().unwrap_or(other))),
            // "It is read as that." The design does not say what happens if both headers are present: the failure of
            // the stream must not be lost.
            None => match read(":exception-type")? {
                Some(name) => Ok(Self::Exception(name)),
                None => read(":event-type")?.map(Self::Event).ok_or(InvalidEnvelope),
            },
        }
    }
}

/// A header that is read: a string that occurs at most once.
fn header<'a>(message: &Message<'a>, name: &str) -> Result<Option<&'a str>, InvalidEnvelope> {
    let mut found = message.headers().filter(|header| header.name == name);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(header), None) => match header.value {
            Value::String(text) => Ok(Some(text)),
            _ => Err(InvalidEnvelope),
        },
        (Some(_), Some(_)) => Err(InvalidEnvelope),
    }
}
