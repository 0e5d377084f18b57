//! An encoded answer decodes to the same chunks, and an incomplete one never looks complete.

use bedrock_stream_core::answer::Chunk;
use proptest::prelude::*;

use super::answers::answer;
use super::check::{check_answer, check_any_order, check_cut};
use super::told;
use super::wire::{DIALECTS, encode, encoder, whole_and_left_out};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_whole_answer_is_decoded_as_it_was(data in proptest::collection::vec(any::<u8>(), 0..120)) {
        check_answer(&answer(&data));
    }

    #[test]
    fn an_answer_that_ends_anywhere_is_an_error(
        data in proptest::collection::vec(any::<u8>(), 0..60),
        at in any::<prop::sample::Index>(),
    ) {
        let made = answer(&data);
        check_cut(&made, at.index(made.chunks.len()));
    }

    #[test]
    fn chunks_in_any_order_are_written(
        data in proptest::collection::vec(any::<u8>(), 0..60),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let made = answer(&data);
        let chunks: Vec<_> = order.iter().map(|at| at.get(&made.chunks).clone()).collect();
        check_any_order(&chunks);
    }

    /// The events one by one are those of the bytes; and an answer as one object has the same end as its stream.
    #[test]
    fn every_form_says_the_same(data in proptest::collection::vec(any::<u8>(), 0..80)) {
        let made = answer(&data);
        for dialect in DIALECTS {
            let mut encoder = encoder(dialect);
            let mut rebuilt = String::new();
            for chunk in &made.chunks {
                for event in encoder.events(chunk) {
                    if let Some(name) = event.name {
                        rebuilt.push_str(&format!("event: {name}\n"));
                    }
                    rebuilt.push_str(&format!("data: {}\n\n", event.data));
                }
            }
            prop_assert_eq!(&rebuilt, &encode(dialect, &made.chunks));
            let has_cut_call = made.chunks.iter().any(|chunk| {
                matches!(chunk, Chunk::ToolCallEnd { input, .. } if !input.is_usable())
            });
            let (whole, left_out) = whole_and_left_out(dialect, &made.chunks);
            match whole {
                Ok(json) => {
                    // The same as the stream.
                    prop_assert_eq!(&left_out, encoder.left_out());
                    prop_assert!(made.is_whole);
                    check_whole(dialect.as_str(), &json, &rebuilt, &told::expected(dialect, &made.chunks));
                }
                Err(_) => prop_assert!(!made.is_whole || (has_cut_call && dialect.as_str() == "messages")),
            }
        }
    }
}

/// Compares an answer as one object with its stream and with what it must tell.
fn check_whole(dialect: &str, json: &serde_json::Value, stream: &str, told: &told::Told) {
    let join = |list: &serde_json::Value, pointer: &str| -> String {
        let items = list.as_array().into_iter().flatten();
        items.filter_map(|item| item.pointer(pointer)?.as_str()).collect()
    };
    let (text, calls, ending) = match dialect {
        "chat" => {
            let message = &json["choices"][0]["message"];
            let calls: Vec<String> = message["tool_calls"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|call| {
                    let arguments = call.pointer("/function/arguments").or(call.pointer("/custom/input"));
                    arguments.unwrap().as_str().unwrap().to_owned()
                })
                .collect();
            let finish = json["choices"][0]["finish_reason"].as_str().unwrap();
            assert!(stream.contains(&format!("\"finish_reason\":\"{finish}\"")));
            let text = message["content"].as_str().unwrap_or_default().to_owned();
            (text, calls, json["usage"].clone())
        }
        "responses" => {
            let output = json["output"].as_array().unwrap();
            let text = output.iter().map(|item| join(&item["content"], "/text")).collect();
            let calls = output
                .iter()
                .filter_map(|item| {
                    let arguments = item.get("arguments").or(item.get("input"))?;
                    Some(arguments.as_str().unwrap().to_owned())
                })
                .collect();
            // The last event holds the very same object.
            let last = stream.trim_end().rsplit_once("\ndata: ").unwrap().1;
            assert_eq!(serde_json::from_str::<serde_json::Value>(last).unwrap()["response"], *json);
            (text, calls, json["usage"].clone())
        }
        _ => {
            let calls = json["content"].as_array().unwrap().iter();
            let calls = calls.filter_map(|block| Some(block.get("input")?.to_string())).collect();
            assert!(stream.contains(&format!("\"stop_reason\":{}", json["stop_reason"])));
            (join(&json["content"], "/text"), calls, json["usage"].clone())
        }
    };
    assert_eq!(text, told.text, "{json}");
    let compact = |text: &str| -> String {
        serde_json::from_str::<serde_json::Value>(text)
            .map_or_else(|_| text.to_owned(), |json| json.to_string())
    };
    let expected: Vec<String> = told.calls.iter().map(|call| compact(&call.arguments)).collect();
    assert_eq!(calls.iter().map(|call| compact(call)).collect::<Vec<_>>(), expected, "{json}");
    let usage = told.end.as_ref().unwrap().usage;
    let output = ending.get("completion_tokens").or(ending.get("output_tokens"));
    assert_eq!(output.and_then(serde_json::Value::as_u64), usage.map(|usage| usage[1]), "{json}");
}
