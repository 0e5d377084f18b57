//! Prints what the AWS SDK for Rust concludes from each fault; `crates/testkit/interop/faults.py` makes a table of it.
//!
//! ```text
//! cargo run --release -p bedrock-stream-benches --features aws-sdk --example sdk_conclusions URL SECONDS <FAULTS
//! ```
//!
//! Reads the faults from standard input, one per line, as model ids of the fake Bedrock at URL. Prints one JSON object
//! per line: first `{"version": ..}`, then `{"fault", "error", "stop", "seconds"}`, where `error` is the error's name
//! or null and `stop` the stop reason or null. It waits SECONDS for more data; an answer that is still waiting after
//! that has the error `hangs`.

#[path = "../tests/sdk/conclusion.rs"]
mod conclusion;
#[path = "../tests/sdk/mod.rs"]
mod sdk;

use std::error::Error;
use std::io::{read_to_string, stdin};
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::conclusion::conclude;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(seconds)) = (arguments.next(), arguments.next()) else {
        return Err("usage: sdk_conclusions URL SECONDS <FAULTS".into());
    };
    let limit = Duration::from_secs(seconds.parse()?);
    println!("{}", json!({"version": aws_sdk_bedrockruntime::meta::PKG_VERSION}));
    let mut all = JoinSet::new();
    for fault in read_to_string(stdin())?.lines().map(str::to_owned) {
        let url = url.clone();
        all.spawn(async move {
            let concluded = conclude(&url, &fault, limit).await;
            (fault, concluded)
        });
    }
    while let Some(concluded) = all.join_next().await {
        let (fault, concluded) = concluded?;
        let took = concluded.took.as_secs_f64();
        println!(
            "{}",
            json!({"fault": fault, "error": concluded.error, "stop": concluded.stop, "seconds": took})
        );
    }
    Ok(())
}
