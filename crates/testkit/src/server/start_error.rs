use std::io;
use std::net::SocketAddr;

use super::recordings::RecordingsError;

/// Why a fake Bedrock cannot start.
///
/// ```
/// use bedrock_stream_testkit::{FakeBedrock, StartError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StartError> {
/// let first = FakeBedrock::start().await?;
/// let second = FakeBedrock::builder().listen(first.addr()).start().await;
/// assert!(matches!(second, Err(StartError::Listen { address, .. }) if address == first.addr()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The system provides no thread or no event queue.
    #[error("cannot start the server: {0}")]
    System(#[source] io::Error),
    /// A certificate cannot be made.
    #[cfg(feature = "tls")]
    #[error("cannot make a certificate: {0}")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The recordings cannot be used.
    #[error(transparent)]
    Recordings(#[from] RecordingsError),
}
