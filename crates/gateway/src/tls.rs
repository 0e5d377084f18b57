use std::fmt;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// A certificate and its key, with which a [`Server`](crate::Server) speaks TLS 1.2 and 1.3, and offers HTTP/2 and HTTP/1.1.
///
/// ```no_run
/// # async fn run(gateway: bedrock_stream_gateway::Gateway) -> Result<(), Box<dyn std::error::Error>> {
/// use bedrock_stream_gateway::{Server, Tls};
///
/// let tls = Tls::from_pem(&std::fs::read("gateway.pem")?, &std::fs::read("gateway.key")?)?;
/// let server = Server::bind(([0, 0, 0, 0], 443).into(), gateway).await?.tls(tls);
/// server.serve(std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
///
/// Cheap to clone; clones share the certificate, which [`replace`](Self::replace) replaces.
#[derive(Clone)]
pub struct Tls(Arc<RwLock<TlsAcceptor>>);

/// Why there is no TLS.
///
/// ```
/// use bedrock_stream_gateway::{Tls, TlsError};
///
/// assert_eq!(Tls::from_pem(b"", b"").unwrap_err(), TlsError::NoCertificate);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The PEM text of the certificate has none.
    #[error("there is no certificate in PEM form, which begins with \"-----BEGIN CERTIFICATE-----\"")]
    NoCertificate,
    /// The PEM text of the certificate is damaged.
    #[error("the certificate cannot be read: {0}")]
    Certificate(String),
    /// The PEM text of the key has none.
    #[error(
        "there is no private key in PEM form, which begins with \"-----BEGIN PRIVATE KEY-----\", for example"
    )]
    NoKey,
    /// The PEM text of the key is damaged.
    #[error("the private key cannot be read: {0}")]
    Key(String),
    /// They cannot be used together: the key may be another certificate's.
    #[error("the certificate cannot be used with the private key: {0}")]
    Pair(String),
}

impl Tls {
    /// Reads a certificate, followed by those between it and its authority's, and its private key, both as PEM.
    ///
    /// # Errors
    ///
    /// [`TlsError`]: one of them cannot be read, or they do not belong together.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<_, _>>()
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let key = match PrivateKeyDer::pem_slice_iter(key).next() {
            Some(key) => key.map_err(|error| TlsError::Key(error.to_string()))?,
            None => return Err(TlsError::NoKey),
        };
        let pair = |error: tokio_rustls::rustls::Error| TlsError::Pair(error.to_string());
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(pair)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(pair)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(RwLock::new(TlsAcceptor::from(Arc::new(config))))))
    }

    /// Replaces the certificate and its key, here and in all clones, by those of another: for the connections that come from now
    /// on.
    pub fn replace(&self, by: &Self) {
        let acceptor = by.acceptor();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = acceptor;
    }

    fn acceptor(&self) -> TlsAcceptor {
        // It is whole whenever it is unlocked.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The handshake.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor().accept(stream).await
    }
}

impl fmt::Debug for Tls {
    /// Shows nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
