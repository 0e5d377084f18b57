//! How long each part of a call may take, and the timer that says when that is over.

pub(crate) mod request_timeouts;
pub(crate) mod timeout_state;
pub(crate) mod timeouts;
pub(crate) mod timer;
