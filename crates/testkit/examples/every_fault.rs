//! A fake Bedrock in which each fault has a model of its name: prints its URL, then each fault with what a correct client
//! must conclude, and runs until standard input ends.
//!
//! ```text
//! cargo run -p bedrock-stream-testkit --example every_fault
//! ```

use std::error::Error;
use std::io::{Read, stdin};

use bedrock_stream_testkit::{FakeBedrock, Fault, Reply, answer};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let answer = answer()
        .reasoning("They ask for the weather, so the tool has to be asked.")
        .signature("c2lnbmF0dXJl")
        .text(
            "Let me see what the weather is like. It may take a moment, since the tool has to ask the nearest station \
             first, and that one answers only when it has something new to say about wind, rain and sun.",
        )
        .tool_with_id("tooluse_1", "get_weather", json!({"city": "Paris", "unit": "celsius"}));
    let mut builder = FakeBedrock::builder();
    for &fault in Fault::ALL {
        builder = builder.reply(fault.to_string(), Reply::from(answer.clone()).fault(fault));
    }
    let bedrock = builder.start().await?;
    println!("{}", bedrock.url());
    for fault in Fault::ALL {
        println!("{fault}\t{}", fault.conclusion());
    }
    println!();
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
