//! Asks a model and prints its answer as it arrives, as the AWS SDK's documentation shows.

use std::io::Write as _;

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ContentBlockDelta, ConversationRole, ConverseStreamOutput, Message,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("Why is the sky blue?".to_owned()))
        .build()?;
    let mut response =
        client.converse_stream().model_id("us.amazon.nova-lite-v1:0").messages(message).send().await?;
    while let Some(event) = response.stream.recv().await? {
        if let ConverseStreamOutput::ContentBlockDelta(event) = event {
            if let Some(ContentBlockDelta::Text(text)) = event.delta {
                print!("{text}");
                std::io::stdout().flush()?;
            }
        }
    }
    println!();
    Ok(())
}
