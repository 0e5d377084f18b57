//! The gateway over TLS, and what is no certificate.
#![cfg(feature = "tls")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrock_stream_dialects::Dialect;
use bedrock_stream_gateway::{Server, Tls, TlsError};
use bedrock_stream_testkit::{FakeBedrock, answer};
use bytes::Bytes;
use http::{Method, Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::support::{Running, ask, eventually, start_with};

/// A certificate of `localhost`, as PEM with its key, and as DER.
fn certificate() -> (String, String, Vec<u8>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem(), cert.der().to_vec())
}

async fn connect(
    running: &Running,
    trusted: &[u8],
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    connect_over(TcpStream::connect(running.address).await.unwrap(), trusted, protocols).await
}

async fn connect_over(
    stream: TcpStream,
    trusted: &[u8],
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(trusted.to_vec())).unwrap();
    let mut config = ClientConfig::builder_with_provider(crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

async fn start(bedrock: bedrock_stream_testkit::Builder, head_timeout: Duration) -> (Running, Vec<u8>) {
    let (pem, key, der) = certificate();
    let tls = Tls::from_pem(pem.as_bytes(), key.as_bytes()).unwrap();
    assert_eq!(format!("{tls:?}"), "Tls { .. }");
    let set = |server: Server| server.tls(tls).head_timeout(head_timeout);
    (start_with(bedrock, |builder| builder, set).await, der)
}

fn request(running: &Running, version: Version) -> Request<Full<Bytes>> {
    let body = ask(Dialect::Chat, "m", true).to_string();
    let mut request = running.request(Method::POST, "/v1/chat/completions", body);
    *request.version_mut() = version;
    if version == Version::HTTP_11 {
        request.headers_mut().insert("host", "localhost".parse().unwrap());
        *request.uri_mut() = "/v1/chat/completions".parse().unwrap();
    }
    request
}

#[tokio::test]
async fn answers_come_over_tls_in_both_versions_of_http() {
    let said = || answer().text("The weather in Paris is fine.");
    let (running, der) = start(FakeBedrock::builder().reply("m", said()), Duration::from_secs(30)).await;
    let stream = connect(&running, &der, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let response = sender.send_request(request(&running, Version::HTTP_2)).await.unwrap();
    let over_http2 = response.into_body().collect().await.unwrap().to_bytes();

    let stream = connect(&running, &der, &["http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let (mut sender, connection) = conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let response = sender.send_request(request(&running, Version::HTTP_11)).await.unwrap();
    let over_http1 = response.into_body().collect().await.unwrap().to_bytes();

    for body in [over_http2, over_http1] {
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("Paris") && text.ends_with("data: [DONE]\n\n"), "{text}");
    }
    // Another authority is not trusted, and without TLS nobody is answered.
    let (_, _, other) = certificate();
    connect(&running, &other, &["h2"]).await.unwrap_err();
    let mut plain = TcpStream::connect(running.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut got = Vec::new();
    let _ = plain.read_to_end(&mut got).await;
    assert!(!got.starts_with(b"HTTP/"), "{got:?}");
    assert_eq!(running.bedrock.requests().len(), 2);
}

#[tokio::test]
async fn a_client_that_is_slow_is_cut_off_over_tls_too() {
    let (running, der) = start(FakeBedrock::builder(), Duration::from_millis(300)).await;
    let begun = Instant::now();
    // Neither a handshake that does not begin, nor a request that does not.
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    let mut shaken = connect(&running, &der, &["http/1.1"]).await.unwrap();
    let wait = Duration::from_secs(10);
    let _ = tokio::time::timeout(wait, silent.read(&mut [0])).await.expect("it is cut off");
    let _ = tokio::time::timeout(wait, shaken.read(&mut [0])).await.expect("it is cut off");
    assert!(begun.elapsed() < wait);
}

/// A load balancer that has just opened a connection may still finish it and ask.
#[tokio::test]
async fn a_new_connection_may_still_bring_its_request() {
    let (mut running, der) = start(FakeBedrock::builder(), Duration::from_secs(60)).await;
    let tcp = TcpStream::connect(running.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(running.stop.take());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut stream = connect_over(tcp, &der, &["http/1.1"]).await.unwrap();
    let body = ask(Dialect::Chat, "m", false).to_string();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length";
    stream.write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    let mut text = String::new();
    // Not every server says goodbye in TLS.
    let _ = stream.read_to_string(&mut text).await;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    tokio::time::timeout(Duration::from_secs(10), &mut running.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_handshake_does_not_delay_the_end() {
    let (mut running, der) = start(FakeBedrock::builder(), Duration::from_secs(60)).await;
    let _silent = TcpStream::connect(running.address).await.unwrap();
    // The connection before it has been accepted when this one is.
    let idle = connect(&running, &der, &["http/1.1"]).await.unwrap();
    drop(idle);
    drop(running.stop.take());
    eventually(|| running.served.is_finished()).await;
}

#[test]
fn what_is_no_certificate_is_told() {
    let (pem, key, _) = certificate();
    let (_, other_key, _) = certificate();
    let read = |pem: &str, key: &str| Tls::from_pem(pem.as_bytes(), key.as_bytes()).unwrap_err();
    assert_eq!(read("", &key), TlsError::NoCertificate);
    assert_eq!(read(&key, &key), TlsError::NoCertificate);
    assert_eq!(read(&pem, &pem), TlsError::NoKey);
    assert!(matches!(read(&pem.replace("END", "EN"), &key), TlsError::Certificate(_)));
    assert!(matches!(read(&pem, &key.replace("END", "EN")), TlsError::Key(_)));
    assert!(matches!(read(&pem, &other_key), TlsError::Pair(_)));
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(read(garbage, &key), TlsError::Pair(_)));
    assert!(!read(&pem, &other_key).to_string().contains("PRIVATE"));
}
