//! Both clients over TLS, with an authority made for the test, HTTP/1.1 and HTTP/2 as ALPN agrees on them.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use bedrock_stream_http::converse::Request;
use bedrock_stream_http::frame::{Header, encode};
use bedrock_stream_http::{Config, Retry};
use bytes::Bytes;
use http::Version;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

type Anyhow = Box<dyn Error>;

#[tokio::test]
async fn alpn_decides_and_the_answer_is_whole() -> Result<(), Anyhow> {
    for (protocols, version) in [
        (&[&b"h2"[..], b"http/1.1"][..], Version::HTTP_2),
        (&[b"http/1.1"], Version::HTTP_11),
        (&[b"h2"], Version::HTTP_2),
        (&[], Version::HTTP_11),
    ] {
        let mut server = Server::start(protocols).await?;
        let with_reqwest = reqwest_client(&server.url, Some(&server.authority))?;
        let with_hyper = hyper_client(&server.url, Some(&server.authority))?;
        let request = Request::new().user("Hi");
        // The second request of each goes over the connection of the first.
        for _ in 0..2 {
            let answer = with_reqwest.converse_stream("m", &request).await?.collect().await?;
            assert_eq!(answer.text(), "Hello");
            let answer = with_hyper.converse_stream("m", &request).await?.collect().await?;
            assert_eq!(answer.text(), "Hello");
        }
        for _ in 0..4 {
            let (seen, host) = server.requests.recv().await.ok_or("no request")?;
            assert_eq!(seen, version, "{protocols:?}");
            assert_eq!(format!("https://{host}"), server.url);
        }
        assert_eq!(server.connections.len(), 2, "{protocols:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_authority_is_not_trusted() -> Result<(), Anyhow> {
    let mut server = Server::start(&[b"h2"]).await?;
    let request = Request::new().user("Hi");
    let error = reqwest_client(&server.url, None)?.converse_stream("m", &request).await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.starts_with(&format!("no response from {}: ", server.url)), "{sentence}");
    assert!(sentence.contains("UnknownIssuer"), "{sentence}");
    let error = hyper_client(&server.url, None)?.converse_stream("m", &request).await.unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(server.requests.try_recv().is_err(), "the key went out");
    Ok(())
}

fn config(url: &str) -> Result<Config, Anyhow> {
    Ok(Config::builder().endpoint_url(url).bearer("my-api-key").retry(Retry::none()).build()?)
}

fn reqwest_client(
    url: &str,
    authority: Option<&CertificateDer<'static>>,
) -> Result<bedrock_stream_reqwest::Client, Anyhow> {
    let mut tls = tls(authority)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build()?;
    Ok(bedrock_stream_reqwest::Client::with_http_client(config(url)?, client))
}

type Connector = hyper_rustls::HttpsConnector<HttpConnector>;

fn hyper_client(
    url: &str,
    authority: Option<&CertificateDer<'static>>,
) -> Result<bedrock_stream_hyper::Client<Connector>, Anyhow> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(tls(authority)?)
        .https_only()
        .enable_all_versions()
        .build();
    let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
    Ok(bedrock_stream_hyper::Client::with_http_client(config(url)?, client))
}

fn tls(authority: Option<&CertificateDer<'static>>) -> Result<ClientConfig, Anyhow> {
    let mut roots = RootCertStore::empty();
    if let Some(authority) = authority {
        roots.add(authority.clone())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

struct Server {
    url: String,
    authority: CertificateDer<'static>,
    /// The version and the host of each request.
    requests: mpsc::UnboundedReceiver<(Version, String)>,
    /// One item for each connection that was made.
    connections: mpsc::UnboundedReceiver<()>,
}

impl Server {
    async fn start(protocols: &[&[u8]]) -> Result<Self, Anyhow> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key)?.der().clone();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate()?;
        let own = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &issuer)?;

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![own.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        tls.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("https://localhost:{}", listener.local_addr()?.port());
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let (request_sender, requests) = mpsc::unbounded_channel();
        let (connection_sender, connections) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, requests) = (acceptor.clone(), request_sender.clone());
                let connections = connection_sender.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let _ = connections.send(());
                    let service = service_fn(|request| answer(request, requests.clone()));
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { url, authority, requests, connections })
    }
}

async fn answer(
    request: http::Request<Incoming>,
    requests: mpsc::UnboundedSender<(Version, String)>,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let version = request.version();
    let host = request.uri().authority().map(ToString::to_string);
    let header = || request.headers().get("host")?.to_str().ok().map(str::to_owned);
    let _ = requests.send((version, host.or_else(header).unwrap_or_default()));
    let _ = request.into_body().collect().await;
    let mut bytes = Vec::new();
    for (kind, payload) in [
        ("messageStart", r#"{"role":"assistant"}"#),
        ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hello"}}"#),
        ("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        ("messageStop", r#"{"stopReason":"end_turn"}"#),
        ("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#),
    ] {
        let headers = [Header::string(":event-type", kind), Header::string(":message-type", "event")];
        encode(&headers, payload.as_bytes(), &mut bytes).unwrap();
    }
    Ok(http::Response::new(Full::new(bytes.into())))
}
