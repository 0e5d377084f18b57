//! A fake Bedrock with an answer that has a bit of everything, and one for each exception: prints its URL; the answer's
//! events as JSON, one a line; a blank line; each exception as `{"name": .., "payload": ..}`, its name being its model id;
//! a blank line. Runs until standard input ends.
//!
//! ```text
//! cargo run -p bedrock-stream-testkit --example every_field
//! ```

#[path = "answers/everything.rs"]
mod everything;

use std::error::Error;
use std::io::{Read, stdin};

use bedrock_stream_testkit::FakeBedrock;
use serde_json::json;

use crate::everything::{everything, excepted, exceptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let answer = everything()?;
    let events = answer.events();
    let mut builder = FakeBedrock::builder().respond(move |_| answer.clone());
    for (name, payload) in exceptions() {
        builder = builder.reply(name, excepted(name, &payload));
    }
    let bedrock = builder.start().await?;
    println!("{}", bedrock.url());
    for event in &events {
        println!("{}", serde_json::to_string(event)?);
    }
    println!();
    for (name, payload) in exceptions() {
        println!("{}", json!({"name": name, "payload": payload}));
    }
    println!();
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
