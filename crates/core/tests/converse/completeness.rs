//! What proves that an answer is complete, and where one stopped that is not: C4, C5, C6 and C11.

use bedrock_stream_core::converse::{
    Chunk, ChunkDecoder, Chunker, Error, Event, Exception, Json, ResponseBuilder, StopReason,
};

use super::steps::{check, line, steps};
use super::wire::{DONE, STOP, USAGE, decode, stream};

#[test]
fn c4_metadata_before_message_stop_proves_as_well() {
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
fn c4_without_usage_the_end_of_the_stream_proves() {
    check(STOP, r#"{"type":"done","stop_reason":"end_turn","skipped_events":0}"#);
    check(
        &format!(r#"{STOP}metadata {{"metrics":{{"latencyMs":5}},"usage":null}}"#),
        r#"{"type":"done","stop_reason":"end_turn","metrics":{"latencyMs":5},"skipped_events":0}"#,
    );
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
        let [Ok(Chunk::Done(done))] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!(done.usage.as_ref().unwrap().output_tokens, Some(2));
        assert_eq!(done.metrics.as_ref().unwrap().latency_ms, Some(7));
        assert!(done.service_tier.is_some() && done.trace.is_some());
        assert_eq!(done.other.value("x"), Some(&Json::from_text("2").unwrap()));
        assert_eq!(done.other.value("y"), Some(&Json::from_text("3").unwrap()));
        assert_eq!(done.other.len(), 2);
    }
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
fn c5_the_end_of_the_stream_tells_where_it_came() {
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
    check("contentBlockDelta broken", "spoiled payload: contentBlockDelta\nincomplete BeforeMessageStop []");
}

#[test]
fn c4_c11_the_chunker_alone_gives_none_after_done_and_the_same_final_error_for_ever() {
    let mut chunker = Chunker::new();
    chunker.apply(decode("messageStop", "{\"stopReason\":\"end_turn\"}").unwrap()).unwrap();
    assert!(!chunker.is_done() && chunker.failure().is_none());
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
fn c6_chunks_that_were_queued_come_before_the_final_error_of_the_chunker() {
    let mut chunker = Chunker::new();
    chunker.apply(decode("messageStart", "{}").unwrap()).unwrap();
    let exception = Event::Exception(Exception::new("xException", "{}"));
    let error = chunker.apply(exception).unwrap_err();
    assert_eq!(line(&Ok(chunker.finish().unwrap().unwrap())), r#"{"type":"start","role":"assistant"}"#);
    assert_eq!(chunker.finish(), Err(error));
}

#[test]
fn c8_what_a_broken_stream_told_of_its_end_is_known_and_proves_nothing() {
    let script = format!("{STOP}throttlingException {{\"message\":\"slow down\"}}\n");
    let mut decoder = ChunkDecoder::new();
    decoder.push(&stream(&script));
    assert!(matches!(decoder.next_chunk(), Err(Error::Exception(_))));
    assert_eq!(decoder.ending().stop_reason, StopReason::EndTurn);

    let mut decoder = ChunkDecoder::new();
    decoder.push(&stream(USAGE));
    decoder.push(&stream("metadata {\"x\":1,\"type\":2}"));
    assert!(matches!(decoder.finish(), Err(Error::Incomplete(_))));
    let ending = decoder.ending();
    assert_eq!(ending.usage.clone().unwrap().output_tokens, Some(2));
    assert_eq!(ending.other.len(), 1, "what would be taken for a member of a chunk is no member of it");

    let mut builder = ResponseBuilder::new();
    builder.set_ending(ending);
    let response = builder.response();
    assert_eq!((builder.is_complete(), response.usage.unwrap().input_tokens), (false, Some(1)));
    assert_eq!(response.stop_reason, None);
}
