use core::fmt;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use bedrock_stream_http::{BoxError, Config, ConnectTimeout, Error, Timer};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::ConfigBuilderExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

/// The connector of a [`Client`](crate::Client) that was given none.
pub type HttpsConnector = hyper_rustls::HttpsConnector<HttpConnector>;

/// The HTTP client of a [`Client`](crate::Client): hyper-util's, over any connector.
pub type HttpClient<C> = Client<C, Full<Bytes>>;

/// A hyper client that sends what was signed, as it was signed.
#[derive(Clone)]
pub struct Transport<C = HttpsConnector>(HttpClient<C>);

impl Transport {
    /// A client with rustls, HTTP/1.1 and HTTP/2. Root certificates are looked for only if the endpoint is `https`.
    ///
    /// # Errors
    ///
    /// [`Error::Client`].
    pub fn new(config: &Config) -> Result<Self, Error> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(config.deadlines().connect);
        let tls =
            tls(config.endpoint().is_https()).map_err(|cause| Error::Client { cause: cause.to_string() })?;
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self(client))
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
        self.0.request(request.map(Full::new)).await.map_err(|error| {
            if error.is_connect() && is_timeout(&error) {
                return ConnectTimeout.into();
            }
            error.into()
        })
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep).with_clock(|| tokio::time::Instant::now().into_std()))
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

/// The provider is named here: a library must not install one for the whole process.
fn tls(https: bool) -> Result<ClientConfig, BoxError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = if https {
        builder.with_native_roots()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}
