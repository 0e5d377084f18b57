//! What holds of every Chat Completions stream, and that no JSON makes a decoder of `choices` and the like panic or grow.

mod payloads;

use std::collections::BTreeMap;

use allocation_counter::measure;
use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::{Dialect, PayloadDecoder};
use payloads::{Payload, decode, decode_as};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A payload of a small generator.
#[derive(Clone, Debug)]
enum Item {
    Delta {
        choice: u64,
        delta: Value,
    },
    Finish {
        choice: u64,
        reason: &'static str,
    },
    Usage,
    Metrics,
    Error,
    EndMarker,
    /// What no rule reads.
    Noise(&'static str),
}

impl Item {
    fn payload(&self) -> Payload {
        let payload = match self {
            Self::Delta { choice, delta } => {
                json!({"choices": [{"index": choice, "delta": delta}]}).to_string()
            }
            Self::Finish { choice, reason } => {
                json!({"choices": [{"index": choice, "delta": {}, "finish_reason": reason}]}).to_string()
            }
            Self::Usage => {
                json!({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}).to_string()
            }
            Self::Metrics => json!({"amazon-bedrock-invocationMetrics": {"inputTokenCount": 1}}).to_string(),
            Self::Error => json!({"error": {"message": "m"}}).to_string(),
            Self::EndMarker => "[DONE]".into(),
            Self::Noise(text) => (*text).into(),
        };
        (None, payload)
    }
}

fn deltas() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec![
        "",
        "a",
        "\"\\\n",
        "<",
        "<rea",
        "soning>",
        "<reasoning>",
        "<reasoning>a</reasoning>",
        "</reasoning>",
        "<reasoning>a</",
        "reasoning>b",
        "é",
    ]);
    let index = prop::option::weighted(0.8, 0_u64..3);
    let id = prop::option::of(prop::sample::select(vec!["", "a", "b", "c"]));
    let name = prop::option::weighted(0.3, Just("f"));
    let arguments = prop::option::of(prop::sample::select(vec!["", "{", "}", "{}", "\"x\":1", " "]));
    prop_oneof![
        text.clone().prop_map(|text| json!({"content": text})),
        text.clone().prop_map(|text| json!({"reasoning": text})),
        text.prop_map(|text| json!({"content": [{"type": "thinking", "thinking": text}, {"type": "text", "text": text}]})),
        Just(json!({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}, {"signature": "s"}]})),
        Just(json!({"refusal": "no", "audio": {}})),
        (index, id, name.clone(), arguments.clone()).prop_map(|(index, id, name, arguments)| {
            json!({"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]})
        }),
        (name, arguments).prop_map(|(name, arguments)| json!({"function_call": {"name": name, "arguments": arguments}})),
    ]
}

fn items() -> impl Strategy<Value = Item> {
    let choice = prop_oneof![8 => Just(0_u64), 1 => 1_u64..3];
    let reasons = prop::sample::select(vec!["stop", "length", "tool_calls", "odd"]);
    prop_oneof![
        12 => (choice.clone(), deltas()).prop_map(|(choice, delta)| Item::Delta { choice, delta }),
        4 => (choice, reasons).prop_map(|(choice, reason)| Item::Finish { choice, reason }),
        2 => Just(Item::Usage),
        1 => Just(Item::Metrics),
        1 => Just(Item::Error),
        1 => Just(Item::EndMarker),
        1 => prop::sample::select(vec!["", "{", "7", "{\"choices\":7}", "{\"odd\":1}", "{\"choices\":null}"]).prop_map(Item::Noise),
    ]
}

/// Whether these payloads are a complete answer: a second reading of the rules, in as few words as there are.
fn is_complete(items: &[Item]) -> bool {
    let mut choices = BTreeMap::from([(0, false)]);
    let mut has_ended = false;
    for item in items {
        let is_proven = choices.values().all(|is_finished| *is_finished);
        match item {
            Item::Delta { choice, .. } if !has_ended => drop(choices.entry(*choice).or_default()),
            Item::Finish { choice, .. } if !has_ended => drop(choices.insert(*choice, true)),
            Item::Usage | Item::Metrics | Item::EndMarker if is_proven => return true,
            Item::EndMarker => has_ended = true,
            Item::Error if !has_ended => return false,
            _ => {}
        }
    }
    choices.into_values().all(|is_finished| is_finished)
}

/// Contents of deltas whose reading does not depend on where they are cut: an opening tag stands only where one begins.
fn contents() -> impl Strategy<Value = Vec<String>> {
    let plain = "[a-zé />]{0,12}";
    let reasoning = prop::collection::vec(
        prop::sample::select(vec!["a", "<", "</", "</reasoning", "<reasoning>", ">", "é", "</think>"]),
        0..5,
    );
    let content = prop_oneof![
        plain.prop_map(String::from),
        (reasoning, prop::option::of(plain)).prop_map(|(reasoning, rest)| {
            let end = rest.map(|rest| format!("</reasoning>{rest}")).unwrap_or_default();
            format!("<reasoning>{}{end}", reasoning.concat())
        }),
    ];
    prop::collection::vec(content, 1..5)
}

fn content_payloads(contents: &[String]) -> Vec<Payload> {
    let deltas = contents.iter().map(|content| json!({"content": content}));
    let items = deltas
        .map(|delta| Item::Delta { choice: 0, delta })
        .chain([Item::Finish { choice: 0, reason: "stop" }]);
    items.map(|item| item.payload()).collect()
}

/// Any JSON, with the names that the decoders know.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "choices",
        "delta",
        "message",
        "content",
        "text",
        "index",
        "finish_reason",
        "stop_reason",
        "usage",
        "tool_calls",
        "function",
        "function_call",
        "arguments",
        "name",
        "id",
        "type",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "thinking",
        "signature",
        "data",
        "refusal",
        "prompt_tokens",
        "prompt_tokens_details",
        "cached_tokens",
        "error",
        "generation",
        "outputs",
        "is_finished",
        "event_type",
        "generations",
        "response",
        "meta",
        "tokens",
        "parameters",
        "amazon-bedrock-invocationMetrics",
        "amazon-bedrock-guardrailAction",
        "amazon-bedrock-trace",
    ]);
    let words = prop::sample::select(vec![
        "",
        "stop",
        "a",
        "<reasoning>",
        "text",
        "thinking",
        "reasoning.text",
        "COMPLETE",
        "{}",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..3).prop_map(Value::from),
        Just(json!(1e300)),
        words.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..5).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn the_shape_always_holds_and_done_needs_the_proof(items in prop::collection::vec(items(), 0..20)) {
        let payloads: Vec<Payload> = items.iter().map(Item::payload).collect();
        let outcome = decode_as(Dialect::Chat, &payloads);
        prop_assert_eq!(outcome.is_complete, is_complete(&items), "{:?}", outcome);
        // No two that follow each other look the same, so each is parsed.
        let varied = payloads.into_iter().zip(0..).map(|((event, payload), position)| {
            (event, payload + &" ".repeat(position % 7))
        });
        prop_assert_eq!(outcome.chunks, decode_as(Dialect::Chat, &varied.collect::<Vec<_>>()).chunks);
    }

    #[test]
    fn where_a_content_is_cut_means_nothing(contents in contents(), which: prop::sample::Index, at: prop::sample::Index) {
        let whole = decode_as(Dialect::Chat, &content_payloads(&contents));
        let which = which.index(contents.len());
        let boundaries: Vec<usize> = (0..=contents[which].len()).filter(|&at| contents[which].is_char_boundary(at)).collect();
        let (first, second) = contents[which].split_at(boundaries[at.index(boundaries.len())]);
        // An opening tag counts where a delta begins, so a cut before one means something.
        let is_tag = second.starts_with("<reasoning>") || "<reasoning>".starts_with(second);
        prop_assume!(first.is_empty() || second.is_empty() || !is_tag);
        let mut cut = contents.clone();
        cut.splice(which..=which, [first.to_owned(), second.to_owned()]);
        let cut = decode_as(Dialect::Chat, &content_payloads(&cut));
        prop_assert_eq!((whole.text(), whole.reasoning()), (cut.text(), cut.reasoning()));
        prop_assert!(whole.is_complete && cut.is_complete);
    }

    #[test]
    fn any_json_is_read(payloads in prop::collection::vec(any_json(), 1..5), choice in 0_u32..3) {
        let payloads: Vec<Payload> = payloads.iter().map(|payload| (None, payload.to_string())).collect();
        for dialect in [Dialect::Chat, Dialect::Llama, Dialect::Mistral, Dialect::Cohere] {
            decode(PayloadDecoder::new(Some(dialect)).with_choice(choice), &payloads);
        }
    }
}

#[test]
fn nesting_is_no_danger() {
    for dialect in [Dialect::Chat, Dialect::Llama, Dialect::Mistral, Dialect::Cohere] {
        for payload in [
            "[".repeat(100_000),
            format!("{{\"choices\":{}", "[{\"delta\":".repeat(10_000)),
            format!(
                r#"{{"choices":[{{"delta":{{"content":{}{}}}}}]}}"#,
                "[".repeat(10_000),
                "]".repeat(10_000)
            ),
            format!(r#"{{"tool_calls":[{{"parameters":{}{}}}]}}"#, "[".repeat(10_000), "]".repeat(10_000)),
        ] {
            decode_as(dialect, &[(None, payload)]);
        }
    }
}

/// The most bytes that a decoder with room for 64 KiB keeps while it reads these payloads, each dropped at once.
fn kept(payloads: impl Iterator<Item = Value>) -> u64 {
    let limits = Limits::default().with_max_state_len(64 * 1024);
    let mut decoder = PayloadDecoder::with_limits(Some(Dialect::Chat), limits);
    let info = measure(|| {
        for payload in payloads {
            decoder.apply(None, &payload.to_string());
            while !matches!(decoder.next_chunk(), Ok(None)) {}
        }
    });
    assert!(decoder.finish().is_err(), "nothing proved it complete");
    info.bytes_max
}

#[test]
fn memory_does_not_grow_with_the_stream() {
    const MANY: usize = 4_000;
    let call = |delta: Value| json!({"choices": [{"index": 0, "delta": {"tool_calls": [delta]}}]});
    let long = "x".repeat(200);
    let id = |index: usize| format!("{long}{index}");
    let calls =
        (0..MANY).map(|index| call(json!({"index": index, "id": id(index), "function": {"name": "f"}})));
    let whole_calls = (0..MANY).map(|index| {
        call(json!({"index": index, "id": id(index), "function": {"name": "f", "arguments": "{}"}}))
    });
    let without_index = (0..MANY).map(|index| call(json!({"id": id(index), "function": {"name": "f"}})));
    let arguments =
        (0..MANY).map(|_| call(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": long}})));
    let unstarted = (0..MANY).map(|index| call(json!({"index": index, "function": {"arguments": long}})));
    let choices = (0..MANY).map(|index| json!({"choices": [{"index": index, "delta": {"content": "a"}}]}));
    let closing = (0..MANY).map(|index| json!({"id": id(index), "usage": {"prompt_tokens": index}}));
    let long_closing = (1..40).map(|index| {
        let long = "x".repeat(index * 512);
        json!({"id": long, "model": long, "created": long, "usage": {"prompt_tokens": index, "odd": long}})
    });
    for (name, most) in [
        ("calls", kept(calls)),
        ("whole calls", kept(whole_calls)),
        ("calls without an index", kept(without_index)),
        ("arguments", kept(arguments)),
        ("arguments without a call", kept(unstarted)),
        ("choices", kept(choices)),
        ("closing members", kept(closing)),
        ("long closing members", kept(long_closing)),
    ] {
        // The payload at hand is a part of it, several times.
        assert!(most < 768 * 1024, "{name}: {most} bytes");
    }
}
