/// What a [`Transport`](crate::Transport) that needs a tokio runtime gives as its error where there is none. It is told as
/// [`Error::NoRuntime`](crate::Error::NoRuntime).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("there is no tokio runtime here")]
pub struct NoRuntime;
