//! What is not whole ends in the dialect's own error event, and nothing follows it.

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done, Error, Exception, OrderViolation, SkippedEvent, StopReason};
use bedrock_stream_core::content::{Role, ToolInput};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::{Blob, Json};
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{
    ChatEncoder, ChatEncoder as Chat, Encode, Failure, MessagesEncoder, ResponsesEncoder,
};
use serde_json::Value;

use super::wire::{DIALECTS, decode, encoder, looks_complete, whole};

fn done(stop_reason: StopReason) -> Chunk {
    Chunk::done(Done::new(stop_reason))
}

fn text_and(more: impl IntoIterator<Item = Chunk>) -> Vec<Chunk> {
    let mut chunks = vec![Chunk::start(Role::Assistant), Chunk::text(0, "Hello"), Chunk::block_end(0)];
    chunks.extend(more);
    chunks
}

/// The data of the last event.
fn last(bytes: &str) -> Value {
    serde_json::from_str(bytes.trim_end().rsplit_once("data: ").unwrap().1).unwrap()
}

#[test]
fn every_answer_that_is_not_whole_is_told_as_an_error() {
    let call = |input: ToolInput| {
        [Chunk::tool_call_start(1, "c1", "t", None), Chunk::tool_call_end(1, "c1", "t", input)]
    };
    let mut skipped = Done::new(StopReason::EndTurn);
    skipped.skipped_events = 2;
    let cases: Vec<(&str, Vec<Chunk>)> = vec![
        ("incomplete", text_and([])),
        ("incomplete", text_and([Chunk::stop(StopReason::EndTurn)])),
        ("payload", text_and([Chunk::stop(StopReason::EndTurn), Chunk::done(skipped)])),
        ("payload", text_and(call(ToolInput::malformed("{")).into_iter().chain([done(StopReason::ToolUse)]))),
        ("payload", text_and(call(ToolInput::truncated("{")).into_iter().chain([done(StopReason::EndTurn)]))),
        ("exception", text_and([done(StopReason::MalformedModelOutput)])),
        ("exception", text_and([done(StopReason::MalformedToolUse)])),
        ("incomplete", text_and([Chunk::tool_call_start(1, "c1", "t", None), done(StopReason::ToolUse)])),
    ];
    for (kind, chunks) in cases {
        for dialect in DIALECTS {
            let mut encoder = encoder(dialect);
            let mut out = Vec::new();
            chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
            encoder.finish(&mut out);
            let bytes = String::from_utf8(out.clone()).unwrap();
            assert!(!looks_complete(&bytes), "{bytes}");
            assert_eq!(last(&bytes)["error"]["kind"], kind, "{dialect}: {bytes}");
            assert!(decode(dialect, &bytes).1.is_some());
            assert!(whole(dialect, &chunks).is_err());
            // Nothing follows.
            assert!(encoder.is_ended());
            encoder.encode(&Chunk::text(3, "more"), &mut out);
            encoder.encode(&done(StopReason::EndTurn), &mut out);
            encoder.fail(&Failure::new(ErrorKind::Transport, "later"), &mut out);
            encoder.keep_alive(&mut out);
            encoder.finish(&mut out);
            assert_eq!(out, bytes.as_bytes());
        }
    }
}

#[test]
fn an_exception_between_stop_and_done_is_told() {
    let exception = Exception::new("throttlingException", r#"{"message":"Too many"}"#);
    let failure = Failure::from(&Error::Exception(exception.into())).request_id("r-1");
    for (dialect, kind) in DIALECTS.into_iter().zip(["rate_limit_error"; 3]) {
        let mut encoder = encoder(dialect);
        let mut out = Vec::new();
        let chunks = text_and([Chunk::stop(StopReason::EndTurn)]);
        chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        encoder.fail(&failure, &mut out);
        let bytes = String::from_utf8(out).unwrap();
        assert!(!looks_complete(&bytes), "{bytes}");
        let last = last(&bytes);
        assert_eq!(last["error"]["type"], kind);
        let message = last["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("throttlingException: Too many") && message.ends_with("(request id r-1)"),
            "{message}"
        );
    }
}

#[test]
fn an_error_that_is_not_final_is_told_at_the_end() {
    let skipped = SkippedEvent::unexpected("messageStart", Json::default(), OrderViolation::Repeated);
    let failure = Failure::from(&Error::Skipped(skipped));
    assert!(!failure.is_final());
    for dialect in DIALECTS {
        let mut encoder = encoder(dialect);
        let mut out = Vec::new();
        encoder.encode(&Chunk::start(Role::Assistant), &mut out);
        encoder.fail(&failure, &mut out);
        assert!(!encoder.is_ended());
        encoder.encode(&Chunk::text(0, "goes on"), &mut out);
        encoder.encode(&Chunk::block_end(0), &mut out);
        encoder.encode(&done(StopReason::EndTurn), &mut out);
        let bytes = String::from_utf8(out).unwrap();
        assert!(bytes.contains("goes on") && !looks_complete(&bytes));
        assert_eq!(last(&bytes)["error"]["kind"], "unexpected", "{bytes}");
    }
}

#[test]
fn an_error_before_the_first_chunk_is_an_event_too() {
    for dialect in DIALECTS {
        let mut encoder = encoder(dialect);
        let mut out = Vec::new();
        encoder.fail(&Failure::new(ErrorKind::Timeout, "no bytes for 300 s"), &mut out);
        let bytes = String::from_utf8(out).unwrap();
        assert!(matches!(decode(dialect, &bytes).1, Some(Error::Exception(_))), "{bytes}");
        // The readers of Responses want it first.
        assert_eq!(bytes.starts_with("event: response.created\n"), dialect == Dialect::Responses);
    }
}

#[test]
fn the_request_id_is_the_errors_own_or_the_encoders() {
    let bare = Failure::new(ErrorKind::Transport, "reset");
    let mut out = Vec::new();
    ChatEncoder::new("c", "m", 0).request_id("gateway-1").fail(&bare, &mut out);
    MessagesEncoder::new("m", "m").request_id("gateway-1").fail(&bare, &mut out);
    ResponsesEncoder::new("r", "m", 0).request_id("gateway-1").fail(&bare, &mut out);
    let bytes = String::from_utf8(out).unwrap();
    assert_eq!(bytes.matches("\"request_id\":\"gateway-1\"").count(), 3, "{bytes}");
    let body = ChatEncoder::new("c", "m", 0).request_id("gateway-1").error_body(&bare.request_id("aws-1"));
    assert!(body.contains("(request id aws-1)") && !body.contains("gateway-1"), "{body}");
}

#[test]
fn what_is_held_back_is_bounded() {
    let limits = Limits::default().with_max_state_len(10_000);
    let encoders: [Box<dyn Encode>; 3] = [
        Box::new(Chat::new("c", "m", 0).limits(limits)),
        Box::new(ResponsesEncoder::new("r", "m", 0).limits(limits)),
        Box::new(MessagesEncoder::new("m", "m").limits(limits)),
    ];
    for mut encoder in encoders {
        let mut out = Vec::new();
        encoder.encode(&Chunk::start(Role::Assistant), &mut out);
        encoder.encode(&Chunk::text(0, "open"), &mut out);
        for _ in 0..100 {
            encoder.encode(&Chunk::reasoning_redacted(1, Blob(vec![7; 200])), &mut out);
        }
        assert!(encoder.is_ended());
        let bytes = String::from_utf8(out).unwrap();
        assert_eq!(last(&bytes)["error"]["kind"], "too_long", "{bytes}");
    }
}

/// In Messages a custom tool's text is a string in JSON. That of a call that was cut off stays open, or it would look whole.
#[test]
fn a_custom_call_that_was_cut_off_is_not_whole_in_messages() {
    for input in [ToolInput::truncated("*** Beg"), ToolInput::malformed("*** Beg")] {
        let chunks = [
            Chunk::tool_call_start(0, "c", "patch", Some("custom_tool_call".into())),
            Chunk::tool_call_delta(0, "c", "*** Beg"),
            Chunk::tool_call_end(0, "c", "patch", input),
            done(StopReason::MaxTokens),
        ];
        let (decoded, failure) = decode(Dialect::Messages, &super::wire::encode(Dialect::Messages, &chunks));
        assert_eq!(failure, None);
        let is_usable = decoded
            .iter()
            .any(|chunk| matches!(chunk, Chunk::ToolCallEnd { input, .. } if input.is_usable()));
        assert!(!is_usable, "{decoded:?}");
        assert!(whole(Dialect::Messages, &chunks).is_err());
    }
}
