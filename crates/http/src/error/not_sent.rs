use crate::error::error::BoxError;

/// What a [`Transport`](crate::Transport) gives as its error where the service cannot have had the request: there was no
/// connection, say. An operation that does not stream is asked again only then, and after a refusal. It is told as
/// [`Error::Connection`](crate::Error::Connection).
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotSent(BoxError);

impl NotSent {
    /// An error whose request did not leave.
    pub fn new(cause: impl Into<BoxError>) -> Self {
        Self(cause.into())
    }

    pub(crate) fn into_cause(self) -> BoxError {
        self.0
    }
}
