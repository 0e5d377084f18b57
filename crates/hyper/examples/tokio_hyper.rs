//! Asks a model over hyper, on tokio, and waits for the complete answer: text, tokens and statistics.
//!
//! ```sh
//! cargo run -p bedrock-stream-hyper --example tokio_hyper -- us.amazon.nova-lite-v1:0 "Why is the sky blue?"
//! ```
//!
//! Region and credentials come from the environment: `AWS_REGION`, and `AWS_BEARER_TOKEN_BEDROCK` or AWS credentials. To use
//! a fake, set `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` to the URL that `bedrock-stream serve` prints.

use std::process::ExitCode;
use std::time::Duration;

use bedrock_stream_hyper::answer::ResponseBuilder;
use bedrock_stream_hyper::converse::Request;
use bedrock_stream_hyper::{Client, Error, Retry, Timeouts};

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
            // Whether to retry is up to the caller, who may have used part of the answer.
            let advice = if error.is_retryable() { "; it may work later" } else { "" };
            eprintln!("{}{advice}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}

async fn ask(model: &str, prompt: &str) -> Result<(), Error> {
    // The client's defaults come from its `Config`; each request may have its own.
    let mut chunks = Client::from_env()?
        .converse_stream(model, &Request::new().user(prompt))
        .timeouts(Timeouts::default().idle(Duration::from_secs(60)))
        .retry(Retry::default().max_attempts(5))
        .await?;
    // `collect()` does the same in one call. This way the builder, with what has arrived, survives an error.
    let mut answer = ResponseBuilder::new();
    let ended = loop {
        match chunks.next().await {
            Some(Ok(chunk)) => answer.push(&chunk),
            Some(Err(error)) => break Err(error),
            None => break Ok(()),
        }
    };
    let stats = chunks.stats();
    let response = answer.into_partial();
    println!("{}", response.text());
    println!("[{} messages, {} bytes]", stats.messages, stats.bytes);
    if let Some(usage) = response.usage {
        println!("[{} tokens]", usage.normalized().total);
    }
    ended
}
