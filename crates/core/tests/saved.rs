//! Requests and responses as members of a program's own types, of which serde hands over values and no text.

use bedrock_stream_core::answer::Response;
use bedrock_stream_core::content::{ContentBlock, Message, ToolResultBlock, ToolUseBlock};
use bedrock_stream_core::converse::{Request, ToolSpec};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat<T> {
    id: u32,
    #[serde(flatten)]
    value: T,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tagged<T> {
    Turn(T),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged<T> {
    Number(u32),
    Turn(T),
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// All forms in which a value may be saved, read again.
fn check<T: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned>(value: &T) {
    let plain = serde_json::to_string(value).unwrap();
    assert_eq!(&read::<T>(&plain), value);
    assert_eq!(&serde_json::from_value::<T>(read(&plain)).unwrap(), value);
    let flat = Flat { id: 7, value: value.clone() };
    assert_eq!(read::<Flat<T>>(&serde_json::to_string(&flat).unwrap()), flat);
    let tagged = Tagged::Turn(value.clone());
    assert_eq!(read::<Tagged<T>>(&serde_json::to_string(&tagged).unwrap()), tagged);
    let untagged = Untagged::Turn(value.clone());
    assert_eq!(read::<Untagged<T>>(&serde_json::to_string(&untagged).unwrap()), untagged);
}

fn message() -> Message {
    let mut message = Message::assistant("Łódź \u{1f422} \"quoted\"");
    let thought = json!({"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}});
    message.content.push(serde_json::from_value::<ContentBlock>(thought).unwrap());
    message.content.push(
        ToolUseBlock::new("t1", "weather", json!({"n": 12_345_678_901_u64, "deep": [{"a": null}]})).into(),
    );
    message
}

#[test]
fn what_is_saved_in_any_type_is_read_again() {
    check(&message());
    let results = Message::tool_results([ToolResultBlock::new("t1", "fine")]);
    let tool = ToolSpec::new("weather", json!({"type": "object", "properties": {"n": {"minimum": -1.5}}}));
    check(&Request::new().system("Be brief.").user("Hi").tool(tool).message(message()).message(results));
    let response: Response = serde_json::from_value(json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}, {"new": {"a": [1, 2.5]}}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 1, "outputTokens": 28.0, "totalTokens": 29},
        "another": {"b": true},
    }))
    .unwrap();
    check(&response);
}

/// Parsed from text, it stays as it was sent.
#[test]
fn only_what_is_handed_over_as_a_value_is_written_anew() {
    let text = r#"{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"n","input":{"price": 1.10}}}]}"#;
    assert_eq!(serde_json::to_string(&read::<Message>(text)).unwrap(), text);
    let flat: Flat<Message> = read(&text.replacen('{', "{\"id\":1,", 1));
    let input = serde_json::to_value(&flat.value.content[0]).unwrap()["toolUse"]["input"].clone();
    assert_eq!(input, json!({"price": 1.1}));
    let error =
        serde_json::from_str::<Tagged<Message>>(r#"{"type":"turn","role":7,"content":[]}"#).unwrap_err();
    assert!(error.to_string().contains("expected a string, found 7"), "{error}");
    assert!(serde_json::from_str::<Flat<Value>>("{\"id\":1,").is_err());
}
