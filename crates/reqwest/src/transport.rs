use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use bedrock_stream_http::{
    Config, Error, ErrorDetail, Pool, RequestBody, ResponseBody, Timer, TransportError, TransportErrorKind,
};
use bytes::Bytes;
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::runtime::Handle;

/// `reqwest::Client`s that send signed requests unchanged: one for each HTTP/2 connection.
///
/// With settings of reqwest's own. This crate builds reqwest without a crypto provider, so the program chooses one:
///
/// ```
/// use bedrock_stream_reqwest::{Client, Config, Transport};
///
/// let config = Config::builder().region("us-east-1").bearer("my-bedrock-api-key").build()?;
/// // It only fails if there is one already.
/// let _ = rustls::crypto::ring::default_provider().install_default();
/// let transport = Transport::new(&config, || reqwest::Client::builder().no_proxy().user_agent("my-program/1.0"))?;
/// let client = Client::with_transport(config, transport);
/// # let _: Client = client;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Transport {
    pool: Pool<reqwest::Client>,
    /// Whether it is the caller's client, which may follow redirects and retry.
    is_given: bool,
}

impl TryFrom<&Config> for Transport {
    type Error = Error;

    /// HTTP clients with rustls, HTTP/1.1 and HTTP/2. Root certificates are loaded only if the endpoint is `https`; if
    /// there are none, the error is [`ErrorDetail::Client`].
    fn try_from(config: &Config) -> Result<Self, Error> {
        let tls =
            tls(config.endpoint().is_https()).map_err(|error| ErrorDetail::Client(error.to_string()))?;
        // Another crate of the program may have enabled reqwest's decompression features.
        let builder = move || {
            let builder = reqwest::Client::builder().no_gzip().no_brotli().no_zstd().no_deflate();
            builder.tls_backend_preconfigured(tls.clone()).referer(false)
        };
        Self::new(config, builder)
    }
}

impl Transport {
    /// A [`Pool`] with one HTTP client for each HTTP/2 connection needed. All are built by `builder`, except for what `config`
    /// and the signature require:
    ///
    /// - the connect timeout is [`Timeouts::connect`], and redirects are not followed;
    /// - HTTP/2 `PING`s are sent at the interval [`Timeouts::ping`], even without open streams, so that a dead connection is
    ///   not reused.
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Client`] if reqwest cannot build the client.
    ///
    /// # Panics
    ///
    /// reqwest panics if it has no crypto provider: if `builder` sets no TLS configuration with `tls_backend_preconfigured`, and
    /// the process has no default [`CryptoProvider`](rustls::crypto::CryptoProvider).
    ///
    /// [`Timeouts::connect`]: bedrock_stream_http::Timeouts::connect
    /// [`Timeouts::ping`]: bedrock_stream_http::Timeouts::ping
    pub fn new(
        config: &Config,
        builder: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let (connect, ping) = (config.timeouts().connect, config.timeouts().ping());
        let make = move || {
            let builder = builder().redirect(Policy::none());
            let builder = builder.http2_keep_alive_interval(ping).http2_keep_alive_timeout(ping);
            let builder = builder.http2_keep_alive_while_idle(true);
            match connect {
                Some(connect) => builder.connect_timeout(connect).build(),
                None => builder.build(),
            }
        };
        let first = make().map_err(|error| ErrorDetail::Client(error.to_string()))?;
        let max_streams = config.max_streams_per_connection();
        let pool = Pool::new(first, move || make().ok(), max_streams, timer());
        Ok(Self { pool, is_given: false })
    }
}

impl From<reqwest::Client> for Transport {
    /// A transport over this one HTTP client, which keeps one HTTP/2 connection to a server.
    fn from(client: reqwest::Client) -> Self {
        Self { pool: Pool::single(client, timer()), is_given: true }
    }
}

impl bedrock_stream_http::Transport for Transport {
    type Body = ResponseBody<reqwest::Body>;

    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Self::Body>, TransportError> {
        // reqwest panics without a runtime.
        if Handle::try_current().is_err() {
            return Err(TransportErrorKind::NoRuntime.into());
        }
        let send = |client, request: http::Request<RequestBody>| {
            let is_given = self.is_given;
            let request = request
                .map(|body| if is_given { body.into_bytes().into() } else { reqwest::Body::wrap(body) });
            send(client, request)
        };
        self.pool.send(request, send).await
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

async fn send(
    client: reqwest::Client,
    request: http::Request<reqwest::Body>,
) -> Result<http::Response<reqwest::Body>, TransportError> {
    let failed = |error: reqwest::Error| {
        let kind = if error.is_connect() && error.is_timeout() {
            TransportErrorKind::ConnectTimeout
        } else if error.is_connect() {
            TransportErrorKind::NotSent
        } else if error.is_timeout() && !is_of_the_network(&error) {
            // The caller's own timeout: the service has the request, and may be working on it.
            TransportErrorKind::NotRetryable
        } else {
            TransportErrorKind::Other
        };
        TransportError::new(kind, error.without_url())
    };
    let request = reqwest::Request::try_from(request).map_err(failed)?;
    let url = request.url().clone();
    let response = client.execute(request).await.map_err(failed)?;
    if *response.url() != url {
        // The signature is not valid at the new host, and a bearer token must not be sent there.
        let target = response.url().origin().ascii_serialization();
        let cause = format!("the HTTP client followed a redirect to {target}");
        return Err(TransportError::new(TransportErrorKind::NotRetryable, cause));
    }
    Ok(response.into())
}

fn timer() -> Timer {
    Timer::new(tokio::time::sleep).with_clock(|| tokio::time::Instant::now().into_std())
}

/// Whether a timeout came from the operating system or from an HTTP/2 `PING`, which means that the connection broke.
fn is_of_the_network(error: &(dyn StdError + 'static)) -> bool {
    let is_io = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::TimedOut);
    let is_ping = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_timeout);
    is_io || is_ping || error.source().is_some_and(is_of_the_network)
}

/// The provider is named explicitly: a library must not install a process-wide one.
fn tls(https: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = if https {
        builder.with_platform_verifier()?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
