use core::fmt;
use std::error::Error as StdError;
use std::io;

use bedrock_stream_http::{
    Config, Error, Pool, RequestBody, ResponseBody, Timer, TransportError, TransportErrorKind,
};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::client::legacy::{Builder, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::Handle;

use crate::connector::HttpsConnector;

/// The HTTP client of a [`Client`](crate::Client): hyper-util's, over any connector.
pub type HttpClient<C> = Client<C, RequestBody>;

/// hyper-util clients that send signed requests unchanged: one for each HTTP/2 connection.
///
/// Over a connector of your own, here one without TLS that disables Nagle's algorithm:
///
/// ```
/// use bedrock_stream_hyper::{Auth, Client, Config, Transport};
/// use hyper_util::client::legacy;
/// use hyper_util::client::legacy::connect::HttpConnector;
/// use hyper_util::rt::TokioExecutor;
///
/// let config = Config::builder().endpoint_url("http://localhost:8080").auth(Auth::None).build()?;
/// let mut connector = HttpConnector::new();
/// connector.set_nodelay(true);
/// let builder = legacy::Client::builder(TokioExecutor::new());
/// let transport = Transport::new(&config, builder, connector);
/// let client: Client<HttpConnector> = Client::with_transport(config, transport);
/// # let _ = client;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Transport<C = HttpsConnector>(Pool<HttpClient<C>>);

impl TryFrom<&Config> for Transport {
    type Error = Error;

    /// A client with rustls (feature `tls`), HTTP/1.1 and HTTP/2. Root certificates are loaded only if the endpoint is
    /// `https`; if there are none, the error is [`ErrorDetail::Client`](bedrock_stream_http::ErrorDetail::Client).
    fn try_from(config: &Config) -> Result<Self, Error> {
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        Ok(Self::new(config, builder, HttpsConnector::new(config)?))
    }
}

impl<C> Transport<C>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    /// A [`Pool`] over `connector`, with one HTTP client for each HTTP/2 connection needed. All are built by `builder`, except
    /// that HTTP/2 `PING`s are sent at the interval [`Timeouts::ping`], even without open streams, so that a dead connection
    /// is not reused.
    ///
    /// [`Timeouts::ping`]: bedrock_stream_http::Timeouts::ping
    pub fn new(config: &Config, mut builder: Builder, connector: C) -> Self {
        let ping = config.timeouts().ping();
        builder.timer(TokioTimer::new()).http2_keep_alive_interval(ping).http2_keep_alive_timeout(ping);
        builder.http2_keep_alive_while_idle(true);
        let make = move || builder.build(connector.clone());
        Self(Pool::new(make(), move || Some(make()), config.max_streams_per_connection(), timer()))
    }
}

impl<C: Clone> From<HttpClient<C>> for Transport<C> {
    /// A transport over this one HTTP client, which keeps one HTTP/2 connection to a server.
    fn from(client: HttpClient<C>) -> Self {
        Self(Pool::single(client, timer()))
    }
}

impl<C> bedrock_stream_http::Transport for Transport<C>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    type Body = ResponseBody<Incoming>;

    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Self::Body>, TransportError> {
        // hyper-util panics without a runtime.
        if Handle::try_current().is_err() {
            return Err(TransportErrorKind::NoRuntime.into());
        }
        let send = |client: HttpClient<C>, request| {
            let response = client.request(request);
            async {
                response.await.map_err(|error| {
                    let kind = match error.is_connect() {
                        true if is_timeout(&error) => TransportErrorKind::ConnectTimeout,
                        true => TransportErrorKind::NotSent,
                        false => TransportErrorKind::Other,
                    };
                    TransportError::new(kind, error)
                })
            }
        };
        self.0.send(request, send).await
    }

    fn timer(&self) -> Option<Timer> {
        // Captured, because a stream may be read outside the runtime.
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

fn timer() -> Timer {
    Timer::new(tokio::time::sleep).with_clock(|| tokio::time::Instant::now().into_std())
}

/// Whether an error is caused by a timeout, of the connector or the operating system.
fn is_timeout(error: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        if error.kind() == io::ErrorKind::TimedOut {
            return true;
        }
    }
    error.source().is_some_and(is_timeout)
}
