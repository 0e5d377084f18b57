//! The testkit's judge applied to both clients: every fault in every dialect, and ConverseStream over HTTP/1.1 and
//! HTTP/2.

use std::time::Duration;

use bedrock_stream_http::answer::{Chunk, Decode};
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, ChunkStream, Config, Error, ErrorDetail, Retry, Timeouts};
use bedrock_stream_testkit::{Conclusion, Judge, Operation};
use bytes::Bytes;
#[cfg(feature = "dialects")]
use serde_json::{Value, json};

use crate::subject::{Client, Kind, Subject, Wire};

#[tokio::test]
async fn reqwest_never_concludes_wrongly() {
    never_concludes_wrongly(Kind::Reqwest, Wire::Http1, Asked::CONVERSE).await;
}

#[tokio::test]
async fn reqwest_never_concludes_wrongly_over_http2() {
    never_concludes_wrongly(Kind::Reqwest, Wire::Http2, Asked::CONVERSE).await;
}

#[tokio::test]
async fn hyper_never_concludes_wrongly() {
    never_concludes_wrongly(Kind::Hyper, Wire::Http1, Asked::CONVERSE).await;
}

#[tokio::test]
async fn hyper_never_concludes_wrongly_over_http2() {
    never_concludes_wrongly(Kind::Hyper, Wire::Http2, Asked::CONVERSE).await;
}

#[cfg(feature = "dialects")]
#[tokio::test]
async fn reqwest_never_concludes_wrongly_in_any_dialect() {
    never_concludes_wrongly_in_any_dialect(Kind::Reqwest).await;
}

#[cfg(feature = "dialects")]
#[tokio::test]
async fn hyper_never_concludes_wrongly_in_any_dialect() {
    never_concludes_wrongly_in_any_dialect(Kind::Hyper).await;
}

/// All dialects at once, because most of the time is spent waiting for data that never arrives.
#[cfg(feature = "dialects")]
async fn never_concludes_wrongly_in_any_dialect(kind: Kind) {
    let mut judged = tokio::task::JoinSet::new();
    for asked in Asked::DIALECTS {
        judged.spawn(wrong_conclusions(kind, Wire::Http1, asked));
    }
    let wrong: Vec<String> = judged.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How a model is called.
#[derive(Clone, Copy)]
struct Asked {
    operation: Operation,
    model: &'static str,
    /// The request, in the format of the operation or the model's vendor.
    #[cfg(feature = "dialects")]
    body: fn(&str) -> Value,
    /// How many faults, at least, apply to it.
    faults: usize,
}

impl Asked {
    const CONVERSE: Self = Self {
        operation: Operation::ConverseStream,
        model: "judge.fake-v1:0",
        #[cfg(feature = "dialects")]
        body: |_| Value::Null,
        faults: 65,
    };
    /// Every vendor, and where a vendor's models take two kinds of request, both.
    #[cfg(feature = "dialects")]
    const DIALECTS: [Self; 17] = [
        Self::invoke("us.anthropic.claude-haiku-4-5", anthropic, 60),
        Self::invoke("anthropic.claude-v2:1", anthropic, 60),
        Self::invoke(
            "anthropic.claude-v2:1",
            |_| json!({"prompt": "\n\nHuman: Hello\n\nAssistant:", "max_tokens_to_sample": 99}),
            60,
        ),
        Self::invoke(
            "us.amazon.nova-lite-v1:0",
            |_| json!({"messages": [{"role": "user", "content": [{"text": QUESTION}]}]}),
            64,
        ),
        Self::invoke("amazon.titan-text-lite-v1", |_| json!({"inputText": QUESTION}), 50),
        Self::invoke("meta.llama3-2-1b-instruct-v1:0", prompt, 50),
        Self::invoke("mistral.mistral-7b-instruct-v0:2", prompt, 50),
        Self::invoke("mistral.mistral-large-2402-v1:0", conversation, 62),
        Self::invoke("cohere.command-r-v1:0", |_| json!({"message": QUESTION}), 50),
        Self::invoke("cohere.command-text-v14", prompt, 50),
        Self::invoke("ai21.jamba-1-5-mini-v1:0", conversation, 62),
        Self::invoke("openai.gpt-oss-20b-1:0", conversation, 62),
        Self::invoke("deepseek.v3-v1:0", conversation, 62),
        Self::invoke("us.deepseek.r1-v1:0", prompt, 50),
        Self {
            operation: Operation::ChatCompletions,
            model: "openai.gpt-oss-20b-1:0",
            body: |model| {
                let (messages, options) = (user(), json!({"include_usage": true}));
                json!({"model": model, "stream": true, "stream_options": options, "messages": messages})
            },
            faults: 62,
        },
        Self {
            operation: Operation::Responses,
            model: "openai.gpt-oss-20b-1:0",
            body: |model| json!({"model": model, "stream": true, "input": QUESTION}),
            faults: 62,
        },
        Self {
            operation: Operation::Messages,
            model: "us.anthropic.claude-haiku-4-5",
            body: |model| json!({"model": model, "stream": true, "max_tokens": 99, "messages": user()}),
            faults: 62,
        },
    ];

    #[cfg(feature = "dialects")]
    const fn invoke(model: &'static str, body: fn(&str) -> Value, faults: usize) -> Self {
        Self { operation: Operation::InvokeModelWithResponseStream, model, body, faults }
    }

    #[cfg(feature = "dialects")]
    fn body(self) -> Value {
        (self.body)(self.model)
    }
}

#[cfg(feature = "dialects")]
fn user() -> Value {
    json!([{"role": "user", "content": QUESTION}])
}

#[cfg(feature = "dialects")]
fn anthropic(_model: &str) -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99, "messages": user()})
}

#[cfg(feature = "dialects")]
fn conversation(_model: &str) -> Value {
    json!({"messages": user()})
}

#[cfg(feature = "dialects")]
fn prompt(_model: &str) -> Value {
    json!({"prompt": QUESTION})
}

async fn never_concludes_wrongly(kind: Kind, wire: Wire, asked: Asked) {
    let wrong = wrong_conclusions(kind, wire, asked).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The client's wrong conclusions.
async fn wrong_conclusions(kind: Kind, wire: Wire, asked: Asked) -> Vec<String> {
    // One byte at a time takes long when a dozen dialects are judged at once.
    let judge = Judge::of(asked.operation, asked.model).timeout(Duration::from_secs(60));
    let report = judge.run(async |url: String, model: String| {
        let timeouts = Timeouts::default().first_byte(Duration::from_secs(2)).idle(Duration::from_secs(1));
        let retry = Retry::default().base(Duration::from_millis(1));
        let config = Config::builder().endpoint_url(url).auth(Auth::None).timeouts(timeouts).retry(retry);
        ask(&Subject { kind, wire }.client(config, None), asked, &model).await
    });
    let report = report.await.unwrap();
    println!("{:?} of {}\n{report}", asked.operation, asked.model);
    assert!(report.verdicts.len() >= asked.faults, "{:?}: {} cases", asked.operation, report.verdicts.len());
    report.wrong().map(|verdict| format!("{:?} of {}: {verdict}", asked.operation, asked.model)).collect()
}

async fn ask(client: &Client, asked: Asked, model: &str) -> Conclusion {
    match asked.operation {
        Operation::ConverseStream => {
            conclude(client.converse_stream(model, &Request::new().user(QUESTION)).await).await
        }
        #[cfg(feature = "dialects")]
        Operation::ChatCompletions => conclude(client.chat_stream(asked.body().to_string()).await).await,
        #[cfg(feature = "dialects")]
        Operation::Responses => conclude(client.responses_stream(asked.body().to_string()).await).await,
        #[cfg(feature = "dialects")]
        Operation::Messages => conclude(client.messages_stream(asked.body().to_string()).await).await,
        #[cfg(feature = "dialects")]
        _ => conclude(client.invoke_stream(model, asked.body().to_string()).await).await,
        #[cfg(not(feature = "dialects"))]
        _ => unreachable!("other operations are not judged"),
    }
}

async fn conclude<B, D>(stream: Result<ChunkStream<B, D>, Error>) -> Conclusion
where
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Unpin,
    D: Decode,
{
    let mut chunks = match stream {
        Ok(chunks) => chunks,
        Err(error) => return conclusion(&error),
    };
    let (mut skipped, mut done) = (false, false);
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => done = matches!(chunk, Chunk::Done(_)),
            Err(error) if error.is_final() => return conclusion(&error),
            Err(_) => skipped = true,
        }
    }
    match (done, skipped) {
        (true, false) => Conclusion::Complete,
        (true, true) => Conclusion::Skipped,
        (false, _) => Conclusion::other("the stream ended without Done or an error"),
    }
}

fn conclusion(error: &Error) -> Conclusion {
    match error.detail() {
        ErrorDetail::Connection { .. } | ErrorDetail::Body { .. } => Conclusion::Broken,
        ErrorDetail::Refusal(refusal) => Conclusion::Refused { status: refusal.status.as_u16() },
        ErrorDetail::UnexpectedBody(_) => Conclusion::NotAnEventStream,
        ErrorDetail::Timeout { .. } => Conclusion::Stalled,
        ErrorDetail::Stream(error) => Conclusion::from(&**error),
        _ => Conclusion::other(error),
    }
}

const QUESTION: &str = "How is the weather?";
