use alloc::string::String;

use crate::json::Json;

/// An event that this version does not know.
///
/// ```
/// use bedrock_stream_core::converse::Event;
///
/// let json = r#"{"moonPhase":{"phase":"full"}}"#;
/// let event: Event = serde_json::from_str(json)?;
/// let Event::Unknown(unknown) = &event else { panic!("no version of the API has it") };
/// assert_eq!(unknown.event_type.as_deref(), Some("moonPhase"));
/// assert_eq!(serde_json::to_string(&event)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownEvent {
    /// `:message-type`, if it is not in the specification.
    pub message_type: Option<String>,
    /// `:event-type`, if there is one.
    pub event_type: Option<String>,
    /// The payload, without Bedrock's padding; `None` if it was empty.
    pub payload: Option<Json>,
}

impl UnknownEvent {
    /// An event with this `:event-type` and this payload.
    pub fn new(event_type: impl Into<String>, payload: impl Into<Json>) -> Self {
        Self { message_type: None, event_type: Some(event_type.into()), payload: Some(payload.into()) }
    }

    /// The `:event-type`, or else the `:message-type`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.event_type.as_deref().or(self.message_type.as_deref()).unwrap_or_default()
    }
}
