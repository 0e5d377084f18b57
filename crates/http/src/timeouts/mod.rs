//! How long each part of a request may take, and the timer that enforces it.

pub(crate) mod request_timeouts;
pub(crate) mod timeout_state;
pub(crate) mod timeouts;
pub(crate) mod timer;
