//! How long each part of a call may take, and the timer that says when that is over.

pub(crate) mod deadline_watch;
pub(crate) mod deadlines;
pub(crate) mod timer;
pub(crate) mod watch;
