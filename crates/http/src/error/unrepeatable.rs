use crate::error::error::BoxError;

/// What a [`Transport`](crate::Transport) gives as its error where the request must not be sent again: it has gone further
/// than it should, or the service may be at work on it. It is told as [`Error::Connection`](crate::Error::Connection).
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unrepeatable(BoxError);

impl Unrepeatable {
    /// An error whose request is not sent again.
    pub fn new(cause: impl Into<BoxError>) -> Self {
        Self(cause.into())
    }

    pub(crate) fn into_cause(self) -> BoxError {
        self.0
    }
}
