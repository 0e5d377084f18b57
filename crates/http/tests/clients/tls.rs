//! TLS: ALPN, the certificates that clients trust, and handshakes that never finish.

use std::process::Command;
use std::time::{Duration, Instant};

use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Config, ConfigBuilder, Error, ErrorDetail, Retry, Timeout, Timeouts};
use http::Version;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::authority::authority;
use crate::events::ask;
use crate::reply::Reply;
use crate::server::Server;
use crate::subject::{Kind, Subject, Wire};

const KINDS: [Kind; 2] = [Kind::Reqwest, Kind::Hyper];

/// The clients with their default HTTP client.
async fn ask_by_default(kind: Kind, config: ConfigBuilder) -> Result<String, Error> {
    let config = config.build().unwrap();
    let request = Request::new().user("Hi");
    let response = match kind {
        Kind::Reqwest => {
            let client = bedrock_stream_reqwest::Client::new(config)?;
            client.converse_stream("m", &request).await?.collect().await
        }
        Kind::Hyper => {
            let client = bedrock_stream_hyper::Client::new(config)?;
            client.converse_stream("m", &request).await?.collect().await
        }
    };
    Ok(response.unwrap().text())
}

#[tokio::test]
async fn https_starts_with_tls_and_offers_http2() {
    for kind in KINDS {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Config::builder().endpoint_url(format!("https://localhost:{port}")).bearer("my-api-key");
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = vec![0; 16 * 1024];
            let len = stream.read(&mut hello).await.unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            hello.truncate(len);
            hello
        };
        let (error, hello) = tokio::join!(ask_by_default(kind, config.retry(Retry::none())), server);
        assert_eq!(hello[0], 22, "a TLS handshake record");
        let protocols = b"\x02h2\x08http/1.1";
        assert!(hello.windows(protocols.len()).any(|window| window == protocols));
        assert!(!hello.windows(10).any(|window| window == b"my-api-key"));
        let error = error.unwrap_err();
        let expected = format!("no response from https://localhost:{port}: ");
        assert!(error.with_causes().starts_with(&expected), "{error:?}");
    }
}

#[tokio::test]
async fn a_handshake_without_an_answer_causes_a_timeout() {
    for kind in KINDS {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        // Accepts the connection, reads the ClientHello, and sends nothing.
        let server = tokio::spawn(async move {
            let mut hello = 0;
            let mut open = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                hello += usize::from(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                open.push(stream);
                if hello == 2 {
                    return open;
                }
            }
        });
        let soon = Duration::from_millis(100);
        let retry = Retry::default().max_attempts(2).base(Duration::from_millis(1));
        let config = Config::builder().endpoint_url(url).bearer("my-api-key").retry(retry);
        let begin = Instant::now();
        let error = ask_by_default(kind, config.timeouts(Timeouts::default().connect(soon))).await;
        let error = error.unwrap_err();
        assert!(
            matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Connect, after, elapsed, .. } if *after == soon && *elapsed >= soon),
            "{kind:?}: {error:?}"
        );
        assert_eq!(error.earlier_attempts().len(), 1, "it was retried");
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
        assert_eq!(server.await.unwrap().len(), 2, "both got as far as the handshake");
    }
}

#[tokio::test]
async fn alpn_selects_the_protocol_and_the_answer_is_complete() {
    for (protocols, version) in [
        (&[&b"h2"[..], b"http/1.1"][..], Version::HTTP_2),
        (&[b"http/1.1"], Version::HTTP_11),
        (&[b"h2"], Version::HTTP_2),
        (&[], Version::HTTP_11),
    ] {
        for kind in KINDS {
            let subject = Subject { kind, wire: Wire::TlsHttp1 };
            let mut server = Server::with_alpn(subject, vec![Reply::answer()], protocols).await;
            let config = server.bearer().build().unwrap();
            let request = Request::new().user("Hi");
            // The second request reuses the connection of the first.
            for _ in 0..2 {
                let answer = match kind {
                    Kind::Reqwest => {
                        let client = with_reqwest(config.clone());
                        let client = client.converse_stream("m", &request).await.unwrap();
                        client.collect().await
                    }
                    Kind::Hyper => {
                        let client = with_hyper(config.clone());
                        let client = client.converse_stream("m", &request).await.unwrap();
                        client.collect().await
                    }
                };
                assert_eq!(answer.unwrap().text(), "Hello, world");
                let received = server.request().await;
                assert_eq!(received.head.version, version, "{kind:?} {protocols:?}");
                assert_eq!(received.host(), server.url.split("//").nth(1));
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_authority_is_not_trusted_and_not_retried() {
    for kind in KINDS {
        let mut server = Server::start(Subject { kind, wire: Wire::TlsHttp2 }, Reply::answer()).await;
        let config = || server.bearer().retry(Retry::default().base(Duration::from_millis(1)));
        // A client that trusts no authority refuses it, and so does the default client.
        let error = ask(&Subject { kind, wire: Wire::TlsHttp2 }.client(config(), None)).await.unwrap_err();
        let sentence = error.with_causes();
        assert!(sentence.starts_with(&format!("no response from {}: ", server.url)), "{sentence}");
        assert!(sentence.contains("UnknownIssuer"), "{sentence}");
        assert!(!error.is_retryable() && error.earlier_attempts().is_empty(), "{error:?}");
        let error = ask_by_default(kind, config()).await.unwrap_err();
        assert!(error.with_causes().contains("UnknownIssuer"), "{error:?}");
        assert!(!error.is_retryable() && error.earlier_attempts().is_empty(), "{error:?}");
        assert_eq!(server.count(), 0, "the key was sent");
    }
}

/// Where the operating system's roots are files, `SSL_CERT_FILE` names others. It is read once per process, so this
/// test runs itself in a new process.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_default_clients_trust_certificates_named_by_the_environment() {
    if let Ok(url) = std::env::var(URL) {
        for kind in KINDS {
            let config = Config::builder().endpoint_url(&url).bearer("my-api-key").retry(Retry::none());
            assert_eq!(ask_by_default(kind, config).await.unwrap(), "Hello, world");
        }
        return;
    }
    let subject = Subject { kind: Kind::Hyper, wire: Wire::TlsHttp2 };
    let mut server = Server::start(subject, Reply::answer()).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &authority().pem).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    let name = "tls::the_default_clients_trust_certificates_named_by_the_environment";
    child.args(["--exact", name]).env(URL, &server.url).env("SSL_CERT_FILE", file.path());
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(server.count(), 2);
}

#[cfg(target_os = "linux")]
const URL: &str = "BEDROCK_STREAM_TEST_URL";

fn with_reqwest(config: Config) -> bedrock_stream_reqwest::Client {
    let mut tls = crate::authority::trusting(Some(&authority().der));
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
    bedrock_stream_reqwest::Client::with_http_client(config, client)
}

fn with_hyper(
    config: Config,
) -> bedrock_stream_hyper::Client<
    hyper_rustls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>,
> {
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(crate::authority::trusting(Some(&authority().der)))
        .https_only()
        .enable_all_versions()
        .build();
    let executor = hyper_util::rt::TokioExecutor::new();
    let client = hyper_util::client::legacy::Client::builder(executor).build(connector);
    bedrock_stream_hyper::Client::with_http_client(config, client)
}
