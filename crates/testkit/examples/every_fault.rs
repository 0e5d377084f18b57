//! A fake Bedrock in which each fault has a model of its name: prints its URL, then for each dialect and fault a line: the dialect,
//! the model id, the fault, and what a correct client must conclude, with tabs between them; then an empty line. Runs until
//! standard input ends.
//!
//! ```text
//! cargo run -p bedrock-stream-testkit --example every_fault
//! ```

#[path = "answers/weather.rs"]
mod weather;

use std::error::Error;
use std::io::{Read, stdin};

use bedrock_stream_testkit::{Conclusion, FakeBedrock, Fault, Operation, Reply};

use crate::weather::weather;

/// What precedes a fault's name in the ids of models whose payloads are Anthropic's.
const ANTHROPIC: &str = "anthropic.";
const DIALECTS: [(&str, Operation, &str); 5] = [
    ("converse", Operation::ConverseStream, ""),
    ("invoke", Operation::InvokeModelWithResponseStream, ANTHROPIC),
    ("messages", Operation::Messages, ""),
    ("chat", Operation::ChatCompletions, ""),
    ("responses", Operation::Responses, ""),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let faults = || Fault::ALL.iter().chain(Fault::SSE).copied();
    let mut builder = FakeBedrock::builder();
    for fault in faults() {
        for prefix in ["", ANTHROPIC] {
            builder = builder.reply(format!("{prefix}{fault}"), Reply::from(weather()).fault(fault));
        }
    }
    let bedrock = builder.start().await?;
    println!("{}", bedrock.url());
    for (dialect, operation, prefix) in DIALECTS {
        for fault in faults() {
            let model = format!("{prefix}{fault}");
            let must: Vec<String> =
                fault.conclusions_in(operation, &model).iter().map(Conclusion::to_string).collect();
            if !must.is_empty() {
                println!("{dialect}\t{model}\t{fault}\t{}", must.join(" or "));
            }
        }
    }
    println!();
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
