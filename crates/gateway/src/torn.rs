/// The error that breaks off a body that must not look complete.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer broke off, and no error event could be written")]
pub(crate) struct Torn;
