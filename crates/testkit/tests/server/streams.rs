//! Streams by hand, without a server.

use bedrock_stream_core::answer::{Chunk, StopReason};
use bedrock_stream_core::content::{Citation, ContentBlock, ReasoningBlock, ToolInput};
use bedrock_stream_core::converse::{ChunkDecoder, Delta, Metadata, ToolUseStart};
use bedrock_stream_core::frame::Message;
use bedrock_stream_testkit::{Answer, Conclusion, EventType, Fault, answer, event};
use http_body_util::BodyExt;
use serde_json::json;

fn rich() -> Answer {
    answer()
        .reasoning("Hm, let me think about that.")
        .signature("c2ln")
        .redacted([1, 2, 3])
        .text("It rains in Paris.")
        .citation(Citation::new().title("Almanac"))
        .tool("get_weather", json!({"city": "Paris", "n": 1.50}))
        .tool_with_id("t2", "empty", json!({}))
        .usage(3, 4)
}

/// What the core's decoder makes of bytes: the chunks, and the conclusion.
fn decode(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> (Vec<Chunk>, Conclusion) {
    let mut decoder = ChunkDecoder::new();
    let mut chunks = Vec::new();
    let mut skipped = false;
    let mut pieces = pieces.into_iter();
    loop {
        let piece = pieces.next();
        if let Some(piece) = &piece {
            decoder.push(piece.as_ref());
        }
        loop {
            let next = match decoder.next_chunk() {
                Ok(None) if piece.is_none() => decoder.finish(),
                next => next,
            };
            match next {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) if piece.is_some() => break,
                Ok(None) => {
                    return (chunks, if skipped { Conclusion::Skipped } else { Conclusion::Complete });
                }
                Err(error) if error.is_final() => return (chunks, Conclusion::from(&error)),
                Err(_) => skipped = true,
            }
        }
    }
}

#[test]
fn an_answer_by_hand_is_what_was_said() {
    let response = rich().response().expect("it is whole");
    let [
        ContentBlock::Reasoning(ReasoningBlock::Text(reasoning)),
        ContentBlock::Reasoning(ReasoningBlock::Redacted(redacted)),
        ContentBlock::Citations(cited),
        ContentBlock::ToolUse(call),
        ContentBlock::ToolUse(empty),
    ] = response.content()
    else {
        panic!("{:?}", response.content());
    };
    assert_eq!(reasoning.text, "Hm, let me think about that.");
    assert_eq!(reasoning.signature.as_deref(), Some("c2ln"));
    assert_eq!(redacted.0, [1, 2, 3]);
    assert_eq!(cited.citations.iter().flatten().count(), 1);
    assert_eq!(response.text(), "It rains in Paris.");
    assert_eq!((call.name.as_str(), call.input.as_str()), ("get_weather", r#"{"city":"Paris","n":1.5}"#));
    assert!(call.tool_use_id.starts_with("tooluse_") && call.tool_use_id.len() == 30);
    assert_eq!((empty.tool_use_id.as_str(), empty.input.as_str()), ("t2", "{}"));
    assert_eq!(response.stop_reason, Some(StopReason::ToolUse));
    let usage = response.usage.expect("it was said").normalized();
    assert_eq!((usage.input, usage.output, usage.total), (3, 4, 7));
}

#[test]
fn what_is_not_said_is_filled_in() {
    let response = answer().text("Two words").response().expect("it is whole");
    assert_eq!(response.stop_reason, Some(StopReason::EndTurn));
    assert_eq!(response.usage.expect("it is filled in").output_tokens, Some(2));
    let stopped = answer().text("Two").stop(StopReason::MaxTokens).additional_fields(json!({"a": 1}));
    let response = stopped.metadata(Metadata::default()).response().expect("it is whole");
    assert_eq!(response.stop_reason, Some(StopReason::MaxTokens));
    assert_eq!(response.additional_model_response_fields.expect("it was said").as_str(), r#"{"a":1}"#);
    assert!(response.metrics.is_some());
    let nothing: Vec<String> = answer().events().iter().map(|event| event.name().to_owned()).collect();
    assert_eq!(nothing, ["messageStart", "messageStop", "metadata"]);
}

#[test]
fn odd_blocks_can_be_built_too() {
    let broken = answer()
        .start(ToolUseStart::new("t", "n").into())
        .delta(tool_input(r#"{"city": "Par"#))
        .event(event::unknown("newEvent", json!({"x": 1})))
        .delta(Delta::Text("odd".to_owned()));
    let (chunks, conclusion) = decode([broken.to_bytes().expect("it can be encoded")]);
    assert_eq!(conclusion, Conclusion::Complete);
    assert!(
        chunks
            .iter()
            .any(|chunk| matches!(chunk, Chunk::Unknown { event: Some(name), .. } if name == "newEvent"))
    );
    assert!(
        chunks
            .iter()
            .any(|chunk| matches!(chunk, Chunk::ToolCallEnd { input: ToolInput::Malformed { .. }, .. })),
        "{chunks:?}"
    );
}

fn tool_input(input: &str) -> Delta {
    let bedrock_stream_testkit::Event::ContentBlockDelta(event) = event::tool_input(0, input) else {
        unreachable!("it is a delta")
    };
    event.delta.expect("it has one")
}

#[test]
fn a_failure_ends_the_stream_where_it_is_said() {
    let failed =
        answer().text("Half a").exception("modelTimeoutException", "Too slow.").error("X", "too late");
    let (chunks, conclusion) = decode([failed.to_bytes().expect("it can be encoded")]);
    assert_eq!(conclusion, Conclusion::Exception { name: "modelTimeoutException".to_owned() });
    assert!(!chunks.iter().any(|chunk| matches!(chunk, Chunk::BlockEnd { .. })), "the block stays open");
    assert!(failed.response().is_err());
    let (_, conclusion) = decode([answer().error("Oops", "m").to_bytes().expect("it can be encoded")]);
    assert_eq!(conclusion, Conclusion::UnmodeledError { code: "Oops".to_owned() });
}

#[tokio::test]
async fn the_bytes_are_the_same_in_any_split() {
    let answer = rich().seed(9);
    let whole = answer.to_bytes().expect("it can be encoded");
    assert_eq!(answer.messages().expect("it can be encoded").concat(), whole);
    let expected = decode([&whole]).0;
    for len in [0, 1, 7, 100, whole.len(), usize::MAX] {
        let pieces = answer.split_every(len).expect("it can be encoded");
        assert_eq!(pieces.len(), whole.len().div_ceil(len.clamp(1, whole.len())));
        assert_eq!(decode(&pieces), (expected.clone(), Conclusion::Complete));
    }
    let response = answer.http_response().expect("it can be encoded");
    assert_eq!(response.headers()["content-type"], "application/vnd.amazon.eventstream");
    let body = response.into_body().collect().await.expect("it cannot fail").to_bytes();
    assert_eq!(body, whole);
    assert_ne!(rich().seed(8).to_bytes().expect("it can be encoded"), whole, "the seed decides the padding");
}

/// The faults that are about the stream's bytes.
#[test]
fn damaged_bytes_lead_to_the_fault_s_conclusion() {
    let whole = rich().to_bytes().expect("it can be encoded");
    for &fault in Fault::ALL {
        let damaged = fault.damage(whole.clone()).expect("it can be damaged");
        let expected = match fault.conclusion() {
            // Without a connection, what breaks or stalls just ends.
            Conclusion::Broken | Conclusion::Stalled if damaged != whole => Conclusion::Incomplete,
            Conclusion::Broken
            | Conclusion::Stalled
            | Conclusion::NotAnEventStream
            | Conclusion::Refused { .. } => Conclusion::Complete,
            conclusion => conclusion,
        };
        assert_eq!(decode([damaged]).1, expected, "{fault}");
    }
}

#[test]
fn any_byte_can_be_the_last_and_any_bit_wrong() {
    let whole = rich().to_bytes().expect("it can be encoded");
    // The metadata is the last message. What happens to it costs the usage alone.
    let mut rest = &whole[..];
    let mut proven = 0;
    while let Some((_, after)) = Message::parse(rest).expect("it is whole") {
        if after.is_empty() {
            break;
        }
        rest = after;
        proven = (whole.len() - rest.len()) as u64;
    }
    for byte in 0..whole.len() as u64 {
        let fault: Fault = format!("cut-at:{byte}").parse().expect("it is a fault");
        let cut = fault.damage(whole.clone()).expect("it can be damaged");
        assert!(whole.starts_with(&cut));
        assert_eq!(decode([cut]).1, Conclusion::Incomplete, "{fault}");
    }
    for bit in (0..whole.len() as u64 * 8).step_by(5) {
        let flipped = Fault::FlipBit { bit }.damage(whole.clone()).expect("it can be damaged");
        let different: u32 =
            whole.iter().zip(&flipped).map(|(left, right)| (left ^ right).count_ones()).sum();
        assert_eq!(different, 1);
        let expected = if bit / 8 < proven { Conclusion::Damaged } else { Conclusion::Complete };
        assert_eq!(decode([flipped]).1, expected, "bit {bit}");
    }
}

#[test]
fn pieces_are_repeated_dropped_and_swapped() {
    let names = |fault: Fault| -> Vec<String> {
        let bytes = fault.damage(answer().text("One two three").to_bytes().expect("it can be encoded"));
        crate::support::events(&bytes.expect("it can be damaged")).into_iter().map(|(name, _)| name).collect()
    };
    let [start, delta, stop, end, meta] =
        ["messageStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"];
    assert_eq!(names(Fault::Drip), [start, delta, delta, delta, stop, end, meta]);
    assert_eq!(
        names(Fault::Repeat(EventType::MessageStop)),
        [start, delta, delta, delta, stop, end, end, meta]
    );
    assert_eq!(names(Fault::Drop(EventType::Delta)), [start, delta, delta, stop, end, meta]);
    assert_eq!(names(Fault::Swap(EventType::MessageStop)), [start, delta, delta, delta, stop, meta, end]);
    assert_eq!(names(Fault::Swap(EventType::Metadata)), names(Fault::Drip), "there is none after it");
    assert_eq!(names(Fault::Drop(EventType::BlockStart)), names(Fault::Drip), "there is none");
}

#[test]
fn hostile_bytes_can_be_damaged_too() {
    for body in [&b""[..], b"\0", b"<html>", &[0xff; 40]] {
        for &fault in Fault::ALL {
            fault.damage(body.to_vec()).expect("nothing has to be encoded but an exception");
        }
    }
}
