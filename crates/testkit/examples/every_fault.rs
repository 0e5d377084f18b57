//! A fake Bedrock in which each fault has a model of its name: prints its URL, then for each dialect and fault a line: the dialect,
//! the model id, the fault, and what a correct client must conclude, with tabs between them; then an empty line. Runs until
//! standard input ends.
//!
//! ```text
//! cargo run -p bedrock-stream-testkit --example every_fault
//! ```

#[path = "answers/weather.rs"]
mod weather;

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{Read, stdin};

use bedrock_stream_testkit::{Conclusion, FakeBedrock, Fault, Operation, Reply};

use crate::weather::weather;

const INVOKE: Operation = Operation::InvokeModelWithResponseStream;
/// The name, the operation, and what precedes a fault's name in the ids of its models, which tells the vendor of an invoked one.
const DIALECTS: [(&str, Operation, &str); 13] = [
    ("converse", Operation::ConverseStream, ""),
    ("invoke", INVOKE, "anthropic."),
    ("messages", Operation::Messages, ""),
    ("chat", Operation::ChatCompletions, ""),
    ("responses", Operation::Responses, ""),
    ("nova", INVOKE, "amazon.nova-"),
    ("titan", INVOKE, "amazon.titan-"),
    ("llama", INVOKE, "meta.llama-"),
    ("mistral", INVOKE, "mistral."),
    ("cohere", INVOKE, "cohere."),
    ("jamba", INVOKE, "ai21.jamba-"),
    ("gpt-oss", INVOKE, "openai."),
    ("deepseek-r1", INVOKE, "deepseek.r1-"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let faults = || Fault::ALL.iter().chain(Fault::SSE).copied();
    let mut builder = FakeBedrock::builder();
    for fault in faults() {
        for prefix in DIALECTS.iter().map(|(_, _, prefix)| prefix).collect::<BTreeSet<_>>() {
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
