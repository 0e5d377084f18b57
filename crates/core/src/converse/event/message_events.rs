//! The events that open and close a message.

use crate::answer::StopReason;
use crate::content::Role;
use crate::json::Json;

object! {
    /// A message begins (`MessageStartEvent`).
    pub struct MessageStart: padded {
        /// Who speaks.
        "role" => role: Option<Role>,
    }
}

impl MessageStart {
    /// A message of this role.
    #[must_use]
    pub fn new(role: Role) -> Self {
        Self { role: Some(role), ..Self::default() }
    }
}

object! {
    /// A message ends (`MessageStopEvent`): the only proof that it is complete.
    pub struct MessageStop: padded {
        /// Why the model stopped.
        "stopReason" => stop_reason: Option<StopReason>,
        /// What the request's `additionalModelResponseFieldPaths` asked for.
        "additionalModelResponseFields" => additional_model_response_fields: Option<Json>,
    }
}

impl MessageStop {
    /// The model stopped for this reason.
    #[must_use]
    pub fn new(stop_reason: StopReason) -> Self {
        Self { stop_reason: Some(stop_reason), ..Self::default() }
    }
}

setters! {
    MessageStop {
        /// Sets what the request's `additionalModelResponseFieldPaths` asked for.
        additional_model_response_fields: impl Into<Json>,
    }
}
