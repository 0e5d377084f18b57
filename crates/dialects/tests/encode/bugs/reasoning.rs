//! Signatures and redacted reasoning.

use bedrock_stream_core::answer::{Chunk, StopReason};
use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::EncryptedReasoning;
use bedrock_stream_dialects::request::{self, Options};
use serde_json::{Value, json};

use super::done;
use crate::wire::{encode, whole};

/// Reasoning of every kind: a signature alone, redacted in pieces, and text with a signature in pieces.
fn reasoning_of_every_kind() -> Vec<Chunk> {
    vec![
        Chunk::reasoning_signature(0, "only"),
        Chunk::block_end(0),
        // Each piece alone is base64 with padding, which does not join.
        Chunk::reasoning_redacted(1, Blob(vec![1])),
        Chunk::reasoning_redacted(1, Blob(vec![2, 3])),
        Chunk::block_end(1),
        Chunk::reasoning(2, "hm"),
        // Clients of Messages keep only the last piece.
        Chunk::reasoning_signature(2, "AA"),
        Chunk::reasoning_signature(2, "BB"),
        Chunk::block_end(2),
        done(StopReason::EndTurn),
    ]
}

/// litellm#38809, harness-sdk#2704: reasoning that is only a signature, or redacted, was lost.
#[test]
fn bug_17_litellm_38809_signatures_alone_and_redacted_reasoning_survive() {
    let chunks = reasoning_of_every_kind();
    let messages = whole(Dialect::Messages, &chunks).unwrap();
    let expected = json!([
        {"type": "thinking", "thinking": "", "signature": "only"},
        {"type": "redacted_thinking", "data": "AQID"},
        {"type": "thinking", "thinking": "hm", "signature": "AABB"},
    ]);
    assert_eq!(messages["content"], expected);
    let stream = encode(Dialect::Messages, &chunks);
    assert_eq!(stream.matches("signature_delta").count(), 2, "{stream}");
    assert!(stream.contains(r#""signature":"AABB""#) && stream.contains(r#""data":"AQID""#));

    let chat = whole(Dialect::Chat, &chunks).unwrap();
    let expected = json!([
        {"index": 0, "type": "reasoning.text", "text": "", "signature": "only"},
        {"index": 1, "type": "reasoning.encrypted", "data": "AQID"},
        {"index": 2, "type": "reasoning.text", "text": "hm", "signature": "AABB"},
    ]);
    assert_eq!(chat["choices"][0]["message"]["reasoning_details"], expected);

    let responses = whole(Dialect::Responses, &chunks).unwrap();
    let encrypted: Vec<_> = responses["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            EncryptedReasoning::from_encrypted_content(item["encrypted_content"].as_str().unwrap()).unwrap()
        })
        .collect();
    let expected = [
        EncryptedReasoning::text("", "only"),
        EncryptedReasoning::Redacted(Blob(vec![1, 2, 3])),
        EncryptedReasoning::text("hm", "AABB"),
    ];
    assert_eq!(encrypted, expected);
}

/// hermes-agent#36260, langchain-aws#844, bifrost#6942: signatures were lost on their way back.
#[test]
fn bug_18_hermes_36260_an_answers_reasoning_comes_back_as_it_was() {
    let chunks = reasoning_of_every_kind();
    let chat = whole(Dialect::Chat, &chunks).unwrap()["choices"][0]["message"].clone();
    let messages = whole(Dialect::Messages, &chunks).unwrap();
    let responses = whole(Dialect::Responses, &chunks).unwrap();
    let ask = json!({"role": "user", "content": "a"});
    let bodies = [
        (Dialect::Chat, json!({"model": "m", "messages": [ask, chat]})),
        (
            Dialect::Messages,
            json!({"model": "m", "max_tokens": 9, "messages": [ask, {"role": "assistant", "content": messages["content"]}]}),
        ),
        (Dialect::Responses, {
            let mut input = vec![ask];
            // A client may drop the summary, which is only shown.
            input.extend(responses["output"].as_array().unwrap().iter().cloned().map(|mut item| {
                item["summary"] = json!([]);
                item
            }));
            json!({"model": "m", "input": input})
        }),
    ];
    for (dialect, body) in bodies {
        let body = body.to_string();
        let read = match dialect {
            Dialect::Chat => request::chat(body.as_bytes(), &Options::new()),
            Dialect::Messages => request::messages(body.as_bytes(), &Options::new()),
            _ => request::responses(body.as_bytes(), &Options::new()),
        };
        let sent: Value = serde_json::from_str(&read.unwrap().request.to_json().unwrap()).unwrap();
        let expected = json!([
            {"reasoningContent": {"reasoningText": {"text": "", "signature": "only"}}},
            {"reasoningContent": {"redactedContent": "AQID"}},
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "AABB"}}},
        ]);
        assert_eq!(sent["messages"][1]["content"], expected, "{dialect}");
    }
}
