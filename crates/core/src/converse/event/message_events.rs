//! The events that open and close a message.

use crate::answer::StopReason;
use crate::content::Role;
use crate::json::Json;

object! {
    /// A message begins (`MessageStartEvent`).
    pub struct MessageStart: padded {
        /// The role of the message.
        "role" => role: Option<Role>,
    }
}

impl MessageStart {
    /// The start of a message with this role.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self { role: Some(role), ..Self::default() }
    }
}

object! {
    /// A message ends (`MessageStopEvent`): the only proof that it is complete.
    ///
    /// ```
    /// use bedrock_stream_core::answer::StopReason;
    /// use bedrock_stream_core::converse::{Chunker, MessageStop};
    ///
    /// let mut chunker = Chunker::new();
    /// assert!(!chunker.is_stopped());
    /// chunker.apply(MessageStop::new(StopReason::EndTurn).into())?;
    /// assert!(chunker.is_stopped(), "the answer is complete");
    /// # Ok::<(), bedrock_stream_core::answer::Error>(())
    /// ```
    pub struct MessageStop: padded {
        /// Why the model stopped.
        "stopReason" => stop_reason: Option<StopReason>,
        /// The fields requested by `additionalModelResponseFieldPaths`.
        "additionalModelResponseFields" => additional_model_response_fields: Option<Json>,
    }
}

impl MessageStop {
    /// The end of a message, with this stop reason.
    #[must_use]
    pub fn new(stop_reason: StopReason) -> Self {
        Self { stop_reason: Some(stop_reason), ..Self::default() }
    }
}

setters! {
    MessageStop {
        /// Sets the fields requested by `additionalModelResponseFieldPaths`.
        additional_model_response_fields: impl Into<Json>,
    }
}
