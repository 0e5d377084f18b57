use std::sync::Arc;

use bedrock_stream_testkit::FakeBedrock;
use bytes::Bytes;
use http::{Request, Version};
use http_body_util::Full;
use hyper::client::conn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::support::{MODEL_PATH, QUESTION, collect, text};

async fn connect(
    bedrock: &FakeBedrock,
    trusted: Option<&[u8]>,
    name: &'static str,
    protocol: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    if let Some(der) = trusted {
        roots.add(CertificateDer::from(der.to_vec())).expect("it is a certificate");
    }
    let mut config = ClientConfig::builder_with_provider(crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("the provider knows them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let name = ServerName::try_from(name).expect("it is a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

fn request(bedrock: &FakeBedrock) -> Request<Full<Bytes>> {
    Request::post(format!("{}{MODEL_PATH}", bedrock.url()))
        .header("host", bedrock.addr().to_string())
        .body(Full::from(QUESTION))
        .expect("the request is valid")
}

#[tokio::test]
async fn both_versions_of_http_come_over_tls() {
    let bedrock = FakeBedrock::builder().tls().start().await.expect("a port is free");
    assert!(bedrock.url().starts_with("https://127.0.0.1:"));
    let ca = bedrock.ca_der();
    for name in ["localhost", "127.0.0.1", "::1"] {
        let stream = connect(&bedrock, ca, name, "http/1.1").await.expect("the authority is trusted");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let (mut sender, connection) =
            conn::http1::handshake(TokioIo::new(stream)).await.expect("the connection is fresh");
        tokio::spawn(connection);
        let reply = collect(sender.send_request(request(&bedrock)).await.expect("the fake answers")).await;
        assert!(text(&reply.events()).contains("Why is the sky blue?"));
    }
    let stream = connect(&bedrock, ca, "localhost", "h2").await.expect("the authority is trusted");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) = conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("the connection is fresh");
    tokio::spawn(connection);
    let reply = collect(sender.send_request(request(&bedrock)).await.expect("the fake answers")).await;
    assert!(text(&reply.events()).contains("Why is the sky blue?"));
    let versions: Vec<Version> = bedrock.requests().iter().map(|request| request.version).collect();
    assert_eq!(versions, [Version::HTTP_11, Version::HTTP_11, Version::HTTP_11, Version::HTTP_2]);
}

#[tokio::test]
async fn nobody_else_is_trusted() {
    let bedrock = FakeBedrock::builder().tls().start().await.expect("a port is free");
    let other = FakeBedrock::builder().tls().start().await.expect("a port is free");
    assert_ne!(bedrock.ca_der(), other.ca_der(), "each has an authority of its own");
    for trusted in [None, other.ca_der()] {
        connect(&bedrock, trusted, "localhost", "h2").await.expect_err("the authority is unknown");
    }
    connect(&bedrock, bedrock.ca_der(), "example.com", "h2").await.expect_err("the name is another");
    let pem = bedrock.ca_pem().expect("there is TLS");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && !pem.contains("PRIVATE"));
    let plain = FakeBedrock::start().await.expect("a port is free");
    assert_eq!((plain.ca_pem(), plain.ca_der()), (None, None));
}
