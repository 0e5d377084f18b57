use core::future::Future;

use bytes::Bytes;
use http_body::Body;

use crate::error::cause::BoxError;
use crate::error::transport_error::TransportError;
use crate::timeouts::timer::Timer;

/// What [`Client`](crate::Client) requires of an HTTP client.
///
/// A program that chooses between several at run time uses a [`BoxTransport`](crate::BoxTransport). A transport that implements
/// `TryFrom<&Config, Error = Error>` can be built by [`Client::new`](crate::Client::new).
pub trait Transport: Send + Sync {
    /// The body of a response, read when polled.
    type Body: Body<Error: Into<BoxError>> + Send + Unpin;

    /// Sends a request, and returns the response once its head has arrived.
    ///
    /// The path and headers are signed, so they must be sent unchanged, with the URI's authority as `Host`. Do not follow
    /// redirects or decompress the body. Dropping the future or the body must cancel the request.
    ///
    /// # Errors
    ///
    /// The HTTP client's error, with the [`TransportErrorKind`](crate::TransportErrorKind) that says what it means for the
    /// request.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<Self::Body>, TransportError>> + Send;

    /// The runtime's timer. `None` disables retries and timeouts; an error that would have been retried says so.
    fn timer(&self) -> Option<Timer>;
}
