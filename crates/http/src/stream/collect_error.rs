use core::fmt;

use bedrock_stream_core::answer::Response;

use crate::error::error::Error;
use crate::stream::stream_stats::StreamStats;

/// A stream that could not be collected without loss, with what had arrived. Its text and sources are those of
/// [`error`](Self::error), into which `?` converts it. In a `Box<dyn Error>` it remains a type of its own, so read that with
/// [`Error::find`].
///
/// ```
/// use bedrock_stream_http::{ChunkStream, ErrorKind};
/// use bedrock_stream_testkit::answer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let answer = answer().text("The first half").exception("modelStreamErrorException", "The model failed.");
/// let failed = ChunkStream::new(answer.http_response()?).collect().await.unwrap_err();
/// assert_eq!(failed.error.kind(), ErrorKind::Exception);
/// // What had arrived can be shown, but is no answer.
/// assert_eq!(failed.partial.text(), "The first half");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct CollectError {
    /// The error that ended the stream, or else that of the first skipped event.
    pub error: Error,
    /// The response as far as it arrived. Do not treat it as complete.
    pub partial: Box<Response>,
    /// Statistics of the stream.
    pub stats: StreamStats,
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

/// The sentence of [`Error::with_causes`], because that is what a `main` that returns this error prints, and the partial
/// answer does not belong there; the structure under `{:#?}`.
impl fmt::Debug for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Debug::fmt(&self.error, f);
        }
        let Self { error, partial, stats } = self;
        f.debug_struct("CollectError")
            .field("error", error)
            .field("partial", partial)
            .field("stats", stats)
            .finish()
    }
}

impl core::error::Error for CollectError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.error.source()
    }
}

impl From<CollectError> for Error {
    /// Keeps the error and drops the partial response.
    fn from(error: CollectError) -> Self {
        error.error
    }
}
