//! Scripted events and recorded bodies, asked for in a dialect other than theirs.

use bedrock_stream_core::answer::{Response, StopReason};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bedrock_stream_testkit::{Answer, FakeBedrock, Reply, answer, event};
use serde_json::{Value, json};

use crate::dialects::{EVENTS, ask, decode, events_request, invoked, with};
use crate::support::{QUESTION, call, request};

fn scripted() -> Answer {
    answer()
        .reasoning("They want a city.")
        .text("Let me look.")
        .tool_with_id("tooluse_a", "look", json!({"city": "Paris"}))
        .usage(40, 25)
}

fn assert_same(response: &Response, of: &str) {
    assert_eq!(response.text(), "Let me look.", "{of}");
    assert_eq!(response.stop_reason.as_ref().map(StopReason::as_str), Some("tool_use"), "{of}");
    let calls: Vec<_> = response.tool_calls().map(|call| (&*call.name, call.input.as_str())).collect();
    assert_eq!(calls, [("look", r#"{"city":"Paris"}"#)], "{of}");
    let usage = response.usage.as_ref().expect("the usage came");
    assert_eq!((usage.input_tokens, usage.output_tokens), (Some(40), Some(25)), "{of}");
}

/// The same answer as a body of each dialect that can be recorded, with tool calls.
async fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let bedrock = FakeBedrock::builder().reply("*", scripted()).start().await.expect("a port is free");
    let mut bodies = vec![("converse", scripted().to_bytes().expect("it can be encoded"))];
    for (path, dialect) in EVENTS {
        let body = with(events_request(dialect, "m"), "stream", true);
        bodies.push((path, ask(&bedrock, path, &body).await.body.to_vec()));
    }
    for (model, dialect, body) in invoked() {
        let has_tools = body.get("messages").is_some()
            && matches!(dialect, Dialect::Messages | Dialect::Nova | Dialect::Chat);
        if has_tools {
            let path = format!("/model/{model}/invoke-with-response-stream");
            bodies.push((model, ask(&bedrock, &path, &body).await.body.to_vec()));
        }
    }
    bodies
}

#[tokio::test]
async fn a_body_of_any_dialect_is_written_in_the_one_that_is_asked_for() {
    let bodies = bodies().await;
    assert_eq!(bodies.len(), 13);
    for (of, body) in bodies {
        let bedrock = FakeBedrock::builder().reply("*", Reply::recording(body.clone()));
        let bedrock = bedrock.start().await.expect("a port is free");
        for (path, dialect) in EVENTS {
            let asked = events_request(dialect, "m");
            let said = format!("{of} at {path}");
            let streamed = ask(&bedrock, path, &with(asked.clone(), "stream", true)).await;
            assert_eq!(streamed.header("content-type"), "text/event-stream", "{said}");
            assert_same(&decode(SseDecoder::new(Some(dialect)), &streamed.body), &said);
            let whole = ask(&bedrock, path, &asked).await;
            assert_eq!(whole.status, 200, "{said} {:?}", whole.body);
            let whole: Value = serde_json::from_slice(&whole.body).expect("it is JSON");
            assert!(whole.to_string().contains("Let me look."), "{said} {whole}");
        }
        let converse = call(&bedrock, request(&bedrock, "/model/m/converse-stream", QUESTION)).await;
        assert_same(&decode(ChunkDecoder::new(), &converse.body), &format!("{of} by ConverseStream"));
        let whole = call(&bedrock, request(&bedrock, "/model/m/converse", QUESTION)).await;
        let whole: Value = serde_json::from_slice(&whole.body).expect("it is JSON");
        assert_eq!(whole["stopReason"], "tool_use", "{of} {whole}");
        for (model, dialect, asked) in invoked() {
            let path = format!("/model/{model}/invoke-with-response-stream");
            let reply = ask(&bedrock, &path, &asked).await;
            let response = decode(InvokeDecoder::new(Some(dialect)), &reply.body);
            assert_eq!(response.text(), "Let me look.", "{of} by {model}");
            let reply = ask(&bedrock, &format!("/model/{model}/invoke"), &asked).await;
            assert_eq!(reply.status, 200, "{of} by {model} {:?}", reply.body);
        }
    }
}

#[tokio::test]
async fn a_body_is_sent_unchanged_where_it_belongs() {
    for (of, body) in bodies().await {
        let bedrock = FakeBedrock::builder().reply("*", Reply::recording(body.clone()));
        let bedrock = bedrock.start().await.expect("a port is free");
        let reply = match EVENTS.into_iter().find(|(path, _)| *path == of) {
            Some((path, dialect)) => {
                ask(&bedrock, path, &with(events_request(dialect, "m"), "stream", true)).await
            }
            None if of == "converse" => {
                call(&bedrock, request(&bedrock, "/model/m/converse-stream", QUESTION)).await
            }
            None => {
                // Of an imported model nothing is known, and neither is what asks for it.
                let path = format!("/model/{of}/invoke-with-response-stream");
                let imported = ask(&bedrock, "/model/mine/invoke-with-response-stream", &json!({})).await;
                assert!(imported.body == body, "{of}");
                ask(&bedrock, &path, &json!({})).await
            }
        };
        assert!(reply.body == body, "{of}");
    }
}

#[tokio::test]
async fn what_ends_early_ends_early_in_every_dialect() {
    let exception = scripted().exception("throttlingException", "Too many tokens.");
    let cut = {
        let messages = scripted().messages().expect("it can be encoded");
        messages[..messages.len() / 2].concat()
    };
    for (reply, status, named) in [
        (exception.to_bytes().expect("it can be encoded"), 429, "Too many tokens."),
        (cut, 500, "incomplete"),
    ] {
        let bedrock = FakeBedrock::builder().reply("*", Reply::recording(reply));
        let bedrock = bedrock.start().await.expect("a port is free");
        for (path, dialect) in EVENTS {
            let asked = events_request(dialect, "m");
            let streamed = ask(&bedrock, path, &with(asked.clone(), "stream", true)).await;
            let text = String::from_utf8(streamed.body.to_vec()).expect("it is text");
            assert!(text.contains("They"), "{path} {text}");
            assert_eq!(text.contains("rate_limit"), status == 429, "{path} {text}");
            assert!(!text.contains("[DONE]") && !text.contains("response.completed"), "{path} {text}");
            let whole = ask(&bedrock, path, &asked).await;
            let error: Value = serde_json::from_slice(&whole.body).expect("it is JSON");
            assert_eq!(whole.status, status, "{path} {error}");
            let message = error["error"]["message"].as_str().expect("it has a message");
            assert!(message.contains(named), "{path} {error}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_the_words_of_the_operation() {
    let mut damaged = scripted().to_bytes().expect("it can be encoded");
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let nothing = answer().to_bytes().expect("it can be encoded");
    let of_nobody = {
        let mut bytes = Vec::new();
        let mut encoder = bedrock_stream_core::converse::EventEncoder::new();
        encoder.encode(&event::unknown("other", json!({})), &mut bytes).expect("it can be encoded");
        bytes
    };
    for (body, named) in [(damaged, Some("checksum")), (of_nobody, Some("no answer")), (nothing, None)] {
        let bedrock = FakeBedrock::builder().reply("*", Reply::recording(body));
        let bedrock = bedrock.start().await.expect("a port is free");
        for (path, dialect) in EVENTS {
            for is_streamed in [true, false] {
                let reply =
                    ask(&bedrock, path, &with(events_request(dialect, "m"), "stream", is_streamed)).await;
                let Some(named) = named else {
                    assert_eq!(reply.status, 200, "{path}");
                    continue;
                };
                assert_eq!(reply.status, 400, "{path} {named} {:?}", reply.body);
                let error: Value = serde_json::from_slice(&reply.body).expect("it is JSON");
                assert_eq!(
                    (reply.status.as_u16(), &error["error"]["type"]),
                    (400, &json!("invalid_request_error"))
                );
                let message = error["error"]["message"].as_str().expect("it has a message");
                assert!(message.contains(named), "{path} {error}");
            }
        }
    }
    // Without a vendor, nothing says whose payloads to write.
    let bedrock =
        FakeBedrock::builder().reply("*", scripted()).reply("mine", Reply::recording("data: {}\n\n"));
    let bedrock = bedrock.start().await.expect("a port is free");
    let reply = ask(&bedrock, "/model/mine/invoke-with-response-stream", &json!({"prompt": "x"})).await;
    assert!(reply.refusal().2.contains("begins with one of anthropic."), "{:?}", reply.body);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_not_left_out() {
    let mut body = Vec::new();
    let mut encoder = bedrock_stream_core::converse::EventEncoder::new();
    for (name, payload) in [
        ("messageStart", json!({"role": "assistant"})),
        // Without an id.
        ("contentBlockStart", json!({"contentBlockIndex": 0, "start": {"toolUse": {"name": "look"}}})),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        ("messageStop", json!({"stopReason": "tool_use"})),
    ] {
        encoder.encode(&event::unknown(name, payload), &mut body).expect("it can be encoded");
    }
    let bedrock = FakeBedrock::builder().reply("*", Reply::recording(body.clone()));
    let bedrock = bedrock.start().await.expect("a port is free");
    for (path, dialect) in EVENTS {
        for is_streamed in [true, false] {
            let asked = with(events_request(dialect, "m"), "stream", is_streamed);
            let reply = ask(&bedrock, path, &asked).await;
            let text = String::from_utf8_lossy(&reply.body);
            assert_eq!(reply.status, 400, "{path} {text}");
            assert!(text.contains("contentBlockStart"), "{path} {text}");
        }
    }
    let own = call(&bedrock, request(&bedrock, "/model/m/converse-stream", QUESTION)).await;
    assert_eq!(&own.body[..], body);
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_is_not_left_out() {
    let chunk = {
        let mut bytes = Vec::new();
        let mut encoder = bedrock_stream_core::converse::EventEncoder::new();
        // `{"cho`
        let chunk = event::unknown("chunk", json!({"bytes": "eyJjaG8="}));
        encoder.encode(&chunk, &mut bytes).expect("it can be encoded");
        bytes
    };
    for (of, mut body) in bodies().await.into_iter().filter(|(of, _)| *of != "converse") {
        let own = EVENTS.into_iter().find(|(path, _)| *path == of).map(|(_, dialect)| dialect);
        // After the first event.
        if of.starts_with('/') {
            let end = body.windows(2).position(|two| two == b"\n\n").expect("it has an event") + 2;
            body.splice(end..end, *b"data: {\"cho\n\n");
        } else {
            let length = u32::from_be_bytes(body[..4].try_into().expect("there are four bytes"));
            let end = usize::try_from(length).expect("it is short");
            body.splice(end..end, chunk.clone());
        }
        let bedrock = FakeBedrock::builder().reply("*", Reply::recording(body));
        let bedrock = bedrock.start().await.expect("a port is free");
        for (path, dialect) in EVENTS.into_iter().filter(|(_, dialect)| Some(*dialect) != own) {
            for is_streamed in [true, false] {
                let asked = with(events_request(dialect, "m"), "stream", is_streamed);
                let reply = ask(&bedrock, path, &asked).await;
                let text = String::from_utf8_lossy(&reply.body);
                assert_eq!(reply.status, 400, "{of} at {path}: {text}");
                assert!(text.contains("skipped"), "{of} at {path}: {text}");
            }
        }
        let reply = call(&bedrock, request(&bedrock, "/model/m/converse-stream", QUESTION)).await;
        assert_eq!(reply.status, 400, "{of} {:?}", reply.body);
    }
}

#[tokio::test]
async fn bytes_of_no_format_are_sent_as_they_are() {
    for body in [&b""[..], b"bytes", b"<html>", &[7; 1000]] {
        let bedrock = FakeBedrock::builder().reply("*", Reply::recording(body));
        let bedrock = bedrock.start().await.expect("a port is free");
        for (path, dialect) in EVENTS {
            let reply = ask(&bedrock, path, &with(events_request(dialect, "m"), "stream", true)).await;
            assert_eq!(
                (reply.header("content-type"), &reply.body[..]),
                ("text/event-stream", body),
                "{path}"
            );
        }
        let reply = call(&bedrock, request(&bedrock, "/model/m/converse-stream", QUESTION)).await;
        assert_eq!(&reply.body[..], body);
    }
}
