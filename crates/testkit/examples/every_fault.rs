//! A fake Bedrock in which each fault has a model of its name: prints its URL, then each fault with what a correct client
//! must conclude, and runs until standard input ends.
//!
//! ```text
//! cargo run -p bedrock-stream-testkit --example every_fault
//! ```

#[path = "answers/weather.rs"]
mod weather;

use std::error::Error;
use std::io::{Read, stdin};

use bedrock_stream_testkit::{FakeBedrock, Fault, Reply};

use crate::weather::weather;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut builder = FakeBedrock::builder();
    for &fault in Fault::ALL {
        builder = builder.reply(fault.to_string(), Reply::from(weather()).fault(fault));
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
