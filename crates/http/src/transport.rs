use core::future::Future;

use bytes::Bytes;
use http_body::Body;

use crate::error::BoxError;
use crate::timer::Timer;

/// An HTTP client, as [`Client`](crate::Client) needs it.
pub trait Transport: Send + Sync {
    /// A response's body, read as it is polled.
    type Body: Body<Error: Into<BoxError>> + Send + Unpin;

    /// Sends a request, and gives the response as soon as its head is there.
    ///
    /// The path and the headers must arrive as they are, with the URI's authority as `Host`: they are signed. Redirects
    /// must not be followed, and the body not be decompressed. Dropping the future or the body cancels the request.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Self::Body>, BoxError>> + Send;

    /// How the runtime that the transport lives in waits. `None`: nothing that needs a clock is done.
    fn timer(&self) -> Option<Timer> {
        None
    }
}
