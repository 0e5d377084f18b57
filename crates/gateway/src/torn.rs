/// What breaks a body whose end must not look like one.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer broke off, and no error event could be written")]
pub(crate) struct Torn;
