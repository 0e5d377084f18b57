//! An agent: the model calls tools, several at once, until it can answer. Ctrl-C stops it and keeps what has arrived.
//!
//! ```sh
//! cargo run -p bedrock-stream-reqwest --example agent -- --demo
//! cargo run -p bedrock-stream-reqwest --example agent -- us.anthropic.claude-haiku-4-5-20251001-v1:0 \
//!     "What is in this folder?" '{"thinking":{"type":"enabled","budget_tokens":2000}}'
//! ```
//!
//! `--demo` uses a fake in this process and needs nothing else. Otherwise region and credentials come from the environment:
//! `AWS_REGION`, and `AWS_BEARER_TOKEN_BEDROCK` or AWS credentials. The last argument is model-specific request fields.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{Read as _, Write as _, stdout};
use std::mem::take;
use std::process::ExitCode;
use std::time::Duration;

use bedrock_stream_reqwest::answer::{Chunk, ResponseBuilder, StopReason};
use bedrock_stream_reqwest::content::{Message, ToolResultBlock, ToolUseBlock};
use bedrock_stream_reqwest::converse::{Request, ToolSpec};
use bedrock_stream_reqwest::json::Json;
use bedrock_stream_reqwest::{Auth, Client, Config};
use bedrock_stream_testkit::{FakeBedrock, answer};
use serde_json::json;
use tokio::signal::ctrl_c;
use tokio::task::spawn_blocking;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// All state worth keeping. It is not part of the running future, so dropping the future loses nothing.
struct Agent {
    client: Client,
    model: String,
    /// The conversation so far, in complete messages.
    request: Request,
    /// The message that is arriving.
    arriving: ResponseBuilder,
    /// Input and output tokens of all turns; each turn is billed for the whole conversation again.
    tokens: (u64, u64),
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let model = arguments.next().ok_or("usage: agent --demo | MODEL PROMPT [FIELDS]")?;
    let prompt = arguments.next().unwrap_or_else(|| "What is in this folder?".to_owned());
    let mut request = Request::new().system("Use the tools, several at once.").user(prompt).max_tokens(4000);
    if let Some(fields) = arguments.next() {
        request = request.additional_model_request_fields(Json::from_text(&fields)?);
    }
    for (name, description) in [("list_folder", "Names a folder's files."), ("read_file", "Reads a file.")] {
        let schema =
            json!({"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]});
        request = request.tool(ToolSpec::new(name, schema).description(description));
    }
    let fake = if model == "--demo" { Some(demo().await?) } else { None };
    let client = match &fake {
        Some(fake) => Client::new(Config::builder().endpoint_url(fake.url()).auth(Auth::None).build()?)?,
        None => Client::from_env()?,
    };
    let mut agent = Agent { client, model, request, arriving: ResponseBuilder::new(), tokens: (0, 0) };

    let ended = tokio::select! {
        ended = agent.run() => ended,
        // Dropping the future drops its stream, which cancels the request.
        _ = ctrl_c() => Err("interrupted".into()),
    };
    let (input, output) = agent.tokens;
    println!("\n[{input} tokens in, {output} out]");
    let Err(error) = ended else { return Ok(ExitCode::SUCCESS) };
    // A tool call in the interrupted message may be incomplete, so the message is shown and not sent back.
    let whole = agent.request.messages.unwrap_or_default().len();
    println!("[kept: {whole} messages, and {}]", serde_json::to_string(agent.arriving.response().content())?);
    let with_causes = bedrock_stream_reqwest::Error::with_causes;
    eprintln!("{}", error.downcast_ref().map_or_else(|| error.to_string(), with_causes));
    Ok(ExitCode::FAILURE)
}

impl Agent {
    async fn run(&mut self) -> Result<()> {
        for _ in 0..MAX_TURNS {
            self.arriving = ResponseBuilder::new();
            let mut chunks = self.client.converse_stream(&self.model, &self.request).await?;
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk?;
                show(&chunk)?;
                self.arriving.push(&chunk);
            }
            let arrived = self.arriving.response();
            let usage = arrived.usage.clone().unwrap_or_default().normalized();
            self.tokens = (self.tokens.0 + usage.input, self.tokens.1 + usage.output);
            // After any other a call may be half of one, or one that a guardrail stopped.
            match &arrived.stop_reason {
                Some(reason) if !reason.is_finished() => {
                    return Err(format!("the answer stopped with {reason}, so it is not used").into());
                }
                _ => {}
            }
            let response = take(&mut self.arriving).finish()?;

            // Calls of other kinds are run by Bedrock itself.
            let calls: Vec<_> = response.tool_calls().cloned().collect();
            // Everything is sent back as it came: Bedrock refuses reasoning without its signature. Arguments that are not JSON
            // are sent back as text, and their tool result says what is wrong.
            let message =
                response.into_message_with(|call| Some(json!({"text": call.input.as_str()}).into()))?;
            self.request = take(&mut self.request).message(message);
            if calls.is_empty() {
                return Ok(());
            }
            // Run concurrently; the results go into one message, in the order of the calls.
            let running: Vec<_> =
                calls.into_iter().map(|call| spawn_blocking(move || answer_call(&call))).collect();
            let mut results = Vec::new();
            for result in running {
                results.push(result.await?);
            }
            self.request = take(&mut self.request).message(Message::tool_results(results));
        }
        Err(format!("no answer after {MAX_TURNS} turns").into())
    }
}

fn show(chunk: &Chunk) -> Result<()> {
    match chunk {
        Chunk::Text { text, .. } | Chunk::Reasoning { text, .. } => print!("{text}"),
        Chunk::ToolCallEnd { name, input, .. } => println!("[{name} {}]", input.as_str()),
        Chunk::BlockEnd { .. } => println!(),
        // `end_turn`, or something to report: after `max_tokens` the answer is cut off.
        Chunk::Done(done) if done.stop_reason != StopReason::ToolUse => println!("[{}]", done.stop_reason),
        _ => {}
    }
    Ok(stdout().flush()?)
}

/// A failing tool reports its error to the model, which may try something else.
fn answer_call(call: &ToolUseBlock) -> ToolResultBlock {
    match run_tool(call) {
        Ok(text) => ToolResultBlock::new(&*call.tool_use_id, text),
        Err(error) => ToolResultBlock::error(&*call.tool_use_id, error.to_string()),
    }
}

fn run_tool(call: &ToolUseBlock) -> Result<String> {
    let arguments: HashMap<String, String> = call.input.parse()?;
    // A model may follow instructions in the texts it reads, so it must not be able to do any harm.
    let path = fs::canonicalize(arguments.get("path").ok_or("there is no path")?)?;
    if !path.starts_with(fs::canonicalize(".")?) {
        return Err("only what is in the working directory can be read".into());
    }
    match &*call.name {
        "list_folder" => {
            let names =
                fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
            Ok(names.collect::<Result<Vec<_>>>()?.join("\n"))
        }
        "read_file" => {
            let mut text = Vec::new();
            fs::File::open(path)?.take(20_000).read_to_end(&mut text)?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        }
        name => Err(format!("there is no tool {name}").into()),
    }
}

async fn demo() -> Result<FakeBedrock> {
    let look = answer().reasoning("The names, and what one of the files says.").signature("c2lnbmF0dXJl");
    let look =
        look.tool("list_folder", json!({"path": "."})).tool("read_file", json!({"path": "Cargo.toml"}));
    let fake = FakeBedrock::builder().delay(Duration::from_millis(30)).reply("--demo", look.usage(410, 60));
    Ok(fake.reply("--demo", answer().text("A Rust project.").usage(930, 5)).start().await?)
}

const MAX_TURNS: usize = 20;

#[cfg(test)]
mod tests {
    use bedrock_stream_reqwest::converse::{ToolUseDelta, ToolUseStart};

    use super::*;

    #[tokio::test]
    async fn an_answer_that_was_cut_off_ends_the_run() {
        let call = answer().start(ToolUseStart::new("tooluse_1", "read_file").into());
        let call = call.delta(ToolUseDelta::new(r#"{"path": "Car"#).into());
        for cut in [call, answer().text("A Rust proj")] {
            let cut = cut.stop(StopReason::MaxTokens).usage(410, 60);
            let fake = FakeBedrock::builder().reply("m", cut).start().await.unwrap();
            let config = Config::builder().endpoint_url(fake.url()).auth(Auth::None).build().unwrap();
            let client = Client::new(config).unwrap();
            let request = Request::new().user("What is in this folder?");
            let mut agent = Agent {
                client,
                model: "m".into(),
                request,
                arriving: ResponseBuilder::new(),
                tokens: (0, 0),
            };
            let error = agent.run().await.unwrap_err().to_string();
            assert!(error.contains("stopped with max_tokens"), "{error}");
            assert_eq!((fake.requests().len(), agent.tokens), (1, (410, 60)));
            // It is kept, and is no part of the conversation.
            assert!(!agent.arriving.response().content().is_empty());
            assert_eq!(agent.request.messages.unwrap().len(), 1);
        }
    }
}
