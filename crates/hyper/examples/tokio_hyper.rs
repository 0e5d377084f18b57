//! Asks a model over hyper, on tokio, and waits for the whole answer: its text, its tokens, and how it came.
//!
//! ```sh
//! cargo run -p bedrock-stream-hyper --example tokio_hyper -- us.amazon.nova-lite-v1:0 "Why is the sky blue?"
//! ```
//!
//! The environment says where to and as whom: `AWS_REGION`, and `AWS_BEARER_TOKEN_BEDROCK` or AWS credentials. With
//! `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` it asks a fake: `bedrock-stream serve` prints a URL for it.

use std::process::ExitCode;
use std::time::Duration;

use bedrock_stream_hyper::answer::ResponseBuilder;
use bedrock_stream_hyper::converse::Request;
use bedrock_stream_hyper::{Client, Config, Error, Retry, Timeouts};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(prompt)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: tokio_hyper MODEL PROMPT");
        return ExitCode::from(2);
    };
    match ask(&model, &prompt).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whether to ask again is the caller's to decide: a part of an answer may have been used already.
            let advice = if error.is_retryable() { "; it may work later" } else { "" };
            eprintln!("{}{advice}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}

async fn ask(model: &str, prompt: &str) -> Result<(), Error> {
    // What the environment says is a beginning; the rest is said here.
    let config = Config::builder()
        .env()
        .timeouts(Timeouts::default().idle(Duration::from_secs(60)))
        .retry(Retry::default().max_attempts(5))
        .build()?;
    let client = Client::new(config)?;
    let mut chunks = client.converse_stream(model, &Request::new().user(prompt)).await?;
    // `collect()` does the same in one call. This way the builder survives an error, with what had arrived.
    let mut answer = ResponseBuilder::new();
    let ended = loop {
        match chunks.next().await {
            Some(Ok(chunk)) => answer.push(&chunk),
            Some(Err(error)) => break Err(error),
            None => break Ok(()),
        }
    };
    let stats = chunks.stats();
    let response = answer.finish();
    println!("{}", response.text());
    println!("[{} messages, {} bytes]", stats.messages, stats.bytes);
    if let Some(usage) = response.usage {
        println!("[{} tokens]", usage.normalized().total);
    }
    ended
}
