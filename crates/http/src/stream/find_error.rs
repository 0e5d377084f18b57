use core::error::Error as StdError;
use std::io;

use crate::error::error::Error;
use crate::stream::collect_error::CollectError;

impl Error {
    /// The error in another one, such as a `Box<dyn Error>`: the other one itself, the [`error`](crate::CollectError::error) of a
    /// [`CollectError`](crate::CollectError), or one of its sources. An [`io::Error`](std::io::Error) is looked into, too.
    ///
    /// `downcast_ref::<Error>()` alone does not find the error of a `CollectError`.
    ///
    /// ```
    /// use bedrock_stream_http::{ChunkStream, Error, ErrorKind};
    /// use bedrock_stream_testkit::answer;
    ///
    /// async fn ask() -> Result<String, Box<dyn std::error::Error>> {
    ///     let cut = answer().text("The sky is").exception("modelTimeoutException", "Too slow.");
    ///     Ok(ChunkStream::new(cut.http_response()?).collect().await?.text())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let error = ask().await.unwrap_err();
    /// assert_eq!(Error::find(&*error).map(Error::kind), Some(ErrorKind::Exception));
    /// # }
    /// ```
    #[must_use]
    pub fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            if let Some(collecting) = error.downcast_ref::<CollectError>() {
                return Some(&collecting.error);
            }
            // The source of an `io::Error` is the source of the error in it.
            next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        None
    }
}
