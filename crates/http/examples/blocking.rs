//! Asks a model with `ureq`: no async runtime and no threads. The answer is read from a `std::io::Read`.
//!
//! ```sh
//! cargo run -p bedrock-stream-http --example blocking -- us.amazon.nova-lite-v1:0 "Why is the sky blue?"
//! ```
//!
//! Region and credentials come from the environment, through `Config::from_env`. To try it without AWS, use
//! `bedrock-stream serve`, a fake Bedrock.

use std::io::{Error as IoError, Read, Write as _, stdout};
use std::task::{Context, Poll, Waker};
use std::{pin::pin, process::ExitCode, sync::Arc, time::SystemTime};

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::{ChunkDecoder, Request};
use bedrock_stream_http::{Config, Operation, ServiceError};
use ureq::tls::{RootCerts, TlsConfig};

fn main() -> ExitCode {
    let Err(error) = ask() else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    ExitCode::FAILURE
}

fn ask() -> Result<(), Box<dyn std::error::Error>> {
    let [model, prompt] = <[String; 2]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "usage: blocking MODEL PROMPT")?;
    let config = Config::from_env()?;
    let body = serde_json::to_vec(&Request::new().user(prompt))?;
    let operation = Operation::converse_stream(&model)?;
    let request = config.request(&operation, body.into(), SystemTime::now());
    let response = agent(&config).run(ready_now(request)??.map(|body| body.to_vec()))?;
    let (head, body) = response.into_parts();
    let mut body = body.into_reader();
    if head.status != 200 {
        let mut start = Vec::new();
        body.take(64 * 1024).read_to_end(&mut start)?;
        let now = SystemTime::now();
        return Err(ServiceError::parse(head.status, &head.headers, start.into(), now).into());
    }

    let mut decoder = ChunkDecoder::new();
    let mut buffer = [0; 16 * 1024];
    while let len @ 1.. = body.read(&mut buffer)? {
        let mut input = &buffer[..len];
        while let Some(chunk) = decoder.next_from(&mut input)? {
            print(&chunk)?;
        }
    }
    // The body has ended. Only `finish` knows whether the answer is complete.
    while let Some(chunk) = decoder.finish()? {
        print(&chunk)?;
    }
    println!();
    Ok(())
}

fn agent(config: &Config) -> ureq::Agent {
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::PlatformVerifier);
    // A redirect would send the signature to another host, and the body of a refusal says what is wrong.
    let agent =
        ureq::Agent::config_builder().tls_config(tls.build()).max_redirects(0).http_status_as_error(false);
    let timeouts = config.timeouts();
    agent.timeout_connect(timeouts.connect).timeout_recv_response(timeouts.first_byte).build().new_agent()
}

fn print(chunk: &Chunk) -> Result<(), IoError> {
    if let Chunk::Text { text, .. } = chunk {
        print!("{text}");
    }
    stdout().flush()
}

/// The value of a future that is ready immediately. `Config::request` only waits for credentials, and those from the
/// environment are available.
fn ready_now<T>(future: impl Future<Output = T>) -> Result<T, IoError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err(IoError::other("the credentials are not available immediately")),
    }
}
