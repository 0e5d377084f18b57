//! The JSON form of events, in both directions (C2).

use bedrock_stream_core::converse::Event;
use proptest::prelude::*;

use super::free_json::json;
use super::model::printable_event;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn c2_printed_events_can_be_read(event in printable_event()) {
        let text = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), &event);
        // And from a reader, from which nothing can be borrowed.
        prop_assert_eq!(&serde_json::from_reader::<_, Event>(text.as_bytes()).unwrap(), &event);
        // And with white space, wherever JSON allows it.
        let spaced = format!(" {text}\n");
        prop_assert_eq!(&serde_json::from_str::<Event>(&spaced).unwrap(), &event);
    }

    #[test]
    fn c2_free_form_json_keeps_its_text(json in json()) {
        let text = serde_json::to_string(&json).unwrap();
        prop_assert_eq!(&text, json.as_str());
        prop_assert_eq!(serde_json::from_str::<bedrock_stream_core::json::Json>(&text).unwrap(), json);
    }
}

#[test]
fn c2_an_event_can_also_be_read_from_a_value() {
    for text in [
        r#"{"messageStart":{"role":"assistant"}}"#,
        r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}}}"#,
        r#"{"metadata":{"usage":{"inputTokens":1},"x":[1]}}"#,
        r#"{"later":[1,"a"]}"#,
    ] {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let event: Event = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(event, serde_json::from_str(text).unwrap());
        assert_eq!(serde_json::to_value(&event).unwrap(), value);
    }
}

#[test]
fn c2_padding_in_the_json_of_an_event_is_skipped() {
    let with = r#"{"messageStart":{"role":"assistant","p":"abc"}}"#;
    let without = r#"{"messageStart":{"role":"assistant"}}"#;
    assert_eq!(serde_json::from_str::<Event>(with).unwrap(), serde_json::from_str::<Event>(without).unwrap());
}

#[test]
fn c2_anything_but_an_event_is_an_error() {
    for text in
        ["{}", "[]", "null", "1", "{\"a\":1,\"b\":2}", "{\"messageStart\":1}", "{\"messageStart\":", "\"x\""]
    {
        assert!(serde_json::from_str::<Event>(text).is_err(), "{text}");
    }
}
