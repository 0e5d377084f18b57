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

object! {
    /// A message ends (`MessageStopEvent`): the only proof that it is complete.
    pub struct MessageStop: padded {
        /// Why the model stopped.
        "stopReason" => stop_reason: Option<StopReason>,
        /// What the request's `additionalModelResponseFieldPaths` asked for.
        "additionalModelResponseFields" => additional_model_response_fields: Option<Json>,
    }
}
