use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use bedrock_stream_http::{
    BoxError, Config, ConnectTimeout, Error, FromConfig, NoRuntime, NotSent, Timer, Unrepeatable,
};
use bytes::Bytes;
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::runtime::Handle;

/// A `reqwest::Client` that sends what was signed, as it was signed.
#[derive(Clone, Debug)]
pub struct Transport(reqwest::Client);

impl FromConfig for Transport {
    /// An HTTP client with rustls, HTTP/1.1 and HTTP/2. Root certificates are looked for only if the endpoint
    /// is `https`.
    fn from_config(config: &Config) -> Result<Self, Error> {
        let failed = |cause: String| Error::Client { cause };
        let tls = tls(config.endpoint().is_https()).map_err(|error| failed(error.to_string()))?;
        // Another crate of the program may have asked reqwest for decompression, which is on then.
        let mut builder = reqwest::Client::builder().no_gzip().no_brotli().no_zstd().no_deflate();
        builder = builder.tls_backend_preconfigured(tls).redirect(Policy::none()).referer(false);
        if let Some(connect) = config.deadlines().connect {
            builder = builder.connect_timeout(connect);
        }
        let client = builder.build().map_err(|error| failed(error.to_string()))?;
        Ok(Self(client))
    }
}

impl From<reqwest::Client> for Transport {
    fn from(client: reqwest::Client) -> Self {
        Self(client)
    }
}

impl bedrock_stream_http::Transport for Transport {
    type Body = reqwest::Body;

    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<reqwest::Body>, BoxError> {
        // Without one, reqwest panics.
        if Handle::try_current().is_err() {
            return Err(NoRuntime.into());
        }
        let request = reqwest::Request::try_from(request).map_err(reqwest::Error::without_url)?;
        let url = request.url().clone();
        let response = self.0.execute(request).await.map_err(|error| {
            if error.is_connect() && error.is_timeout() {
                return BoxError::from(ConnectTimeout);
            }
            if error.is_connect() {
                return NotSent::new(error.without_url()).into();
            }
            // The caller's own timeout: the model was asked, and may be at work.
            if error.is_timeout() && !is_of_the_network(&error) {
                return Unrepeatable::new(error.without_url()).into();
            }
            error.without_url().into()
        })?;
        if *response.url() != url {
            // Where a redirect leads, the signature does not hold, and a bearer token is none of its business.
            let target = response.url().origin().ascii_serialization();
            return Err(Unrepeatable::new(format!("the HTTP client followed a redirect to {target}")).into());
        }
        Ok(response.into())
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

/// Whether a timeout is the operating system's, for a connection that broke.
fn is_of_the_network(error: &(dyn StdError + 'static)) -> bool {
    let is_io = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::TimedOut);
    is_io || error.source().is_some_and(is_of_the_network)
}

/// The provider is named here: a library must not install one for the whole process.
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
