//! Errors, and the silence before them.

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Error, Exception, StopReason};
use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{ContentBlockDelta, Event, MessageStart};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{Encode as _, Failure, MessagesEncoder};
use serde_json::{Value, json};

use super::{converted, done};
use crate::wire::{DIALECTS, decode, encode, encoder, looks_complete};

/// Portkey#1142, subrouter#68: the exception's frame was swallowed, and `[DONE]` followed.
#[test]
fn bug_04_portkey_1142_an_exception_is_an_error_event() {
    let events: [Event; 3] = [
        MessageStart::new(Role::Assistant).into(),
        ContentBlockDelta::new(0, "Hello".to_owned()).into(),
        Exception::new("serviceUnavailableException", r#"{"message":"Busy"}"#).into(),
    ];
    for dialect in DIALECTS {
        let bytes = converted(dialect, &events);
        assert!(!looks_complete(&bytes), "{bytes}");
        let last = bytes.trim_end().rsplit_once("data: ").unwrap().1;
        let last: Value = serde_json::from_str(last).unwrap();
        assert_eq!(last["error"]["type"], "overloaded_error");
        assert!(last["error"]["message"].as_str().unwrap().contains("serviceUnavailableException: Busy"));
    }
}

/// any-llm#847, kiro-gateway#268: after an error the stream just ended, or went on to `[DONE]`. See also the gateway's tests.
#[test]
fn bug_05_any_llm_847_an_error_is_the_last_event() {
    for dialect in DIALECTS {
        let (mut encoder, mut out) = (encoder(dialect), Vec::new());
        encoder.encode(&Chunk::text(0, "Hello"), &mut out);
        let begun = out.len();
        encoder.fail(&Failure::new(ErrorKind::Transport, "the connection was reset"), &mut out);
        assert!(String::from_utf8_lossy(&out[begun..]).contains("transport: the connection was reset"));
        let told = out.clone();
        for chunk in [
            Chunk::text(0, "more"),
            Chunk::block_end(0),
            Chunk::stop(StopReason::EndTurn),
            done(StopReason::EndTurn),
        ] {
            encoder.encode(&chunk, &mut out);
        }
        encoder.finish(&mut out);
        assert_eq!(out, told, "{dialect}");
    }
}

/// mlflow#25863: every exception was one 502.
#[test]
fn bug_06_mlflow_25863_each_exception_has_a_status_and_a_type_of_its_own() {
    for (name, status, openai, anthropic) in [
        ("throttlingException", 429, "rate_limit_error", "rate_limit_error"),
        ("serviceUnavailableException", 503, "overloaded_error", "overloaded_error"),
        ("internalServerException", 500, "server_error", "api_error"),
        ("modelStreamErrorException", 502, "server_error", "api_error"),
        ("modelTimeoutException", 408, "server_error", "timeout_error"),
        ("validationException", 400, "invalid_request_error", "invalid_request_error"),
    ] {
        let failure = Failure::from(&Error::Exception(Exception::new(name, "{}").into()));
        assert_eq!(failure.http_status(), status, "{name}");
        for dialect in DIALECTS {
            let kind = if dialect == Dialect::Messages { anthropic } else { openai };
            let body: Value = serde_json::from_str(&encoder(dialect).error_body(&failure)).unwrap();
            assert_eq!(body["error"]["type"], kind, "{name}");
            let mut out = Vec::new();
            encoder(dialect).fail(&failure, &mut out);
            assert!(
                String::from_utf8(out).unwrap().contains(&format!("\"type\":\"{kind}\"")),
                "{name} {dialect}"
            );
        }
    }
}

/// openai-python#2487, stdapi.ai#294, langchain#39041: an error in a shape that no SDK raises.
#[test]
fn bug_16_openai_python_2487_a_failed_response_has_both_events_and_both_shapes() {
    let bytes = encode(Dialect::Responses, &[Chunk::text(0, "a")]);
    let (before, last) = bytes.trim_end().rsplit_once("event: error\ndata: ").unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(
        (&last["type"], &last["code"], &last["error"]["type"]),
        (&json!("error"), &json!("server_error"), &json!("server_error"))
    );
    assert_eq!(last["message"], last["error"]["message"]);
    let failed: Value =
        serde_json::from_str(before.trim_end().rsplit_once("event: response.failed\ndata: ").unwrap().1)
            .unwrap();
    assert_eq!(failed["response"]["status"], "failed");
    assert_eq!(failed["response"]["error"]["code"], "server_error");
    assert_eq!(failed["response"]["output"][0]["status"], "incomplete");
    assert_eq!(failed["response"]["output"][0]["content"][0]["text"], "a");
}

/// bifrost#5010, OpenRouterTeam/ai-sdk-provider#440: silence without a keep-alive. When it is written: see the gateway's tests.
#[test]
fn bug_32_bifrost_5010_a_keep_alive_is_read_by_nobody() {
    let chunks = [Chunk::text(0, "a"), Chunk::block_end(0), done(StopReason::EndTurn)];
    for dialect in DIALECTS {
        let (mut encoder, mut out) = (encoder(dialect), Vec::new());
        for chunk in &chunks {
            encoder.keep_alive(&mut out);
            encoder.encode(chunk, &mut out);
        }
        let bytes = String::from_utf8(out).unwrap();
        assert_eq!(bytes.matches(": keep-alive\n\n").count(), 3);
        assert_eq!(decode(dialect, &bytes), decode(dialect, &encode(dialect, &chunks)));
    }
    let mut out = Vec::new();
    MessagesEncoder::new("m", "m").pings(true).keep_alive(&mut out);
    assert_eq!(out, b"event: ping\ndata: {\"type\":\"ping\"}\n\n");
}
