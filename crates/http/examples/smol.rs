//! Asks a model on smol, without tokio: one hyper connection per request, and TLS from rustls.
//!
//! ```sh
//! cargo run -p bedrock-stream-http --example smol -- us.amazon.nova-lite-v1:0 "Why is the sky blue?"
//! ```
//!
//! Region and credentials come from the environment, through `Config::from_env`. To try it without AWS, use
//! `bedrock-stream serve`, a fake Bedrock.

use std::{io::Write as _, io::stdout, process::ExitCode, sync::Arc, time::Duration};

use bedrock_stream_http::{Client, Config, Error, Timer, Transport, TransportError, answer, converse};
use futures_rustls::{TlsConnector, rustls::ClientConfig};
use http_body_util::Full;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, Uri, body::Bytes, body::Incoming, header::HOST};
use rustls_platform_verifier::BuilderVerifierExt as _;
use smol::{io::AsyncRead, io::AsyncWrite, net::TcpStream};
use smol_hyper::rt::FuturesIo;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let Err(error) = smol::block_on(ask()) else { return ExitCode::SUCCESS };
    eprintln!("{}", error.downcast_ref().map_or_else(|| error.to_string(), Error::with_causes));
    ExitCode::FAILURE
}

async fn ask() -> Result<(), BoxError> {
    let [model, prompt] = <[String; 2]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "usage: smol MODEL PROMPT")?;
    let client = Client::with_transport(Config::from_env()?, Smol);
    let mut chunks = client.converse_stream(&model, &converse::Request::new().user(prompt)).await?;
    while let Some(chunk) = chunks.next().await {
        if let answer::Chunk::Text { text, .. } = chunk? {
            print!("{text}");
            stdout().flush()?;
        }
    }
    Ok(stdout().write_all(b"\n")?)
}

/// All that [`Client`] needs to run on another runtime, including retries and timeouts: how to send and how to sleep.
struct Smol;
type Sender = SendRequest<Full<Bytes>>;

impl Transport for Smol {
    type Body = Incoming;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Incoming>, TransportError> {
        Ok(send(request).await?)
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(async |duration: Duration| _ = smol::Timer::after(duration).await))
    }
}

async fn send(request: Request<Bytes>) -> Result<Response<Incoming>, BoxError> {
    let (mut head, body) = request.into_parts();
    let mut connection = connect(&head.uri).await?;
    // hyper sends the request as it is. HTTP/1.1 needs a `Host` header, and only the path, encoded as it was signed.
    head.headers.insert(HOST, head.uri.authority().ok_or("no host")?.as_str().parse()?);
    head.uri = head.uri.path_and_query().ok_or("no path")?.as_str().parse()?;
    Ok(connection.send_request(Request::from_parts(head, Full::new(body))).await?)
}

/// A connection for one request. Dropping the response's body closes it, which cancels the answer.
async fn connect(uri: &Uri) -> Result<Sender, BoxError> {
    let host = uri.host().ok_or("no host")?;
    if uri.scheme_str() != Some("https") {
        return start(TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await?).await;
    }
    let tcp = TcpStream::connect((host, uri.port_u16().unwrap_or(443))).await?;
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?;
    let tls = TlsConnector::from(Arc::new(tls.with_no_client_auth()));
    start(tls.connect(host.to_owned().try_into()?, tcp).await?).await
}

async fn start(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Sender, BoxError> {
    let (sender, connection) = handshake(FuturesIo::new(stream)).await?;
    smol::spawn(connection).detach();
    Ok(sender)
}
