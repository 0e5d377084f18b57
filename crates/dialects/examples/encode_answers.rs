//! Prints answers, encoded in every dialect, as JSON lines: what `interop/encoded.py` reads with the official SDKs.

use std::io::{self, Write as _};

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done, Error, Exception, StopReason, Usage};
use bedrock_stream_core::content::{
    Citation, CitationLocation, CitationSourceContent, Role, ToolInput, WebLocation,
};
use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode, Failure, MessagesEncoder, ResponsesEncoder};
use serde_json::{Value, json};

/// An answer, and the error that ended it.
struct Answer {
    name: &'static str,
    chunks: Vec<Chunk>,
    failure: Option<Failure>,
    is_complete: bool,
}

impl Answer {
    fn new(name: &'static str, chunks: impl IntoIterator<Item = Chunk>, stop_reason: StopReason) -> Self {
        let mut all = vec![Chunk::start(Role::Assistant)];
        all.extend(chunks);
        all.push(Chunk::stop(stop_reason.clone()));
        let mut done = Done::new(stop_reason);
        done.usage = Some(Usage::new(10, 7).cache_read_input_tokens(100).cache_write_input_tokens(20));
        all.push(Chunk::done(done));
        Self { name, chunks: all, failure: None, is_complete: true }
    }

    /// The same answer, broken before its last `lost` chunks.
    fn broken(mut self, name: &'static str, lost: usize, failure: Option<Failure>) -> Self {
        self.chunks.truncate(self.chunks.len() - lost);
        Self { name, failure, is_complete: false, ..self }
    }
}

fn text(block: u32, pieces: &[&str]) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = pieces.iter().map(|piece| Chunk::text(block, *piece)).collect();
    chunks.push(Chunk::block_end(block));
    chunks
}

fn call(block: u32, id: &str, name: &str, pieces: &[&str]) -> Vec<Chunk> {
    let mut chunks = vec![Chunk::tool_call_start(block, id, name, None)];
    chunks.extend(pieces.iter().map(|piece| Chunk::tool_call_delta(block, id, *piece)));
    chunks.push(Chunk::tool_call_end(block, id, name, ToolInput::from_arguments(pieces.concat(), true)));
    chunks
}

fn answers() -> Vec<Answer> {
    let hello = || Answer::new("text", text(0, &["Hel", "lo"]), StopReason::EndTurn);
    let weather = || {
        let mut chunks = text(0, &["I look."]);
        chunks.extend(call(1, "tooluse_1", "get_weather", &["{\"city\": ", "\"Paris\"}"]));
        chunks
    };
    let (first, second) = (call(3, "t1", "a", &["{\"x\"", ":1}"]), call(4, "t2", "b", &["{\"y\"", ":2.0}"]));
    let interleaved = first.into_iter().zip(second).flat_map(|(first, second)| [first, second]);
    let mut thinking = vec![
        Chunk::reasoning(0, "Let me "),
        Chunk::reasoning(0, "think."),
        Chunk::reasoning_signature(0, "c2ln"),
        Chunk::block_end(0),
        Chunk::reasoning_redacted(1, Blob(vec![1])),
        Chunk::reasoning_redacted(1, Blob(vec![2, 3])),
        Chunk::block_end(1),
    ];
    thinking.extend(text(2, &["Done."]));
    thinking.extend(call(3, "t1", "search", &[]));
    let source = Citation::new()
        .title("A")
        .source_content(vec![CitationSourceContent::Text("It rains.".into())])
        .location(CitationLocation::Web(WebLocation::new("https://example.com/a")));
    let cited = [Chunk::text(0, "It rains."), Chunk::citation(0, source), Chunk::block_end(0)];
    let cut = [
        Chunk::tool_call_start(0, "t1", "a", None),
        Chunk::tool_call_delta(0, "t1", "{\"x"),
        Chunk::tool_call_end(0, "t1", "a", ToolInput::truncated("{\"x")),
    ];
    let exception = Exception::new("throttlingException", r#"{"message":"Too many tokens"}"#);
    let exception = Failure::from(&Error::Exception(exception.into())).request_id("req-1");
    let reset = Failure::new(ErrorKind::Transport, "connection reset").request_id("req-2");
    let mut skipped = hello();
    if let Some(Chunk::Done(done)) = skipped.chunks.last_mut() {
        done.skipped_events = 1;
    }
    vec![
        hello(),
        Answer::new(
            "unicode",
            text(0, &["é😀\u{2028}\u{85}", "\"\\\n\r\u{0}", "data: [DONE]\n\n"]),
            StopReason::EndTurn,
        ),
        Answer::new("tool", weather(), StopReason::ToolUse),
        Answer::new("tool-end-turn", weather(), StopReason::EndTurn),
        Answer::new("tools-interleaved", interleaved, StopReason::ToolUse),
        Answer::new("thinking", thinking, StopReason::ToolUse),
        Answer::new("cited", cited, StopReason::EndTurn),
        Answer::new("empty", [], StopReason::EndTurn),
        Answer::new("max-tokens", text(0, &["Hel"]), StopReason::MaxTokens),
        Answer::new("tool-cut-by-limit", cut.clone(), StopReason::MaxTokens),
        Answer::new("guardrail", text(0, &["Blocked."]), StopReason::GuardrailIntervened),
        hello().broken("incomplete", 2, None),
        hello().broken("stopped-only", 1, None),
        hello().broken("exception", 2, Some(exception.clone())),
        hello().broken("exception-after-stop", 1, Some(exception.clone())),
        hello().broken("exception-first", 5, Some(exception)),
        hello().broken("torn", 3, Some(reset)),
        skipped.broken("skipped", 0, None),
        Answer::new("malformed", text(0, &["a"]), StopReason::MalformedModelOutput).broken(
            "malformed",
            0,
            None,
        ),
        Answer::new("malformed-input", cut, StopReason::ToolUse).broken("malformed-input", 0, None),
    ]
}

fn encoded(
    answer: &Answer,
    dialect: &str,
    mut encoder: Box<dyn Encode>,
    whole: Result<String, Failure>,
) -> Value {
    let mut stream = Vec::new();
    for chunk in &answer.chunks {
        encoder.encode(chunk, &mut stream);
        encoder.keep_alive(&mut stream);
    }
    if let Some(failure) = &answer.failure {
        encoder.fail(failure, &mut stream);
    }
    encoder.finish(&mut stream);
    let joined =
        |piece: fn(&Chunk) -> Option<&str>| answer.chunks.iter().filter_map(piece).collect::<String>();
    let reasoning = joined(|chunk| if let Chunk::Reasoning { text, .. } = chunk { Some(text) } else { None });
    let calls = answer.chunks.iter().filter_map(|chunk| match chunk {
        Chunk::ToolCallEnd { id, name, input, .. } => {
            Some(json!({"id": &**id, "name": &**name, "arguments": input.as_str()}))
        }
        _ => None,
    });
    let failure = whole.as_ref().err();
    json!({
        "name": answer.name,
        "dialect": dialect,
        "stream": String::from_utf8_lossy(&stream),
        "whole": whole.as_ref().ok(),
        "status": failure.map(Failure::http_status),
        "error_body": failure.map(|failure| encoder.error_body(failure)),
        "is_complete": answer.is_complete,
        "text": joined(Chunk::as_text),
        "reasoning": reasoning,
        "calls": calls.collect::<Value>(),
    })
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for answer in answers() {
        let chat = || ChatEncoder::new("chatcmpl-1", "claude", 1_700_000_000).include_usage(true);
        let responses = || ResponsesEncoder::new("resp_1", "claude", 1_700_000_000);
        let messages = || MessagesEncoder::new("msg_1", "claude").pings(true);
        for line in [
            encoded(&answer, "chat", Box::new(chat()), chat().whole(&answer.chunks)),
            encoded(&answer, "responses", Box::new(responses()), responses().whole(&answer.chunks)),
            encoded(&answer, "messages", Box::new(messages()), messages().whole(&answer.chunks)),
        ] {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}
