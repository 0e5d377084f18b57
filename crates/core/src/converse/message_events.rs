//! The events that open and close a message.

use super::json::Json;
use crate::converse::request::message::Role;
use crate::converse::stop_reason::StopReason;

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
        /// Why.
        "stopReason" => stop_reason: Option<StopReason>,
        /// What the request's `additionalModelResponseFieldPaths` asked for.
        "additionalModelResponseFields" => additional_model_response_fields: Option<Json>,
    }
}
