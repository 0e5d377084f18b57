use alloc::collections::BTreeMap;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use bedrock_stream_core::answer::Chunk;
use proptest::prelude::*;

use crate::decode::PayloadDecoder;
use crate::dialect::Dialect;

/// Checks an answer of these payloads, in that dialect: `Start` first, every block begun once before its pieces and ended once
/// after them, `Stop` and then `Done` last. Returns whether it was complete.
fn check(dialect: Dialect, payloads: &[String]) -> bool {
    let mut decoder = PayloadDecoder::new(Some(dialect));
    let mut chunks = Vec::new();
    for payload in payloads {
        decoder.apply(None, payload);
        // An error that is not final is given once, so this ends.
        while decoder.failure().is_none() {
            match decoder.next_chunk() {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) => break,
                Err(error) => assert_eq!(error.is_final(), decoder.failure().is_some()),
            }
        }
    }
    let is_complete = loop {
        match decoder.finish() {
            Ok(Some(chunk)) => chunks.push(chunk),
            Ok(None) => break true,
            Err(error) if error.is_final() => break false,
            Err(_) => {}
        }
    };
    assert_eq!(is_complete, decoder.is_done());
    check_shape(&chunks, is_complete);
    is_complete
}

fn check_shape(chunks: &[Chunk], is_complete: bool) {
    let mut open: BTreeMap<u64, String> = BTreeMap::new();
    let mut is_stopped = false;
    for (place, chunk) in chunks.iter().enumerate() {
        let json = serde_json::to_value(chunk).expect("a chunk is JSON");
        let kind = json["type"].as_str().expect("it has a type");
        assert_eq!(kind == "start", place == 0, "{chunks:?}");
        if is_stopped {
            assert!(matches!(kind, "unknown" | "done"), "{chunks:?}");
        }
        match (kind, json["block"].as_u64()) {
            ("stop", _) => {
                assert!(!is_stopped && open.is_empty(), "{chunks:?}");
                is_stopped = true;
            }
            ("done", _) => assert!(is_stopped && place + 1 == chunks.len(), "{chunks:?}"),
            ("block_start" | "tool_call_start" | "tool_result_start" | "image_start", Some(block)) => {
                assert_eq!(open.insert(block, kind.to_string()), None, "{chunks:?}");
            }
            ("block_end" | "tool_call_end", Some(block)) => {
                let begun = open.remove(&block);
                let is_call = begun.as_deref() == Some("tool_call_start");
                assert!(begun.is_some() && is_call == (kind == "tool_call_end"), "{chunks:?}");
            }
            // What is not known may also come with the stop of a block that gave nothing else.
            ("unknown", _) | (_, None) => {}
            (_, Some(block)) => assert!(open.contains_key(&block), "{chunks:?}"),
        }
    }
    let done = chunks.iter().filter(|chunk| matches!(chunk, Chunk::Done(_))).count();
    assert_eq!(done, usize::from(is_complete), "{chunks:?}");
    assert!(!is_complete || open.is_empty(), "{chunks:?}");
}

/// Whether the payloads prove it: a `message_stop` after a stop reason of the same message.
fn is_proven(payloads: &[String]) -> bool {
    let (mut has_content, mut has_reason) = (false, false);
    for payload in payloads {
        if payload.contains(r#""message_start""#) {
            has_reason &= !has_content;
            has_content = false;
        } else if payload.contains(r#""message_stop""#) {
            if has_reason {
                return true;
            }
        } else if payload.contains(r#""type":"error""#) {
            return false;
        } else if !payload.contains(r#""ping""#) {
            has_content = true;
            has_reason |= payload.contains(r#""stop_reason":""#);
        }
    }
    false
}

fn payload() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        Just(r#"{"type":"text","text":"a"}"#),
        Just(r#"{"type":"text","text":""}"#),
        Just(r#"{"type":"thinking","thinking":"","signature":"s"}"#),
        Just(r#"{"type":"redacted_thinking","data":"AAAA"}"#),
        Just(r#"{"type":"tool_use","id":"t","name":"f","input":{}}"#),
        Just(r#"{"type":"server_tool_use","id":"","name":"f","input":{"a":1}}"#),
        Just(r#"{"type":"web_search_tool_result","tool_use_id":"t","content":[]}"#),
        Just(r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}"#),
        Just(r#"{"type":"new"}"#),
        Just("5"),
    ];
    let delta = prop_oneof![
        Just(r#"{"type":"text_delta","text":"b"}"#),
        Just(r#"{"type":"input_json_delta","partial_json":"{}"}"#),
        Just(r#"{"type":"thinking_delta","thinking":"b"}"#),
        Just(r#"{"type":"signature_delta","signature":"s"}"#),
        Just(r#"{"type":"citations_delta","citation":{"type":"page_location"}}"#),
        Just(r#"{"type":"new_delta"}"#),
        Just("null"),
    ];
    let index = prop_oneof![4 => Just(r#""index":0,"#), 2 => Just(r#""index":1,"#), 1 => Just("")];
    prop_oneof![
        2 => Just(r#"{"type":"message_start","message":{"usage":{"input_tokens":1}}}"#.to_string()),
        6 => (index.clone(), block).prop_map(|(index, block)| {
            [r#"{"type":"content_block_start","#, index, r#""content_block":"#, block, "}"].concat()
        }),
        8 => (index.clone(), delta).prop_map(|(index, delta)| {
            [r#"{"type":"content_block_delta","#, index, r#""delta":"#, delta, "}"].concat()
        }),
        6 => index.prop_map(|index| [r#"{"#, index, r#""type":"content_block_stop"}"#].concat()),
        2 => Just(r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"}}"#.to_string()),
        1 => Just(r#"{"type":"message_delta","delta":{"stop_reason":null}}"#.to_string()),
        2 => Just(r#"{"type":"message_stop"}"#.to_string()),
        1 => Just(r#"{"type":"ping"}"#.to_string()),
        1 => Just(r#"{"type":"error","error":{"type":"api_error"}}"#.to_string()),
    ]
}

/// Any JSON, with the names of the dialects at any depth.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let name = prop::sample::select(&NAMES[..]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (0_u32..3).prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,4}".prop_map(Into::into),
        name.clone().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
            }),
        ]
    })
}

const NAMES: [&str; 48] = [
    "type",
    "index",
    "delta",
    "message",
    "usage",
    "content_block",
    "text",
    "thinking",
    "signature",
    "data",
    "id",
    "name",
    "input",
    "citations",
    "citation",
    "tool_use_id",
    "content",
    "is_error",
    "source",
    "partial_json",
    "stop_reason",
    "error",
    "amazon-bedrock-invocationMetrics",
    "amazon-bedrock-trace",
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "text_delta",
    "input_json_delta",
    "citations_delta",
    "tool_use",
    "web_search_tool_result",
    "image",
    "redacted_thinking",
    "completion",
    "stop",
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
    "contentBlockIndex",
    "toolUse",
    "start",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_order_gives_the_shape_and_is_done_only_if_proven(payloads in prop::collection::vec(payload(), 0..24)) {
        prop_assert_eq!(check(Dialect::Messages, &payloads), is_proven(&payloads));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_json_gives_the_shape(payloads in prop::collection::vec(any_json(), 0..8)) {
        let payloads: Vec<String> = payloads.iter().map(serde_json::Value::to_string).collect();
        for dialect in [Dialect::Messages, Dialect::Completion, Dialect::Nova] {
            check(dialect, &payloads);
        }
    }

    #[test]
    fn any_text_gives_the_shape(payloads in prop::collection::vec(".{0,40}", 0..6)) {
        for dialect in [Dialect::Messages, Dialect::Completion, Dialect::Nova] {
            check(dialect, &payloads);
        }
    }
}
