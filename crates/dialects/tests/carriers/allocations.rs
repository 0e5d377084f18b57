//! What the carriers themselves allocate.

use allocation_counter::measure;
use bedrock_stream_core::answer::{ChunkRef, Decode};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};

use super::wire::{TEXT, chunk, data};

#[test]
fn the_buffer_of_payloads_is_used_again() {
    let stream = chunk(TEXT).repeat(100);
    let mut decoder = InvokeDecoder::new(Some(Dialect::Titan));
    let mut input = &stream[..];
    let mut capacities = Vec::new();
    while decoder.next_payload(&mut input).unwrap().is_some() {
        capacities.push(decoder.buffer_capacity());
    }
    assert_eq!(capacities.len(), 100);
    assert!(capacities.iter().all(|capacity| *capacity == capacities[0]), "{capacities:?}");
}

/// A delta whose chunk is lent costs nothing, whichever carrier it came by; one whose chunk is owned costs its text.
#[test]
fn a_lent_delta_allocates_nothing() {
    let (messages, chat, responses) = (Dialect::Messages, Dialect::Chat, Dialect::Responses);
    let call = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#;
    let chat_call = r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"n","arguments":""}}]}}]}"#;
    let item = r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"c","name":"n"}}"#;
    for (dialect, start, delta) in [
        (
            messages,
            "",
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a \"b\"\n"}}"#,
        ),
        (
            messages,
            "",
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a"}}"#,
        ),
        (
            messages,
            call,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"[\"a"}}"#,
        ),
        (chat, "", r#"{"choices":[{"index":0,"delta":{"content":"a\n"}}]}"#),
        (chat, "", r#"{"choices":[{"index":0,"delta":{"reasoning_content":"a"}}]}"#),
        (
            chat,
            chat_call,
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"[\"a"}}]}}]}"#,
        ),
        (
            responses,
            "",
            r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a\n"}"#,
        ),
        (
            responses,
            item,
            r#"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"[\"a"}"#,
        ),
    ] {
        let start = if start.is_empty() { delta } else { start };
        // One delta of each is what the decoder's own memory grows with.
        let invoked = [chunk(start), chunk(delta)].concat();
        check(|| InvokeDecoder::new(Some(dialect)), &invoked, &chunk(delta).repeat(100), delta);
        let sent = [data(start), data(delta)].concat();
        check(|| SseDecoder::new(Some(dialect)), &sent, &data(delta).repeat(100), delta);
    }
}

fn check<D: Decode>(decoder: impl Fn() -> D, mut start: &[u8], mut deltas: &[u8], what: &str) {
    let (mut lending, mut owning) = (decoder(), decoder());
    let mut copy = start;
    while lending.next_with(&mut start, |_| ()).unwrap().is_some() {}
    while owning.next_from(&mut copy).unwrap().is_some() {}
    let (mut lent, mut copy) = (0, deltas);
    let allocations = measure(|| {
        let mut take = |chunk: ChunkRef<'_>| lent += usize::from(!matches!(chunk, ChunkRef::Owned(_)));
        while lending.next_with(&mut deltas, &mut take).unwrap().is_some() {}
    });
    assert_eq!(lent, 100, "{what}");
    // A call's arguments are kept until it ends, in a text that doubles.
    let most = if what.contains("[\\\"a") { 8 } else { 0 };
    assert!(allocations.count_total <= most, "{what}: {allocations:?}");
    let mut owned = 0;
    let allocations = measure(|| {
        while owning.next_from(&mut copy).unwrap().is_some() {
            owned += 1;
        }
    });
    assert_eq!(owned, 100, "{what}");
    assert!((100..=100 + most).contains(&allocations.count_total), "{what}: {allocations:?}");
}
