use core::future::Future;

use bytes::Bytes;
use http_body::Body;

use crate::error::cause::BoxError;
use crate::error::transport_error::TransportError;
use crate::timeouts::timer::Timer;

/// An HTTP client, as [`Client`](crate::Client) needs it.
///
/// A program that chooses among several as it runs puts them into a [`BoxTransport`](crate::BoxTransport). One that can be made
/// from a [`Config`](crate::Config) alone says so by `TryFrom<&Config, Error = Error>`, and then
/// [`Client::new`](crate::Client::new) makes it.
pub trait Transport: Send + Sync {
    /// A response's body, read as it is polled.
    type Body: Body<Error: Into<BoxError>> + Send + Unpin;

    /// Sends a request, and gives the response as soon as its head is there.
    ///
    /// The path and the headers must arrive as they are, with the URI's authority as `Host`: they are signed. Redirects
    /// must not be followed, and the body not be decompressed. Dropping the future or the body cancels the request.
    ///
    /// # Errors
    ///
    /// Whatever the HTTP client says, with the [`TransportErrorKind`](crate::TransportErrorKind) that says what it means for
    /// the request.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Self::Body>, TransportError>> + Send;

    /// The timer of the runtime that the transport lives in. `None`: there are no retries and no timeouts, and an error
    /// that would have been followed by another attempt says so.
    fn timer(&self) -> Option<Timer>;
}
