//! A fake Bedrock to point any client at: prints its URL, and runs until standard input ends.
//!
//! ```text
//! cargo run -p bedrock-stream-testkit --example fake_bedrock -- AKIDEXAMPLE:secret [FAULT]
//! ```

use std::error::Error;
use std::io::{Read, stdin};
use std::time::Duration;

use bedrock_stream_testkit::FakeBedrock;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut builder = FakeBedrock::builder().delay(Duration::from_millis(20));
    if let Some(credentials) = arguments.next() {
        builder = builder.credentials(credentials.parse()?);
    }
    if let Some(fault) = arguments.next() {
        builder = builder.fault(fault.parse()?);
    }
    let bedrock = builder.start().await?;
    println!("{}", bedrock.url());
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
