/// What a [`Transport`](crate::Transport) gives as its error where no connection was there in time, so that it is told as
/// [`Deadline::Connect`](crate::Deadline::Connect).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the connection took too long")]
pub struct ConnectTimeout;
