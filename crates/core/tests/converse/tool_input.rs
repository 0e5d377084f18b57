//! The finished arguments of a tool call: C9.

use bedrock_stream_core::converse::{Chunk, Json, ToolInput};

use super::steps::steps;
use super::wire::{STOP, USAGE, stream};

#[test]
fn c9_tool_input_is_json_in_its_exact_text() {
    let input = r#"{"z": 1.0e5, "a": null, "n": 123456789012345678901234567890.0}"#;
    let json = Json::from_text(input).unwrap();
    assert_eq!(tool_input(&[input], true), (ToolInput::Json(json.clone()), input.to_owned()));
    // Its stop may be missing; JSON is JSON.
    assert_eq!(tool_input(&[input], false), (ToolInput::Json(json.clone()), input.to_owned()));
    let pieces: Vec<String> = input.chars().map(String::from).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    assert_eq!(tool_input(&pieces, true).0, ToolInput::Json(json));
}

#[test]
fn c9_tool_input_that_never_came_is_empty() {
    for pieces in [&[][..], &[""], &["", ""]] {
        for stopped in [true, false] {
            assert_eq!(tool_input(pieces, stopped), (ToolInput::Empty, "{}".to_owned()));
        }
    }
}

#[test]
fn c9_tool_input_that_is_no_json_is_malformed_or_truncated_and_never_empty() {
    for text in
        ["{\"a\": 1", "{\"a\" 1}", "{} {}", "<xml/>", " ", "\u{0}", "{\"a\":\"\n\"}", "NaN", "{'a':1}"]
    {
        let quoted = serde_json::to_string(text).unwrap();
        let text = text.to_owned();
        assert_eq!(tool_input(&[&text], true), (ToolInput::Malformed { text: text.clone() }, quoted.clone()));
        assert_eq!(tool_input(&[&text], false), (ToolInput::Truncated { text: text.clone() }, quoted));
        assert!(!tool_input(&[&text], true).0.is_usable());
        assert!(tool_input(&[&text], true).0.parse::<serde_json::Value>().is_err());
    }
}

#[test]
fn c9_tool_input_has_a_typed_accessor() {
    #[derive(Debug, PartialEq)]
    struct City(String);
    let (input, _) = tool_input(&["{\"city\":", "\"Paris\"}"], true);
    let value: serde_json::Value = input.parse().unwrap();
    assert_eq!(City(value["city"].as_str().unwrap().to_owned()), City("Paris".to_owned()));
    assert!(input.parse::<Vec<u8>>().is_err());
    assert_eq!(ToolInput::Empty.parse::<serde_json::Value>().unwrap(), serde_json::json!({}));
}

/// The finished input of a tool call whose arguments come in these pieces, and its JSON.
fn tool_input(pieces: &[&str], stopped: bool) -> (ToolInput, String) {
    let mut script =
        "contentBlockStart {\"contentBlockIndex\":0,\"start\":{\"toolUse\":{\"toolUseId\":\"a\",\"name\":\"f\"}}}\n"
            .to_owned();
    for piece in pieces {
        let piece = serde_json::to_string(piece).unwrap();
        script += "contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"toolUse\":{\"input\":";
        script += &format!("{piece}}}}}}}\n");
    }
    if stopped {
        script += "contentBlockStop {\"contentBlockIndex\":0}\n";
    }
    let steps = steps(&stream(&(script + STOP + USAGE)));
    let [.., Ok(Chunk::ToolCallEnd { input, .. }), Ok(Chunk::Done(done))] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!(done.skipped_events, 0);
    (input.clone(), serde_json::to_string(input).unwrap())
}
