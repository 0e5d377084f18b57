//! An answer that our encoders wrote, sent back as the next turn, is what the model said: three turns of an agent that thinks.

use std::borrow::Cow;

use bedrock_stream_core::answer::{BlockKind, Chunk, Done, StopReason};
use bedrock_stream_core::content::{
    ContentBlock, ReasoningBlock, ReasoningText, Role, ToolInput, ToolUseBlock,
};
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_dialects::Dialect::{self, Chat, Messages, Responses};
use bedrock_stream_dialects::encode::{ChatEncoder, MessagesEncoder, ResponsesEncoder};
use bedrock_stream_dialects::request::{AnswerOptions, ToolCallRestorer};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::ask::{incoming, with};

/// The client's names of its tools; the last is a custom tool's in OpenAI's dialects.
const TOOLS: [&str; 4] = ["get_weather", "server.tool", "天气", "apply patch"];

#[derive(Clone, Debug)]
enum Said {
    Text(String),
    Reasoning(String, String),
    Redacted(Vec<u8>),
    /// Which tool, and its arguments; a custom tool's text.
    Call(usize, String),
}

fn said() -> impl Strategy<Value = Said> {
    let text = "[a-z\"\\\\\n é😀]{0,6}[a-z]";
    let json = prop::sample::select(vec![
        "{}",
        r#"{"city":"Paris","n":1.0}"#,
        r#"{"a":{"b":[1,2,{"c":null}]},"é":"\"x\\"}"#,
        // Larger numbers are spelled anew by clients, not here: see `bugs`.
        r#"{"big":1234567890123}"#,
    ]);
    prop_oneof![
        text.prop_map(Said::Text),
        (r#"([a-z"\\]{0,5})"#, "[A-Za-z0-9+/]{4,12}")
            .prop_map(|(text, signature)| Said::Reasoning(text, signature)),
        prop::collection::vec(any::<u8>(), 1..20).prop_map(Said::Redacted),
        (0..3_usize, json).prop_map(|(tool, arguments)| Said::Call(tool, arguments.into())),
        text.prop_map(|text| Said::Call(3, text)),
    ]
}

/// The tools of a request, in the dialect.
fn tools(dialect: Dialect) -> Value {
    let tools = TOOLS.iter().enumerate().map(|(index, name)| match dialect {
        Messages => json!({"name": name, "input_schema": {"type": "object"}}),
        Chat if index == 3 => json!({"type": "custom", "custom": {"name": name}}),
        Chat => json!({"type": "function", "function": {"name": name}}),
        _ if index == 3 => json!({"type": "custom", "name": name}),
        _ => json!({"type": "function", "name": name}),
    });
    tools.collect()
}

/// The input of a call at Bedrock: where the dialect has custom tools, they are functions with one string.
fn input(tool: usize, arguments: &str) -> String {
    if tool == 3 { json!({"input": arguments}).to_string() } else { arguments.into() }
}

/// The chunks that the model gives, and the blocks that it must get back.
fn answer(said: &[Said], turn: usize, options: &AnswerOptions) -> (Vec<Chunk>, Vec<ContentBlock>) {
    let mut chunks = vec![Chunk::start(Role::Assistant)];
    let mut blocks = Vec::new();
    let mut calls = 0;
    for (block, said) in (0..).zip(said) {
        match said {
            Said::Text(text) => {
                chunks.push(Chunk::block_start(block, BlockKind::Text));
                chunks.extend([Chunk::text(block, text), Chunk::block_end(block)]);
                blocks.push(ContentBlock::Text(text.clone()));
            }
            Said::Reasoning(text, signature) => {
                chunks.push(Chunk::block_start(block, BlockKind::Reasoning));
                if !text.is_empty() {
                    chunks.push(Chunk::reasoning(block, text));
                }
                let (first, second) = signature.split_at(2);
                chunks.push(Chunk::reasoning_signature(block, first));
                chunks.extend([Chunk::reasoning_signature(block, second), Chunk::block_end(block)]);
                let text = ReasoningText::new(text, Some(signature.clone()));
                blocks.push(ReasoningBlock::Text(text).into());
            }
            Said::Redacted(data) => {
                chunks.push(Chunk::block_start(block, BlockKind::ReasoningRedacted));
                let (first, second) = data.split_at(data.len() / 2);
                for piece in [first, second].into_iter().filter(|piece| !piece.is_empty()) {
                    chunks.push(Chunk::reasoning_redacted(block, piece.to_vec()));
                }
                chunks.push(Chunk::block_end(block));
                blocks.push(ReasoningBlock::Redacted(Blob(data.clone())).into());
            }
            Said::Call(tool, arguments) => {
                let name = options.tools.bedrock_name(None, TOOLS[*tool]).unwrap();
                let id = format!("tooluse_{turn}_{calls}");
                calls += 1;
                let input = ToolInput::Json(Json::from_text(&input(*tool, arguments)).unwrap());
                chunks.push(Chunk::tool_call_start(block, &*id, name, None));
                chunks.push(Chunk::tool_call_delta(block, &*id, input.as_str()));
                chunks.push(Chunk::tool_call_end(block, &*id, name, input.clone()));
                blocks.push(ToolUseBlock::new(id, name, input).into());
            }
        }
    }
    let reason = if calls > 0 { StopReason::ToolUse } else { StopReason::EndTurn };
    chunks.extend([Chunk::stop(reason.clone()), Chunk::done(Done::new(reason))]);
    let mut restorer = ToolCallRestorer::new(options.tools.clone());
    let restored = chunks.iter().filter_map(|chunk| restorer.restore(chunk)).map(Cow::into_owned);
    (restored.collect(), blocks)
}

/// What a client adds to its conversation after an answer: the answer, and a result of each call or a next question.
fn history(dialect: Dialect, chunks: &[Chunk], turn: usize) -> Vec<Value> {
    let whole: Value = match dialect {
        Chat => ChatEncoder::new("chatcmpl-1", "m", 1).whole(chunks),
        Responses => ResponsesEncoder::new("resp_1", "m", 1).whole(chunks),
        _ => MessagesEncoder::new("msg_1", "m").whole(chunks),
    }
    .map(|text| serde_json::from_str(&text).unwrap())
    .unwrap();
    let ids = chunks.iter().filter_map(|chunk| match chunk {
        Chunk::ToolCallStart { id, kind, .. } => Some((id.to_string(), kind.is_some())),
        _ => None,
    });
    let ids: Vec<_> = ids.collect();
    let next = json!({"role": "user", "content": format!("go on {turn}")});
    match dialect {
        Chat => {
            let results =
                ids.iter().map(|(id, _)| json!({"role": "tool", "tool_call_id": id, "content": "r"}));
            let message = whole["choices"][0]["message"].clone();
            [message].into_iter().chain(results).chain([next]).collect()
        }
        Responses => {
            let results = ids.iter().map(|(id, is_custom)| {
                let kind = if *is_custom { "custom_tool_call_output" } else { "function_call_output" };
                json!({"type": kind, "call_id": id, "output": "r"})
            });
            whole["output"].as_array().unwrap().iter().cloned().chain(results).chain([next]).collect()
        }
        _ => {
            let results =
                ids.iter().map(|(id, _)| json!({"type": "tool_result", "tool_use_id": id, "content": "r"}));
            let results: Vec<_> = results.collect();
            let answer = json!({"role": "assistant", "content": whole["content"]});
            let results = (!results.is_empty()).then(|| json!({"role": "user", "content": results}));
            [Some(answer), results, Some(next)].into_iter().flatten().collect()
        }
    }
}

/// Chat Completions has one text and says the order of kinds by itself: reasoning, text, calls.
fn in_chat(blocks: Vec<ContentBlock>) -> Vec<ContentBlock> {
    let (mut reasoning, mut text, mut calls) = (Vec::new(), String::new(), Vec::new());
    for block in blocks {
        match block {
            ContentBlock::Text(more) => text += &more,
            ContentBlock::ToolUse(_) => calls.push(block),
            block => reasoning.push(block),
        }
    }
    reasoning.extend((!text.is_empty()).then_some(ContentBlock::Text(text)));
    reasoning.append(&mut calls);
    reasoning
}

proptest! {
    #[test]
    fn an_answer_sent_back_is_what_the_model_said(
        turns in prop::collection::vec(prop::collection::vec(said(), 1..6), 1..4),
    ) {
        for dialect in [Chat, Responses, Messages] {
            let name = if dialect == Responses { "input" } else { "messages" };
            let mut conversation = vec![json!({"role": "user", "content": "begin"})];
            let mut expected = Vec::new();
            for (turn, said) in turns.iter().enumerate() {
                let body = with(dialect, json!({"tools": tools(dialect), name: conversation}));
                let options = incoming(dialect, &body).answer;
                let (chunks, blocks) = answer(said, turn, &options);
                conversation.extend(history(dialect, &chunks, turn));
                expected.push(if dialect == Chat { in_chat(blocks) } else { blocks });
            }
            let body = with(dialect, json!({"tools": tools(dialect), name: conversation}));
            let read = incoming(dialect, &body);
            prop_assert!(read.left_out.is_empty(), "{:?}", read.left_out);
            let answers = read.request.messages.unwrap().into_iter().filter(|message| message.role == Role::Assistant);
            let answers: Vec<_> = answers.map(|message| message.content).collect();
            prop_assert_eq!(answers, expected);
        }
    }
}
