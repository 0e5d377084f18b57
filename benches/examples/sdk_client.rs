//! The AWS SDK for Rust, signed, asked for everything that the other real clients are: `crates/testkit/interop/real_clients.py`
//! runs it against the fake and makes a table of what it prints, one JSON object a line.
//!
//! ```text
//! cargo run --release -p bedrock-stream-benches --features aws-sdk --example sdk_client
//! ```

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::error::Error;
use std::fmt::Debug;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ContentBlockDelta, ContentBlockStart, ConversationRole, ConverseOutput,
    ConverseStreamOutput, JsonSchemaDefinition, Message, OutputConfig, OutputFormat, OutputFormatStructure,
    OutputFormatType, ReasoningContentBlock, ReasoningContentBlockDelta, ReasoningTextBlock, TokenUsage,
    Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock, ToolResultStatus,
    ToolSpecification, ToolUseBlock,
};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::{Document, Number};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let cases: Value = serde_json::from_str(&env::var("FAKE_BEDROCK")?)?;
    let asking = Asking { cases, url: env::var("FAKE_BEDROCK_URL")? };
    for is_streamed in [false, true] {
        asking.ask_everything(is_streamed).await;
    }
    asking.told(
        "waits",
        asking.ask(&asking.client(None, 2), "busy-once-0", true, Request::default()).await,
        |answer| {
            // The SDK does not read Retry-After.
            (json!(text(&answer.content)), asking.cases["text"].clone())
        },
    );
    Ok(())
}

/// The SDK's client, and what it asks for.
struct Asking {
    /// What the other clients' scripts share.
    cases: Value,
    url: String,
}

/// What a request has beside the question.
#[derive(Clone, Default)]
struct Request {
    /// What follows the question.
    more: Vec<Message>,
    tools: Option<ToolConfiguration>,
    output: Option<OutputConfig>,
}

struct Answer {
    content: Vec<ContentBlock>,
    stop: String,
    usage: Option<TokenUsage>,
}

/// The name of a refusal or an exception, or the SDK's own error.
#[derive(Debug)]
struct Failure(String);

impl Asking {
    async fn ask_everything(&self, is_streamed: bool) {
        let client = self.client(None, 1);
        let ask = |case: &'static str, request: Request| self.ask(&client, case, is_streamed, request);
        let said = &self.cases["text"];
        let tools = Request { tools: Some(self.tools()), ..Request::default() };

        let answer = ask("text", Request::default()).await;
        self.told("usage", answer.as_ref().map_err(clone), |answer| {
            let usage = answer.usage.as_ref().expect("the usage came");
            let counted = usage.input_tokens > 0 && usage.output_tokens > 0;
            (json!([counted, usage.total_tokens]), json!([true, usage.input_tokens + usage.output_tokens]))
        });
        self.told("text", answer, |answer| {
            (json!([text(&answer.content), answer.stop]), json!([said, "end_turn"]))
        });

        let answer = ask("tools", tools.clone()).await;
        self.told("tools", answer.as_ref().map_err(clone), |answer| {
            (
                json!([text(&answer.content), calls(&answer.content), answer.stop]),
                json!([said, self.expected_calls(), "tool_use"]),
            )
        });
        if let Ok(answer) = answer {
            let more = vec![message(ConversationRole::Assistant, answer.content), self.results()];
            let answer = ask("echo", Request { more, ..tools }).await;
            self.told("tool result", answer, |answer| {
                let text = text(&answer.content);
                let results = self.cases["results"].as_array().expect("it is a list").iter();
                let found: Vec<_> =
                    results.map(|result| text.contains(result.as_str().expect("it is a text"))).collect();
                (json!([found, answer.stop]), json!([[true, true], "end_turn"]))
            });
        }

        let answer = ask("reasoning", Request::default()).await;
        self.told("reasoning", answer.as_ref().map_err(clone), |answer| {
            (
                json!([reasoning(&answer.content), text(&answer.content)]),
                json!([[[self.cases["reasoning"], self.cases["signature"]]], said]),
            )
        });
        if let Ok(answer) = answer {
            // The block goes back as it came.
            let more = vec![message(ConversationRole::Assistant, answer.content), self.question()];
            let answer = ask("text", Request { more, ..Request::default() }).await;
            self.told("reasoning", answer, |answer| (json!(text(&answer.content)), said.clone()));
        }

        let output = Some(self.output());
        self.told("structured", ask("echo", Request { output, ..Request::default() }).await, |answer| {
            let found: Value = serde_json::from_str(&text(&answer.content)).unwrap_or_default();
            (json!([found["city"].is_string(), found["days"].is_i64()]), json!([true, true]))
        });
        self.failed("throttled", ask("busy", Request::default()).await, "ThrottlingException");
        self.failed("fails", ask("fails", Request::default()).await, "ThrottlingException");
        let wrong = self.client(Some("wrong"), 1);
        let refused = self.ask(&wrong, "text", is_streamed, Request::default()).await;
        self.failed("refused", refused, "InvalidSignatureException");
    }

    fn client(&self, secret: Option<&str>, attempts: u32) -> Client {
        let of = |name: &str| self.cases[name].as_str().expect("it is a text").to_owned();
        let secret = secret.map_or_else(|| of("secretKey"), str::to_owned);
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(of("region")))
            .endpoint_url(&self.url)
            .credentials_provider(Credentials::new(of("accessKey"), secret, None, None, "test"))
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Client::from_conf(config)
    }

    async fn ask(
        &self,
        client: &Client,
        case: &str,
        is_streamed: bool,
        Request { more, tools, output }: Request,
    ) -> Result<Answer, Failure> {
        let family = self.cases["families"]["claude"].as_str().expect("it is a text");
        let model = family.replace("{}", case);
        let messages = Some([vec![self.question()], more].concat());
        if is_streamed {
            let request = client.converse_stream().model_id(model).set_messages(messages);
            let output =
                request.set_tool_config(tools).set_output_config(output).send().await.map_err(failure)?;
            return streamed(output.stream).await;
        }
        let request = client.converse().model_id(model).set_messages(messages);
        let output =
            request.set_tool_config(tools).set_output_config(output).send().await.map_err(failure)?;
        let Some(ConverseOutput::Message(message)) = output.output else {
            return Err(Failure("no message".to_owned()));
        };
        Ok(Answer {
            content: message.content,
            stop: output.stop_reason.as_str().to_owned(),
            usage: output.usage,
        })
    }

    fn question(&self) -> Message {
        let text = self.cases["question"].as_str().expect("it is a text");
        message(ConversationRole::User, vec![ContentBlock::Text(text.to_owned())])
    }

    fn tools(&self) -> ToolConfiguration {
        let schema = ToolInputSchema::Json(document(&self.cases["toolSchema"]));
        let spec = ToolSpecification::builder().name("look").input_schema(schema).build();
        let tool = Tool::ToolSpec(spec.expect("nothing is missing"));
        ToolConfiguration::builder().tools(tool).build().expect("nothing is missing")
    }

    fn output(&self) -> OutputConfig {
        let schema = JsonSchemaDefinition::builder().schema(self.cases["schema"].to_string()).name("weather");
        let structure = OutputFormatStructure::JsonSchema(schema.build().expect("nothing is missing"));
        let format = OutputFormat::builder().r#type(OutputFormatType::JsonSchema).structure(structure);
        OutputConfig::builder().text_format(format.build().expect("nothing is missing")).build()
    }

    fn results(&self) -> Message {
        let results = self.cases["results"].as_array().expect("it is a list").iter().enumerate();
        let blocks = results.map(|(at, result)| {
            let text = ToolResultContentBlock::Text(result.as_str().expect("it is a text").to_owned());
            let result = ToolResultBlock::builder().tool_use_id(format!("tooluse_{at}")).content(text);
            let result = result.status(ToolResultStatus::Success).build();
            ContentBlock::ToolResult(result.expect("nothing is missing"))
        });
        message(ConversationRole::User, blocks.collect())
    }

    fn expected_calls(&self) -> Vec<Value> {
        let cities = self.cases["cities"].as_array().expect("it is a list").iter().enumerate();
        cities.map(|(at, city)| json!([format!("tooluse_{at}"), "look", city])).collect()
    }

    /// Prints whether what came is what was expected; `compare` gives both.
    fn told<A>(&self, what: &str, answer: Result<A, Failure>, compare: impl FnOnce(A) -> (Value, Value)) {
        let (found, expected) = match answer {
            Ok(answer) => compare(answer),
            Err(Failure(name)) => (json!(name), json!("an answer")),
        };
        tell(what, &found, &expected);
    }

    /// Prints whether the request failed in the right way.
    fn failed(&self, what: &str, answer: Result<Answer, Failure>, name: &str) {
        let found = answer.map_or_else(|Failure(name)| json!(name), |answer| json!(text(&answer.content)));
        tell(what, &found, &json!(name));
    }
}

fn tell(what: &str, found: &Value, expected: &Value) {
    let client = format!("AWS SDK for Rust {}", aws_sdk_bedrockruntime::meta::PKG_VERSION);
    let ok = found == expected;
    println!("{}", json!({"client": client, "what": what, "ok": ok, "found": found, "expected": expected}));
}

fn clone(Failure(name): &Failure) -> Failure {
    Failure(name.clone())
}

fn failure<E: ProvideErrorMetadata + Debug, R: Debug>(error: SdkError<E, R>) -> Failure {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).map(str::to_owned);
    Failure(code.unwrap_or_else(|| format!("{error:?}")))
}

type Events = aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver<
    ConverseStreamOutput,
    ConverseStreamOutputError,
>;

/// A block of which not all deltas have come.
enum Open {
    Text(String),
    Reasoning { text: String, signature: Option<String> },
    Tool { id: String, name: String, input: String },
}

/// The whole answer, put together from the events.
async fn streamed(mut events: Events) -> Result<Answer, Failure> {
    let mut blocks = BTreeMap::new();
    let (mut stop, mut usage) = (String::new(), None);
    loop {
        let event = match events.recv().await {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) => {
                let error = error.into_service_error();
                let is_throttled = matches!(error, ConverseStreamOutputError::ThrottlingException(_));
                return Err(Failure(if is_throttled {
                    "ThrottlingException".to_owned()
                } else {
                    format!("{error:?}")
                }));
            }
        };
        match event {
            ConverseStreamOutput::ContentBlockStart(start) => {
                if let Some(ContentBlockStart::ToolUse(tool)) = start.start {
                    let open = Open::Tool { id: tool.tool_use_id, name: tool.name, input: String::new() };
                    blocks.insert(start.content_block_index, open);
                }
            }
            ConverseStreamOutput::ContentBlockDelta(event) => {
                if let Some(delta) = event.delta {
                    add(&mut blocks, event.content_block_index, delta);
                }
            }
            ConverseStreamOutput::MessageStop(event) => event.stop_reason.as_str().clone_into(&mut stop),
            ConverseStreamOutput::Metadata(event) => usage = event.usage,
            _ => {}
        }
    }
    Ok(Answer { content: blocks.into_values().map(closed).collect(), stop, usage })
}

fn add(blocks: &mut BTreeMap<i32, Open>, index: i32, delta: ContentBlockDelta) {
    match delta {
        ContentBlockDelta::Text(piece) => {
            if let Open::Text(text) = blocks.entry(index).or_insert_with(|| Open::Text(String::new())) {
                text.push_str(&piece);
            }
        }
        ContentBlockDelta::ToolUse(delta) => {
            if let Some(Open::Tool { input, .. }) = blocks.get_mut(&index) {
                input.push_str(&delta.input);
            }
        }
        ContentBlockDelta::ReasoningContent(delta) => {
            let open = blocks
                .entry(index)
                .or_insert_with(|| Open::Reasoning { text: String::new(), signature: None });
            match (open, delta) {
                (Open::Reasoning { text, .. }, ReasoningContentBlockDelta::Text(piece)) => {
                    text.push_str(&piece);
                }
                (Open::Reasoning { signature, .. }, ReasoningContentBlockDelta::Signature(of)) => {
                    *signature = Some(of);
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn closed(open: Open) -> ContentBlock {
    match open {
        Open::Text(text) => ContentBlock::Text(text),
        Open::Reasoning { text, signature } => {
            let block = ReasoningTextBlock::builder().text(text).set_signature(signature).build();
            ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(
                block.expect("it has a text"),
            ))
        }
        Open::Tool { id, name, input } => {
            let input = document(&serde_json::from_str(&input).unwrap_or_default());
            let block = ToolUseBlock::builder().tool_use_id(id).name(name).input(input).build();
            ContentBlock::ToolUse(block.expect("nothing is missing"))
        }
    }
}

fn message(role: ConversationRole, content: Vec<ContentBlock>) -> Message {
    Message::builder().role(role).set_content(Some(content)).build().expect("nothing is missing")
}

fn text(content: &[ContentBlock]) -> String {
    content.iter().filter_map(|block| block.as_text().ok().map(String::as_str)).collect()
}

/// The id, the name and the city of each call.
fn calls(content: &[ContentBlock]) -> Vec<Value> {
    let calls = content.iter().filter_map(|block| block.as_tool_use().ok());
    calls
        .map(|call| {
            let city = call.input.as_object().and_then(|input| input.get("city")?.as_string());
            json!([call.tool_use_id, call.name, city])
        })
        .collect()
}

fn reasoning(content: &[ContentBlock]) -> Vec<Value> {
    let blocks =
        content.iter().filter_map(|block| block.as_reasoning_content().ok()?.as_reasoning_text().ok());
    blocks.map(|block| json!([block.text, block.signature])).collect()
}

fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(flag) => Document::Bool(*flag),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Document::Number(Number::PosInt(number)),
            (None, Some(number)) => Document::Number(Number::NegInt(number)),
            _ => Document::Number(Number::Float(number.as_f64().unwrap_or_default())),
        },
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), document(value)));
            Document::Object(members.collect::<HashMap<_, _>>())
        }
    }
}
