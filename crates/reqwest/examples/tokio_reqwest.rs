//! Asks a model over reqwest, on tokio, and prints the answer as it arrives.
//!
//! ```sh
//! cargo run -p bedrock-stream-reqwest --example tokio_reqwest -- us.amazon.nova-lite-v1:0 "Why is the sky blue?"
//! ```
//!
//! Region and credentials come from the environment: `AWS_REGION`, and `AWS_BEARER_TOKEN_BEDROCK` or AWS credentials. To use
//! a fake, set `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` to the URL that `bedrock-stream serve` prints.

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
            // What was printed is only part of an answer, and should not be taken for all of it.
            eprintln!("\n{}", error.with_causes());
            ExitCode::FAILURE
        }
    }
}

async fn ask(model: &str, prompt: &str) -> Result<(), Error> {
    // Keep the client: its clones share connections.
    let client = Client::from_env()?;
    let request = Request::new().user(prompt).max_tokens(500);

    // Refusals have been reported and transient failures retried by now: nothing is retried once an answer has started.
    let mut chunks = client.converse_stream(model, &request).await?;
    while let Some(chunk) = chunks.next().await {
        match chunk? {
            Chunk::Text { text, .. } => {
                print!("{text}");
                // Without this, words would not appear until the line is complete.
                let _ = stdout().flush();
            }
            // The last chunk, which comes only if the answer is complete.
            Chunk::Done(done) => {
                let usage = done.usage.unwrap_or_default().normalized();
                println!("\n[{}; {} tokens in, {} out]", done.stop_reason, usage.input, usage.output);
            }
            // New models may bring new kinds of chunks; this program only needs text.
            _ => {}
        }
    }
    Ok(())
}
