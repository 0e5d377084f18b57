//! Behaviour specific to this crate's client. What it shares with the other client is tested in `bedrock-stream-http`.

use bedrock_stream_reqwest::converse::Request;
use bedrock_stream_reqwest::{Auth, ChunkStream, Client, Config, Error, ErrorDetail, MessageStream};
use bedrock_stream_testkit::{FakeBedrock, answer};

#[tokio::test]
async fn the_default_and_a_custom_http_client_work() -> Result<(), Box<dyn std::error::Error>> {
    let bedrock = FakeBedrock::builder().reply("m", answer().text("Hello")).start().await?;
    let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?;
    // The types must be inferred from the names alone.
    let own = Client::new(config.clone())?;
    let http =
        reqwest::Client::builder().tls_backend_preconfigured(tls()?).http2_prior_knowledge().build()?;
    let given = Client::with_http_client(config, http);
    for client in [own, given] {
        assert_eq!(client.config().endpoint().to_string(), bedrock.url());
        let answered = tokio::spawn(async move {
            let body = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
            let mut messages: MessageStream = client.converse_stream("m", body).message_stream().await?;
            while let Some(message) = messages.next_with(|_| ()).await {
                message?;
            }
            let chunks: ChunkStream = client.converse_stream("m", &Request::new().user("Hi")).await?;
            Ok::<_, Error>(chunks.collect().await)
        });
        assert_eq!(answered.await???.text(), "Hello");
    }
    Ok(())
}

#[tokio::test]
async fn a_redirect_that_the_http_client_follows_is_an_error() -> Result<(), Box<dyn std::error::Error>> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let bedrock = FakeBedrock::start().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let elsewhere = format!("{}/model/m/converse-stream", bedrock.url());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let head = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    let config = Config::builder().endpoint_url(url).bearer("my-api-key").build()?;
    let careless = reqwest::Client::builder().tls_backend_preconfigured(tls()?).build()?;
    let client = Client::with_http_client(config, careless);
    let error = client.converse_stream("m", &Request::new().user("Hi")).await.unwrap_err();
    let expected = format!("the HTTP client followed a redirect to {}", bedrock.url());
    assert!(error.with_causes().contains(&expected), "{error:?}");
    assert!(!error.is_retryable());
    // reqwest withheld the key only because the target has another origin.
    let requests = bedrock.requests();
    assert_eq!(requests.len(), 1, "it was retried");
    assert!(!format!("{:?}", requests[0].headers).contains("my-api-key"));
    Ok(())
}

#[tokio::test]
async fn a_timeout_of_the_callers_http_client_is_not_retried() -> Result<(), Box<dyn std::error::Error>> {
    let bedrock = FakeBedrock::builder().fault(bedrock_stream_testkit::Fault::NoHead).start().await?;
    let config = Config::builder().endpoint_url(bedrock.url()).bearer("my-api-key").build()?;
    let patient = reqwest::Client::builder().tls_backend_preconfigured(tls()?);
    let impatient = patient.timeout(std::time::Duration::from_millis(100)).build()?;
    let client = Client::with_http_client(config, impatient);
    let error = client.converse_stream("m", &Request::new().user("Hi")).await.unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Connection { .. }) && !error.is_retryable(), "{error}");
    assert!(error.with_causes().contains("timed out"), "{error:?}");
    assert_eq!(bedrock.requests().len(), 1);
    Ok(())
}

/// Without root certificates, since these tests use plain HTTP.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = rustls::crypto::ring::default_provider();
    Ok(rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}
