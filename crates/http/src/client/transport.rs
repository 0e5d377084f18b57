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
///
/// A transport of a program's own, which here needs no network:
///
/// ```
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, Client, Config, Timer, Transport, TransportError};
/// use bedrock_stream_testkit::{ByteStream, answer};
/// use bytes::Bytes;
///
/// /// Answers every request with the same words.
/// struct Canned;
///
/// impl Transport for Canned {
///     type Body = ByteStream;
///
///     async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<ByteStream>, TransportError> {
///         assert_eq!(request.headers()["authorization"], "Bearer my-bedrock-api-key");
///         answer().text("Hello to you.").http_response().map_err(TransportError::other)
///     }
///
///     fn timer(&self) -> Option<Timer> {
///         Some(Timer::new(tokio::time::sleep))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = Config::builder().region("us-east-1").auth(Auth::bearer("my-bedrock-api-key")).build()?;
/// let client = Client::with_transport(config, Canned);
/// let answer = client.converse_stream("model", &Request::new().user("Hello")).await?.collect().await?;
/// assert_eq!(answer.text(), "Hello to you.");
/// # Ok(())
/// # }
/// ```
pub trait Transport: Send + Sync {
    /// The body of a response, read when polled.
    type Body: Body<Error: Into<BoxError>> + Send + Unpin;

    /// Sends a request, and returns the response once its head has arrived.
    ///
    /// The path and headers are signed, so they must be sent unchanged, with the URI's authority as `Host`. Do not follow
    /// redirects or decompress the body.
    ///
    /// It need not be cancel safe: dropping the future before it resolves must cancel the request, and so must dropping the
    /// body.
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
