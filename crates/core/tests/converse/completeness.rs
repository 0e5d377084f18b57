//! The proof that an answer is complete, and where an incomplete one stopped (C4, C5, C6, C11).

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Error, Exception, ResponseBuilder, StopReason, Tail};
use bedrock_stream_core::converse::{ChunkDecoder, Chunker, Event};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::Json;

use super::steps::{check, line, steps};
use super::wire::{DONE, STOP, USAGE, decode, stream};

#[test]
fn c4_metadata_may_come_before_message_stop() {
    check(&format!("{USAGE}{STOP}"), DONE);
    check(
        &format!(
            r#"{USAGE}contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}
            {STOP}"#
        ),
        &format!(
            r#"{{"type":"text","block":0,"text":"a"}}
            {{"type":"block_end","block":0}}
            {DONE}"#
        ),
    );
}

#[test]
fn c4_metadata_alone_proves_nothing() {
    check(USAGE, "incomplete BeforeMessageStop []");
    check(
        &format!(r#"contentBlockDelta {{"contentBlockIndex":0,"delta":{{"text":"a"}}}}{}{USAGE}"#, '\n'),
        r#"{"type":"text","block":0,"text":"a"}
        incomplete InsideBlocks [0]"#,
    );
}

#[test]
fn c4_without_usage_done_comes_at_the_end_of_the_stream() {
    check(STOP, r#"{"type":"done","stop_reason":"end_turn","skipped_events":0}"#);
    check(
        &format!(r#"{STOP}metadata {{"metrics":{{"latencyMs":5}},"usage":null}}"#),
        r#"{"type":"done","stop_reason":"end_turn","metrics":{"latencyMs":5},"skipped_events":0}"#,
    );
}

#[test]
fn c4_a_usage_without_counts_is_ignored() {
    let empty = "metadata {\"usage\":{}}\n";
    check(&format!("{STOP}{empty}{USAGE}"), DONE);
    check(&format!("{empty}{STOP}{USAGE}"), DONE);
    check(&format!("{USAGE}{empty}{STOP}"), DONE);
    check(
        &format!("{STOP}{empty}"),
        r#"{"type":"done","stop_reason":"end_turn","usage":{},"skipped_events":0}"#,
    );
}

#[test]
fn c3_stop_is_the_proof_and_comes_immediately() {
    let mut decoder = ChunkDecoder::new();
    let mut give = |script: &str| {
        decoder.push(&stream(script));
        let mut lines = Vec::new();
        while let Some(chunk) = decoder.next_chunk().unwrap() {
            lines.push(serde_json::to_string(&chunk).unwrap());
        }
        (lines, decoder.is_stopped(), decoder.is_done())
    };
    let text = r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}"#;
    assert!(!give(text).1);
    let (lines, is_stopped, is_done) = give(STOP);
    assert_eq!(lines, [r#"{"type":"block_end","block":0}"#, r#"{"type":"stop","stop_reason":"end_turn"}"#]);
    assert!(is_stopped && !is_done);
    let (lines, is_stopped, is_done) = give(USAGE);
    assert_eq!(lines, [DONE]);
    assert!(!is_stopped && is_done);
}

#[test]
fn c5_a_failure_after_the_stop_loses_only_the_usage() {
    let text = r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}"#;
    let whole = stream(&format!("{text}\n{STOP}"));
    let metadata = stream(USAGE);
    let mut damaged = metadata.clone();
    damaged[30] ^= 1;
    let mut no_prelude = metadata.clone();
    no_prelude[9] ^= 1;
    for (rest, kind) in [
        (&damaged[..], "message_checksum"),
        (&no_prelude[..], "prelude_checksum"),
        (&metadata[..metadata.len() - 1], "truncated"),
        (&metadata[..1], "truncated"),
        (b"<html>no more</html>", "prelude_checksum"),
    ] {
        let steps = steps(&[&whole, rest].concat());
        let [.., Ok(Chunk::Stop { .. }), Ok(Chunk::Done(done))] = &steps[..] else { panic!("{steps:?}") };
        let tail = done.tail.as_ref().unwrap();
        assert_eq!(tail.kind.as_str(), kind);
        assert!(!tail.message.is_empty() && done.usage.is_none());
        let json = serde_json::to_value(done).unwrap();
        assert_eq!(json["tail"]["kind"], kind);
    }
    // A transport reports how the rest broke; before the stop, that means the answer is incomplete.
    let mut decoder = ChunkDecoder::new();
    let tail = || Tail::new(ErrorKind::Timeout, "no data received for 10 s");
    decoder.push(&stream(text));
    while decoder.next_chunk().unwrap().is_some() {}
    assert_eq!(decoder.finish_broken(tail()), None);
    decoder.push(&stream(STOP));
    while decoder.next_chunk().unwrap().is_some() {}
    let Some(Chunk::Done(done)) = decoder.finish_broken(tail()) else { panic!() };
    assert_eq!(done.tail, Some(tail()));
    assert_eq!(decoder.finish_broken(tail()), None);
    assert_eq!(decoder.finish(), Ok(None));
}

#[test]
fn c5_an_exception_after_the_stop_is_final_and_not_retryable() {
    for (script, name) in [
        ("throttlingException {\"message\":\"m\"}", "exception throttlingException: m"),
        ("error InternalError m", "error InternalError: m"),
    ] {
        check(&format!("{STOP}{script}"), name);
        for (script, retryable) in [(script.to_owned(), true), (format!("{STOP}{script}"), false)] {
            let steps = steps(&stream(&script));
            let Some(Err(error)) = steps.last() else { panic!("{steps:?}") };
            assert!(error.is_final() && error.kind() == ErrorKind::Exception);
            assert_eq!(error.is_retryable(), retryable, "{script}");
        }
    }
}

#[test]
fn c4_several_metadata_merge_member_by_member() {
    for order in [
        ["{\"metrics\":{\"latencyMs\":7},\"x\":1}", "{\"serviceTier\":{\"type\":\"flex\"},\"x\":2,\"y\":3}"],
        ["{\"serviceTier\":{\"type\":\"flex\"},\"y\":3,\"x\":0}", "{\"metrics\":{\"latencyMs\":7},\"x\":2}"],
    ] {
        let [first, second] = order;
        let script =
            format!("metadata {first}\nmetadata {second}\n{USAGE}metadata {{\"trace\":{{}}}}\n{STOP}");
        let steps = steps(&stream(&script));
        let [.., Ok(Chunk::Done(done))] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!(done.usage.as_ref().unwrap().output_tokens, Some(2));
        assert_eq!(done.metrics.as_ref().unwrap().latency_ms, Some(7));
        assert!(done.service_tier.is_some() && done.trace.is_some());
        assert_eq!(done.other.value("x"), Some(&Json::from_text("2").unwrap()));
        assert_eq!(done.other.value("y"), Some(&Json::from_text("3").unwrap()));
        assert_eq!(done.other.len(), 2);
    }
}

#[test]
fn c2_a_repeated_unknown_member_is_kept_twice() {
    let twice = r#"metadata {"x":1,"y":0,"x":2}"#;
    check(
        &format!("{STOP}{twice}"),
        r#"{"type":"done","stop_reason":"end_turn","x":1,"y":0,"x":2,"skipped_events":0}"#,
    );
    check(
        &format!("metadata {{\"x\":0}}\n{twice}\n{STOP}"),
        r#"{"type":"done","stop_reason":"end_turn","x":1,"y":0,"x":2,"skipped_events":0}"#,
    );
    check(
        &format!("{twice}\nmetadata {{\"x\":3}}\n{STOP}"),
        r#"{"type":"done","stop_reason":"end_turn","x":3,"y":0,"skipped_events":0}"#,
    );
}

#[test]
fn c4_metrics_after_usage_do_not_erase_it() {
    check(
        &format!("{USAGE}metadata {{\"metrics\":{{\"latencyMs\":9}}}}\n{STOP}"),
        r#"{"type":"done","stop_reason":"end_turn","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":9},"skipped_events":0}"#,
    );
}

#[test]
fn c4_after_done_events_exceptions_and_errors_change_nothing() {
    for more in [
        r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"late"}}"#,
        r#"throttlingException {"message":"late"}"#,
        "error InternalError late",
        "messageStart {}",
        "messageStop {\"stopReason\":\"max_tokens\"}",
        "metadata {\"metrics\":{\"latencyMs\":1}}",
        "contentBlockDelta not JSON",
    ] {
        check(&format!("{STOP}{USAGE}{more}\n"), DONE);
    }
}

#[test]
fn c5_incomplete_says_where_the_stream_ended() {
    check("", "incomplete BeforeStart []");
    check(
        "messageStart {}",
        r#"{"type":"start","role":"assistant"}
        incomplete BeforeMessageStop []"#,
    );
    check(
        r#"contentBlockDelta {"contentBlockIndex":7,"delta":{"text":"a"}}
        contentBlockStart {"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockDelta {"contentBlockIndex":4,"delta":{"text":"b"}}
        contentBlockStop {"contentBlockIndex":4}"#,
        r#"{"type":"text","block":7,"text":"a"}
        {"type":"tool_call_start","block":2,"id":"a","name":"f"}
        {"type":"text","block":4,"text":"b"}
        {"type":"block_end","block":4}
        incomplete InsideBlocks [2, 7]"#,
    );
    check(
        r#"contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"a"}}
        contentBlockStop {"contentBlockIndex":0}"#,
        r#"{"type":"text","block":0,"text":"a"}
        {"type":"block_end","block":0}
        incomplete BeforeMessageStop []"#,
    );
    check("contentBlockDelta broken", "skipped payload: contentBlockDelta\nincomplete BeforeMessageStop []");
}

#[test]
fn c4_c11_the_chunker_returns_none_after_done_and_repeats_a_final_error() {
    let mut chunker = Chunker::new();
    chunker.apply(decode("messageStop", "{\"stopReason\":\"end_turn\"}").unwrap()).unwrap();
    assert!(!chunker.is_done() && chunker.failure().is_none());
    while chunker.next_chunk().is_some() {}
    let Ok(Some(Chunk::Done(done))) = chunker.finish() else { panic!() };
    assert_eq!(done.stop_reason, StopReason::EndTurn);
    for _ in 0..3 {
        assert_eq!(chunker.finish(), Ok(None));
        assert_eq!(chunker.next_chunk(), None);
        assert_eq!(chunker.apply(decode("messageStart", "{}").unwrap()), Ok(()));
    }
    assert!(chunker.is_done());

    let mut chunker = Chunker::new();
    let error = chunker.finish().unwrap_err();
    assert!(matches!(error, Error::Incomplete(_)) && error.is_final());
    for _ in 0..3 {
        assert_eq!(chunker.finish().as_ref(), Err(&error));
        assert_eq!(chunker.apply(decode("messageStop", "{}").unwrap()).as_ref(), Err(&error));
        assert_eq!((chunker.next_chunk(), chunker.failure()), (None, Some(&error)));
    }
}

#[test]
fn c6_queued_chunks_come_before_the_final_error() {
    let mut chunker = Chunker::new();
    chunker.apply(decode("messageStart", "{}").unwrap()).unwrap();
    let exception = Event::Exception(Exception::new("xException", "{}"));
    let error = chunker.apply(exception).unwrap_err();
    assert_eq!(line(&Ok(chunker.finish().unwrap().unwrap())), r#"{"type":"start","role":"assistant"}"#);
    assert_eq!(chunker.finish(), Err(error));
}

#[test]
fn c8_ending_of_a_broken_stream_is_available_and_proves_nothing() {
    let script = format!("{STOP}throttlingException {{\"message\":\"slow down\"}}\n");
    let mut decoder = ChunkDecoder::new();
    decoder.push(&stream(&script));
    while decoder.next_chunk().is_ok() {}
    assert!(matches!(decoder.next_chunk(), Err(Error::Exception(_))));
    assert_eq!(decoder.ending().stop_reason, StopReason::EndTurn);

    let mut decoder = ChunkDecoder::new();
    decoder.push(&stream(USAGE));
    decoder.push(&stream("metadata {\"x\":1,\"type\":2}"));
    assert!(matches!(decoder.finish(), Err(Error::Incomplete(_))));
    let ending = decoder.ending();
    assert_eq!(ending.usage.clone().unwrap().output_tokens, Some(2));
    assert_eq!(ending.other.len(), 1, "an unknown member with the name of a known one is left out");

    let mut builder = ResponseBuilder::new();
    builder.set_ending(ending);
    let response = builder.response();
    assert_eq!((builder.is_complete(), response.usage.unwrap().input_tokens), (false, Some(1)));
    assert_eq!(response.stop_reason, None);
}

#[test]
fn damage_is_retryable_anywhere_but_a_body_that_is_no_stream_is_not() {
    let whole = stream("contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":\"a\"}}");
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        let steps = steps(&damaged);
        let Some(Err(error)) = steps.last() else { panic!("{steps:?}") };
        assert!(error.is_retryable(), "{at} {error}");
    }
    for other in ["<html>502</html>", "{\"message\":\"no\"}"] {
        let steps = steps(other.as_bytes());
        let Some(Err(error)) = steps.last() else { panic!("{steps:?}") };
        assert!(!error.is_retryable(), "{error}");
    }
    // The same answer would be too long again.
    let mut decoder = ChunkDecoder::with_limits(Limits::max_message_len(64));
    decoder.push(&whole);
    let error = decoder.finish().unwrap_err();
    assert!(error.kind() == ErrorKind::TooLong && !error.is_retryable(), "{error}");
}
