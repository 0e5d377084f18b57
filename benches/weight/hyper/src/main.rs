//! Asks a model and prints its answer as it arrives, like the AWS SDK's program beside it.

use std::io::Write as _;

use bedrock_stream_hyper::Client;
use bedrock_stream_hyper::answer::Chunk;
use bedrock_stream_hyper::converse::Request;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let request = Request::new().user("Why is the sky blue?");
    let mut chunks = client.converse_stream("us.amazon.nova-lite-v1:0", &request).await?;
    while let Some(chunk) = chunks.next().await {
        if let Chunk::Text { text, .. } = chunk? {
            print!("{text}");
            std::io::stdout().flush()?;
        }
    }
    println!();
    Ok(())
}
