//! Answers that would take minutes if what is kept of them were searched or counted for each chunk.

use bedrock_stream_core::answer::{Chunk, Done, StopReason};
use bedrock_stream_core::content::{Citation, CitationLocation, ToolInput, WebLocation};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode, MessagesEncoder, ResponsesEncoder};

#[test]
fn the_text_is_not_counted_again_for_each_citation() {
    const CITATIONS: u64 = 20_000;
    const TEXT_LEN: usize = 32 << 20;
    let limits = Limits::default().with_max_state_len(usize::MAX);
    let mut encoder = ResponsesEncoder::new("resp_1", "m", 0).limits(limits);
    let mut out = Vec::new();
    encoder.encode(&Chunk::text(0, "é".repeat(TEXT_LEN / 2)), &mut out);
    let mut citation = Citation::default();
    citation.location = Some(CitationLocation::Web(WebLocation::new("https://example.com")));
    let chunk = Chunk::citation(0, citation);
    for _ in 0..CITATIONS {
        out.clear();
        encoder.encode(&chunk, &mut out);
    }
    let last = String::from_utf8_lossy(&out);
    assert!(last.contains(&format!(r#""annotation_index":{}"#, CITATIONS - 1)), "{last}");
    assert!(last.contains(&format!(r#""end_index":{}"#, TEXT_LEN / 2)), "{last}");
    encoder.encode(&Chunk::text(0, "!"), &mut out);
    out.clear();
    encoder.encode(&chunk, &mut out);
    let last = String::from_utf8_lossy(&out);
    assert!(last.contains(&format!(r#""end_index":{}"#, TEXT_LEN / 2 + 1)), "{last}");
    encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
    assert_eq!(encoder.failure(), None);
}

/// A decoder passes on a text inside a call's block. What is remembered of it must end with the call, or every later chunk
/// would be searched for in it.
#[test]
fn a_text_in_the_block_of_a_call_ends_with_it() {
    const CALLS: u32 = 200_000;
    let limits = Limits::default().with_max_state_len(usize::MAX);
    let encoders: [Box<dyn Encode>; 3] = [
        Box::new(ChatEncoder::new("chatcmpl-1", "m", 0)),
        Box::new(ResponsesEncoder::new("resp_1", "m", 0).limits(limits)),
        Box::new(MessagesEncoder::new("msg_1", "m")),
    ];
    for mut encoder in encoders {
        let mut out = Vec::new();
        for block in 0..CALLS {
            let kind = Some("server_tool_use".into());
            encoder.encode(&Chunk::tool_call_start(block, "c", "search", kind), &mut out);
            out.clear();
            encoder.encode(&Chunk::text(block, "a"), &mut out);
            encoder.encode(&Chunk::reasoning(block, "b"), &mut out);
            assert!(!out.is_empty(), "nothing waits for a block that has ended: {encoder:?}");
            encoder.encode(&Chunk::tool_call_end(block, "c", "search", ToolInput::Empty), &mut out);
        }
        encoder.encode(&Chunk::done(Done::new(StopReason::EndTurn)), &mut out);
        assert!(encoder.is_ended() && encoder.failure().is_none(), "{:?}", encoder.failure());
    }
}
