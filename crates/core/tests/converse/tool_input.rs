//! The finished arguments of a tool call (C9).

use bedrock_stream_core::answer::{Chunk, ResponseBuilder};
use bedrock_stream_core::content::ToolInput;
use bedrock_stream_core::converse::Chunker;
use bedrock_stream_core::json::Json;

use super::steps::{check, steps};
use super::wire::{STOP, USAGE, decode, stream};

#[test]
fn c9_tool_input_is_json_in_its_exact_text() {
    let input = r#"{"z": 1.0e5, "a": null, "n": 123456789012345678901234567890.0}"#;
    let json = Json::from_text(input).unwrap();
    assert_eq!(tool_input(&[input], true), (ToolInput::Json(json.clone()), input.to_owned()));
    // The block's stop may be missing; valid JSON is accepted anyway.
    assert_eq!(tool_input(&[input], false), (ToolInput::Json(json.clone()), input.to_owned()));
    let pieces: Vec<String> = input.chars().map(String::from).collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    assert_eq!(tool_input(&pieces, true).0, ToolInput::Json(json));
}

#[test]
fn c9_tool_input_that_never_arrived_is_empty_if_the_call_was_finished() {
    let cut = (ToolInput::truncated(String::new()), "\"\"".to_owned());
    for pieces in [&[][..], &[""], &["", ""]] {
        assert_eq!(tool_input(pieces, true), (ToolInput::Empty, "{}".to_owned()));
        assert_eq!(tool_input(pieces, false), cut);
    }
}

#[test]
fn c9_a_message_that_stops_with_tool_use_finishes_calls_without_arguments() {
    for (reason, input) in [("tool_use", "{}"), ("max_tokens", "\"\",\"input_error\":\"truncated\"")] {
        check(
            &format!(
                r#"contentBlockStart {{"contentBlockIndex":0,"start":{{"toolUse":{{"toolUseId":"a","name":"f"}}}}}}
                messageStop {{"stopReason":"{reason}"}}"#
            ),
            &format!(
                r#"{{"type":"tool_call_start","block":0,"id":"a","name":"f"}}
                {{"type":"tool_call_end","block":0,"id":"a","name":"f","input":{input}}}
                {{"type":"done","stop_reason":"{reason}","skipped_events":0}}"#
            ),
        );
    }
}

#[test]
fn c9_unusable_input_cannot_be_parsed() {
    // The remains of damaged arguments may still be JSON, and mean something else.
    let text = || "[1]".to_owned();
    for input in [ToolInput::malformed(text()), ToolInput::truncated(text())] {
        let error = input.parse::<Vec<u8>>().unwrap_err().to_string();
        assert!(error.starts_with("the arguments are "), "{error}");
    }
    assert_eq!(ToolInput::Json(Json::from_text("[1]").unwrap()).parse::<Vec<u8>>().unwrap(), [1]);
}

#[test]
fn c9_usable_input_can_be_parsed_however_deeply_it_is_nested() {
    for (depth, is_usable) in
        [(127, true), (128, true), (200, true), (256, true), (257, false), (100_000, false)]
    {
        let text = format!("{}\"[\\\"[\"{}", "[".repeat(depth), "]".repeat(depth));
        let (input, _) = tool_input(&[&text], true);
        assert_eq!((input.is_usable(), input.as_str()), (is_usable, &*text), "{depth}");
        assert_eq!(input.parse::<serde_json::Value>().is_ok(), is_usable, "{depth}");
        let input = ToolInput::Json(Json::from_text(&text).unwrap());
        assert_eq!(input.is_usable(), is_usable, "{depth}");
        assert_eq!(input.parse::<serde_json::Value>().is_ok(), is_usable, "{depth}");
    }
    let wide = format!("[{}]", vec!["[[]]"; 500].join(","));
    assert!(ToolInput::Json(Json::from_text(&wide).unwrap()).is_usable(), "what is wide is not deep");
}

#[test]
fn c9_a_call_that_may_have_lost_a_piece_is_never_usable() {
    // Two deltas that must be skipped: one names no block while two are open, one is not a valid event.
    check(
        r#"contentBlockStart {"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":"[1"}}}
        contentBlockDelta {"contentBlockIndex":1,"delta":{"text":"b"}}
        contentBlockDelta {"delta":{"toolUse":{"input":",2"}}}
        contentBlockDelta {"contentBlockIndex":0,"delta":{"toolUse":{"input":",3]"}}}
        contentBlockStop {"contentBlockIndex":0}
        messageStop {"stopReason":"tool_use"}"#,
        r#"{"type":"tool_call_start","block":0,"id":"a","name":"f"}
        {"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"[1"}
        {"type":"text","block":1,"text":"b"}
        skipped contentBlockDelta: MissingIndex { open: 2 }
        {"type":"tool_call_delta","block":0,"id":"a","arguments_delta":",3]"}
        {"type":"tool_call_end","block":0,"id":"a","name":"f","input":"[1,3]","input_error":"malformed"}
        {"type":"block_end","block":1}
        {"type":"done","stop_reason":"tool_use","skipped_events":1}"#,
    );
    let mut chunker = Chunker::new();
    let start =
        r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f"}}}}"#;
    chunker.apply(serde_json::from_str(start).unwrap()).unwrap();
    chunker.skip(&decode("contentBlockDelta", "broken").unwrap_err());
    chunker.apply(serde_json::from_str(r#"{"contentBlockStop":{"contentBlockIndex":0}}"#).unwrap()).unwrap();
    let end = std::iter::from_fn(|| chunker.next_chunk()).last().unwrap();
    let Chunk::ToolCallEnd { input, .. } = end else { panic!("{end:?}") };
    assert_eq!(input, ToolInput::malformed(String::new()));
}

#[test]
fn c9_tool_input_that_is_not_json_is_malformed_or_truncated_and_never_empty() {
    for text in
        ["{\"a\": 1", "{\"a\" 1}", "{} {}", "<xml/>", " ", "\u{0}", "{\"a\":\"\n\"}", "NaN", "{'a':1}"]
    {
        let quoted = serde_json::to_string(text).unwrap();
        let text = text.to_owned();
        assert_eq!(tool_input(&[&text], true), (ToolInput::malformed(text.clone()), quoted.clone()));
        assert_eq!(tool_input(&[&text], false), (ToolInput::truncated(text.clone()), quoted));
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

#[test]
fn c9_the_free_text_of_a_custom_tool_is_usable() {
    let input = ToolInput::text("*** Begin \"Patch\"");
    assert!(input.is_usable());
    assert_eq!(input.as_str(), "*** Begin \"Patch\"");
    assert_eq!(input.parse::<String>().unwrap(), "*** Begin \"Patch\"");
    assert!(input.parse::<Vec<u8>>().is_err());
    let chunk = Chunk::tool_call_end(1, "t", "apply_patch", input.clone());
    assert_eq!(
        serde_json::to_string(&chunk).unwrap(),
        r#"{"type":"tool_call_end","block":1,"id":"t","name":"apply_patch","input":"*** Begin \"Patch\""}"#
    );
    let mut response = ResponseBuilder::new();
    response.push(&Chunk::tool_call_start(1, "t", "apply_patch", Some("custom_tool_call".to_owned())));
    response.push(&chunk);
    let message = response.into_partial().into_message().unwrap();
    let json = serde_json::to_value(&message).unwrap();
    assert_eq!(json["content"][0]["toolUse"]["input"], serde_json::json!("*** Begin \"Patch\""));
    // Unusable input is recognizable, although its JSON is a string too.
    for (input, error) in [(ToolInput::malformed("{"), "malformed"), (ToolInput::truncated("{"), "truncated")]
    {
        let json = serde_json::to_value(Chunk::tool_call_end(1, "t", "f", input)).unwrap();
        assert_eq!((&json["input"], &json["input_error"]), (&"{".into(), &error.into()));
    }
}

/// The finished input of a tool call whose arguments arrive in these pieces, and its JSON.
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
    let [.., Ok(Chunk::ToolCallEnd { input, .. }), Ok(Chunk::Stop { .. }), Ok(Chunk::Done(done))] =
        &steps[..]
    else {
        panic!("{steps:?}")
    };
    assert_eq!(done.skipped_events, 0);
    (input.clone(), serde_json::to_string(input).unwrap())
}

#[test]
fn c9_a_custom_tools_input_is_free_text_even_if_it_is_json() {
    // Without the block's stop nothing says that it is all there, whatever the message stopped with.
    for (is_stopped, reason, end) in [
        (true, "max_tokens", ""),
        (false, "max_tokens", r#","input_error":"truncated""#),
        (false, "tool_use", r#","input_error":"truncated""#),
    ] {
        let stop = if is_stopped { r#"contentBlockStop {"contentBlockIndex":0}"# } else { "" };
        check(
            &format!(
                r#"contentBlockStart {{"contentBlockIndex":0,"start":{{"toolUse":{{"toolUseId":"a","name":"f","type":"custom_tool_call"}}}}}}
                contentBlockDelta {{"contentBlockIndex":0,"delta":{{"toolUse":{{"input":"1"}}}}}}
                {stop}
                messageStop {{"stopReason":"{reason}"}}"#
            ),
            &format!(
                r#"{{"type":"tool_call_start","block":0,"id":"a","name":"f","kind":"custom_tool_call"}}
                {{"type":"tool_call_delta","block":0,"id":"a","arguments_delta":"1"}}
                {{"type":"tool_call_end","block":0,"id":"a","name":"f","input":"1"{end}}}
                {{"type":"done","stop_reason":"{reason}","skipped_events":0}}"#
            ),
        );
    }
}
