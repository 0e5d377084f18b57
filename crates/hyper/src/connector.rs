use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::io::{self, IoSlice};

use bedrock_stream_http::{Config, Error, ErrorDetail};
use http::Uri;
use hyper::rt::ReadBufCursor;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{Connected, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// The default connector of a [`Client`](crate::Client): TCP, and rustls for `https` with feature `tls`. The connect timeout
/// covers name resolution, all addresses of the host, and the TLS handshake together. Dropping the future of a call closes the
/// connection that it opens.
#[derive(Clone)]
pub struct HttpsConnector {
    connector: Connector,
    timeout: Option<Duration>,
}

#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

#[cfg(feature = "tls")]
type Stream = hyper_rustls::MaybeHttpsStream<TokioIo<TcpStream>>;
#[cfg(not(feature = "tls"))]
type Stream = TokioIo<TcpStream>;

/// A connection of an [`HttpsConnector`]: TCP, or with feature `tls` perhaps TLS over it.
#[derive(Debug)]
pub struct Connection(Stream);

impl HttpsConnector {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let timeout = config.timeouts().connect;
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        // So that a silently dropped connection does not delay the next request. The values are reqwest's.
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        tcp.set_keepalive_retries(Some(3));
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        tcp.set_tcp_user_timeout(Some(2 * KEEPALIVE));
        // So that an unreachable address leaves time for the next one.
        tcp.set_connect_timeout(timeout);
        let https = config.endpoint().is_https();
        let connector = connector(tcp, https).map_err(|cause| ErrorDetail::Client(cause.to_string()))?;
        Ok(Self { connector, timeout })
    }
}

impl Service<Uri> for HttpsConnector {
    type Response = Connection;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connection = self.connector.call(uri);
        let timeout = self.timeout;
        Box::pin(async move {
            let stream = match timeout {
                Some(timeout) => tokio::time::timeout(timeout, connection).await.map_err(|_| late())??,
                None => connection.await?,
            };
            Ok(Connection(stream))
        })
    }
}

impl hyper::rt::Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, bufs)
    }
}

impl legacy::connect::Connection for Connection {
    fn connected(&self) -> Connected {
        self.0.connected()
    }
}

impl fmt::Debug for HttpsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsConnector").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "connecting timed out")
}

#[cfg(feature = "tls")]
fn connector(mut tcp: HttpConnector, https: bool) -> Result<Connector, BoxError> {
    use hyper_rustls::ConfigBuilderExt as _;
    use rustls::{ClientConfig, RootCertStore};

    // Named explicitly: a library must not install a process-wide provider.
    let provider = rustls::crypto::ring::default_provider();
    let tls = ClientConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions()?;
    let tls =
        if https { tls.with_native_roots()? } else { tls.with_root_certificates(RootCertStore::empty()) };
    tcp.enforce_http(false);
    Ok(hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls.with_no_client_auth())
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(tcp))
}

#[cfg(not(feature = "tls"))]
fn connector(tcp: HttpConnector, https: bool) -> Result<Connector, BoxError> {
    if https {
        return Err("the endpoint is https, but this program was built without the feature `tls`".into());
    }
    Ok(tcp)
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

const KEEPALIVE: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let config = Config::builder().endpoint_url("http://localhost").bearer("my-api-key").build().unwrap();
        let shown = format!("{:?}", HttpsConnector::new(&config).unwrap());
        assert_eq!(shown, "HttpsConnector { timeout: Some(10s), .. }");
    }

    #[cfg(not(feature = "tls"))]
    #[test]
    fn https_without_tls_is_an_error() {
        let config =
            Config::builder().endpoint_url("https://localhost").bearer("my-api-key").build().unwrap();
        let error = HttpsConnector::new(&config).unwrap_err();
        assert!(error.to_string().contains("without the feature `tls`"), "{error}");
    }
}
