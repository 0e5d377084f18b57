//! Whatever a stream of Responses events does: the chunks have their shape, the answer is complete only by its terminal event,
//! nothing panics, and what is kept has a bound.

use std::collections::BTreeMap;

use bedrock_stream_core::answer::{Chunk, Error, SkippedEvent};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::{Dialect, PayloadDecoder};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What a decoder gives, step by step.
fn steps(payloads: &[String], limits: Limits) -> Vec<Result<Chunk, Error>> {
    let mut decoder = PayloadDecoder::with_limits(Some(Dialect::Responses), limits);
    let mut steps = Vec::new();
    for payload in payloads {
        decoder.apply(None, payload);
        while let Some(step) = next(decoder.next_chunk()) {
            let is_final = step.as_ref().is_err_and(Error::is_final);
            steps.push(step);
            if is_final {
                return steps;
            }
        }
    }
    while let Some(step) = next(decoder.finish()) {
        let is_final = step.as_ref().is_err_and(Error::is_final);
        steps.push(step);
        if is_final {
            break;
        }
    }
    steps
}

fn next(given: Result<Option<Chunk>, Error>) -> Option<Result<Chunk, Error>> {
    given.transpose()
}

/// An open block.
#[derive(Debug)]
enum Open {
    Call { id: String, arguments: String },
    Content,
}

/// Checks the shape that chunks have, and returns whether the answer is complete.
fn check(steps: &[Result<Chunk, Error>]) -> bool {
    let mut open: BTreeMap<u32, Open> = BTreeMap::new();
    let (mut is_started, mut is_stopped, mut is_done) = (false, false, false);
    for step in steps {
        assert!(!is_done, "nothing follows `Done`: {steps:?}");
        let Ok(chunk) = step else { continue };
        assert_eq!(
            is_started,
            !matches!(chunk, Chunk::Start { .. }),
            "`Start` comes first and once: {steps:?}"
        );
        assert!(!is_stopped || matches!(chunk, Chunk::Done(_)), "only `Done` follows `Stop`: {steps:?}");
        match chunk {
            Chunk::Start { .. } => is_started = true,
            Chunk::BlockStart { block, .. } => {
                assert!(open.insert(*block, Open::Content).is_none(), "{steps:?}");
            }
            Chunk::ToolCallStart { block, id, .. } => {
                let call = Open::Call { id: id.to_string(), arguments: String::new() };
                assert!(open.insert(*block, call).is_none(), "{steps:?}");
            }
            Chunk::ToolCallDelta { block, id, arguments_delta, .. } => {
                let Some(Open::Call { id: begun, arguments }) = open.get_mut(block) else {
                    panic!("{steps:?}")
                };
                assert_eq!(&**id, begun);
                arguments.push_str(arguments_delta);
            }
            Chunk::ToolCallEnd { block, id, input, .. } => {
                let Some(Open::Call { id: begun, arguments }) = open.remove(block) else {
                    panic!("{steps:?}")
                };
                assert_eq!(&**id, begun);
                assert!(input.as_str() == arguments || (arguments.is_empty() && input.as_str() == "{}"));
            }
            Chunk::Text { block, text, .. } | Chunk::Reasoning { block, text, .. } => {
                assert!(!text.is_empty());
                assert!(matches!(open.get(block), Some(Open::Content)), "{steps:?}");
            }
            Chunk::ReasoningRedacted { block, .. } | Chunk::Citation { block, .. } => {
                assert!(matches!(open.get(block), Some(Open::Content)), "{steps:?}");
            }
            Chunk::Unknown { block: Some(block), .. } => assert!(open.contains_key(block), "{steps:?}"),
            Chunk::Unknown { .. } => {}
            Chunk::BlockEnd { block, .. } => {
                assert!(matches!(open.remove(block), Some(Open::Content)), "{steps:?}");
            }
            Chunk::Stop { .. } => {
                assert!(open.is_empty(), "every block is ended: {steps:?}");
                is_stopped = true;
            }
            Chunk::Done(_) => {
                assert!(is_stopped);
                is_done = true;
            }
            other => panic!("{other:?}"),
        }
    }
    is_done
}

fn words() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just(""),
        Just("a"),
        Just("ab"),
        Just("abc"),
        Just("{}"),
        Just("\u{e4}\u{1f600}"),
        Just("{\"a\":")
    ]
}

fn part() -> impl Strategy<Value = Value> {
    let annotation = json!({"type": "url_citation", "url": "u", "title": "t"});
    (words(), 0..6_u8).prop_map(move |(words, kind)| match kind {
        0 => json!({"type": "refusal", "refusal": words}),
        1 => json!({"type": "output_text", "text": words, "annotations": [annotation]}),
        2 => json!({"type": "reasoning_text", "text": words}),
        3 => json!({"type": "new", "data": words}),
        4 => json!(words),
        _ => json!({"type": "output_text", "text": words, "new": 1}),
    })
}

fn item() -> impl Strategy<Value = Value> {
    (0..6_u8, words(), words(), prop::collection::vec(part(), 0..3)).prop_map(|(kind, id, words, parts)| {
        match kind {
            0 | 1 => json!({"type": "message", "content": parts}),
            2 => json!({"type": "reasoning", "summary": parts, "content": parts, "encrypted_content": words}),
            3 => json!({"type": "function_call", "call_id": id, "name": "f", "arguments": words, "new": 1}),
            4 => json!({"type": "custom_tool_call", "call_id": id, "name": "f", "input": words, "status": "incomplete"}),
            _ => json!({"type": "web_search_call", "query": words}),
        }
    })
}

/// Any event but those that end a stream.
fn event() -> impl Strategy<Value = Value> {
    let member = prop_oneof![
        Just("response.output_text"),
        Just("response.refusal"),
        Just("response.reasoning_text"),
        Just("response.reasoning_summary_text"),
        Just("response.function_call_arguments"),
        Just("response.custom_tool_call_input")
    ];
    (0..12_u8, prop::option::weighted(0.95, 0..3_u32), 0..2_u32, member, words(), item(), part()).prop_map(
        |(kind, index, sub, member, words, item, part)| {
            let mut event = match kind {
                0..4 => json!({"type": format!("{member}.delta"), "delta": words}),
                4 | 5 => json!({"type": format!("{member}.done"), "text": words, "refusal": words, "arguments": words, "input": words}),
                6 | 7 => json!({"type": "response.output_item.added", "item": item}),
                8 | 9 => json!({"type": "response.output_item.done", "item": item}),
                10 => json!({"type": "response.content_part.done", "part": part}),
                _ => json!({"type": "response.output_text.annotation.added", "annotation": {"type": "url_citation"}, "logprobs": [1]}),
            };
            event["output_index"] = json!(index);
            event["content_index"] = json!(sub);
            event["summary_index"] = json!(sub);
            event
        },
    )
}

/// Any JSON with the names that events have.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("type"),
        Just("delta"),
        Just("item"),
        Just("part"),
        Just("response"),
        Just("output"),
        Just("status"),
        Just("output_index"),
        Just("content"),
        Just("summary"),
        Just("text"),
        Just("error"),
        Just("message"),
        Just("usage"),
        Just("incomplete_details"),
        Just("call_id"),
        Just("arguments"),
        Just("annotations"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words().prop_map(Value::from),
        Just("response.completed".into()),
        Just("response.output_item.done".into()),
        Just("function_call".into()),
        Just("response.output_text.delta".into()),
        Just("message".into()),
        Just("completed".into()),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(String::from), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_sequence_of_events_has_the_shape_of_an_answer(
        mut events in prop::collection::vec(event(), 0..24),
        output in prop::option::of(prop::collection::vec(item(), 0..4)),
        end in prop::option::of(prop_oneof![Just("completed"), Just("incomplete"), Just("failed"), Just("cancelled")]),
        created_at in prop::option::of(0..24_usize),
    ) {
        if let Some(at) = created_at.filter(|at| *at <= events.len()) {
            events.insert(at, json!({"type": "response.created", "response": {"id": "r"}}));
        }
        let payloads: Vec<String> = events.iter().map(Value::to_string).collect();
        prop_assert!(!check(&steps(&payloads, Limits::default())), "no event but the last proves it");
        if let Some(end) = end {
            let mut response = json!({"status": end});
            if let Some(output) = output {
                response["output"] = output.into();
            }
            let end_event = json!({"type": format!("response.{end}"), "response": response}).to_string();
            let is_done = check(&steps(&[payloads, vec![end_event]].concat(), Limits::default()));
            prop_assert_eq!(is_done, matches!(end, "completed" | "incomplete"));
        }
    }

    #[test]
    fn any_json_gives_chunks_or_errors(payloads in prop::collection::vec(any_json(), 0..8)) {
        let payloads: Vec<String> = payloads.iter().map(Value::to_string).collect();
        check(&steps(&payloads, Limits::default()));
    }

    #[test]
    fn any_text_gives_chunks_or_errors(payloads in prop::collection::vec(".{0,40}", 0..4)) {
        check(&steps(&payloads, Limits::default()));
    }
}

/// The payloads with their answers under a limit of 64 KiB: how many were skipped, and how often that was told.
fn skipped(payloads: impl Iterator<Item = String>) -> (u64, usize) {
    let end = json!({"type": "response.completed"}).to_string();
    let payloads: Vec<String> = payloads.chain([end]).collect();
    let steps = steps(&payloads, Limits::default().with_max_state_len(64 * 1024));
    check(&steps);
    let is_limit = |step: &&Result<Chunk, Error>| matches!(step, Err(Error::Skipped(SkippedEvent::Unexpected { reason, .. })) if reason.to_string().contains("limit"));
    let Some(Ok(Chunk::Done(done))) = steps.last() else { panic!("{:?}", steps.last()) };
    (done.skipped_events, steps.iter().filter(is_limit).count())
}

#[test]
fn what_is_kept_of_items_and_parts_has_a_bound() {
    let many = 20_000_u32;
    let item = json!({"type": "web_search_call"});
    let items = (0..many).map(|index| {
        json!({"type": "response.output_item.done", "output_index": index, "item": item}).to_string()
    });
    let parts = (0..many).map(|index| {
        let part = json!({"type": "output_text", "text": "a"});
        json!({"type": "response.content_part.done", "output_index": 0, "content_index": index, "part": part})
            .to_string()
    });
    let inputs = (0..many).map(|index| {
        json!({"type": "response.function_call_arguments.delta", "output_index": index, "delta": "a"})
            .to_string()
    });
    for (skipped, told) in [skipped(items), skipped(parts), skipped(inputs)] {
        assert!(skipped > 15_000, "{skipped}");
        assert!((1..=2).contains(&told), "it is told once of items and parts, and once of blocks: {told}");
    }
}
