use core::fmt;
use std::error::Error as StdError;
use std::io;

use bedrock_stream_http::{BoxError, Config, ConnectTimeout, Error, FromConfig, NoRuntime, NotSent, Timer};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::Handle;

use crate::connector::HttpsConnector;

/// The HTTP client of a [`Client`](crate::Client): hyper-util's, over any connector.
pub type HttpClient<C> = Client<C, Full<Bytes>>;

/// A hyper client that sends what was signed, as it was signed.
#[derive(Clone)]
pub struct Transport<C = HttpsConnector>(HttpClient<C>);

impl FromConfig for Transport {
    /// A client with rustls (feature `tls`), HTTP/1.1 and HTTP/2. Root certificates are looked for only if the endpoint is `https`.
    fn from_config(config: &Config) -> Result<Self, Error> {
        let connector = HttpsConnector::new(config)?;
        Ok(Self(Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)))
    }
}

impl<C> From<HttpClient<C>> for Transport<C> {
    fn from(client: HttpClient<C>) -> Self {
        Self(client)
    }
}

impl<C> bedrock_stream_http::Transport for Transport<C>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    type Body = Incoming;

    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Incoming>, BoxError> {
        // Without one, hyper-util panics.
        if Handle::try_current().is_err() {
            return Err(NoRuntime.into());
        }
        self.0.request(request.map(Full::new)).await.map_err(|error| match error.is_connect() {
            true if is_timeout(&error) => ConnectTimeout.into(),
            true => NotSent::new(error).into(),
            false => error.into(),
        })
    }

    fn timer(&self) -> Option<Timer> {
        // Kept, since a stream may be read where there is no runtime.
        let runtime = Handle::try_current().ok()?;
        let sleep = move |duration| {
            let _entered = runtime.enter();
            tokio::time::sleep(duration)
        };
        Some(Timer::new(sleep).with_clock(|| tokio::time::Instant::now().into_std()))
    }
}

impl<C> fmt::Debug for Transport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

/// Whether an error comes down to time: of a connector's own, or of the operating system's.
fn is_timeout(error: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        if error.kind() == io::ErrorKind::TimedOut {
            return true;
        }
    }
    error.source().is_some_and(is_timeout)
}
