//! Asks a model over reqwest, on tokio, and prints the answer as it comes.
//!
//! ```sh
//! cargo run -p bedrock-stream-reqwest --example tokio_reqwest -- us.amazon.nova-lite-v1:0 "Why is the sky blue?"
//! ```
//!
//! The environment says where to and as whom: `AWS_REGION`, and `AWS_BEARER_TOKEN_BEDROCK` or AWS credentials. With
//! `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` it asks a fake: `bedrock-stream serve` prints a URL for it.

use std::io::{Write as _, stdout};
use std::process::ExitCode;

use bedrock_stream_reqwest::answer::Chunk;
use bedrock_stream_reqwest::converse::Request;
use bedrock_stream_reqwest::{Client, Error};

// One thread is enough: a stream is mostly waiting.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(prompt)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: tokio_reqwest MODEL PROMPT");
        return ExitCode::from(2);
    };
    match ask(&model, &prompt).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What was printed before is a part of an answer, and the caller should not take it for the whole.
            eprintln!("\n{}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}

async fn ask(model: &str, prompt: &str) -> Result<(), Error> {
    // Keep the client: its clones share their connections.
    let client = Client::from_env()?;
    let request = Request::new().user(prompt).max_tokens(500);

    // Refusals, and failures that may pass, are over by here: nothing is tried again once an answer has begun.
    let mut chunks = client.converse_stream(model, &request).await?;
    while let Some(chunk) = chunks.next().await {
        match chunk? {
            Chunk::Text { text, .. } => {
                print!("{text}");
                // A line may take long to be full. Who reads along wants the words now.
                let _ = stdout().flush();
            }
            // It comes once, last, and only if the answer is complete.
            Chunk::Done(done) => {
                let usage = done.usage.unwrap_or_default().normalized();
                println!("\n[{}; {} tokens in, {} out]", done.stop_reason, usage.input, usage.output);
            }
            // New kinds of chunks may come with new models; a program for text can do without them.
            _ => {}
        }
    }
    Ok(())
}
