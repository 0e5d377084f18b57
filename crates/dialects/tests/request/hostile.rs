//! Bodies that nobody means well with.

use bedrock_stream_dialects::Dialect::{self, Chat, Messages, Responses};
use bedrock_stream_dialects::request::{self, Options, RequestErrorReason};
use proptest::prelude::*;
use serde_json::json;

use super::ask::{read, refused, with};
use super::check::check;
use super::full::{full, pointers};

const DIALECTS: [Dialect; 3] = [Chat, Responses, Messages];

fn is_not_json(dialect: Dialect, body: &[u8]) -> bool {
    let read = read(dialect, body, &Options::new());
    matches!(read.map_err(|error| error.reason), Err(RequestErrorReason::NotJson { .. }))
}

#[test]
fn a_body_that_is_cut_anywhere_is_no_json() {
    for dialect in DIALECTS {
        let body = full(dialect).to_string();
        assert!(read(dialect, body.as_bytes(), &Options::new()).is_ok());
        assert!(read(dialect, format!(" {body}\r\n").as_bytes(), &Options::new()).is_ok());
        for end in 0..body.len() {
            assert!(is_not_json(dialect, &body.as_bytes()[..end]), "{end}");
        }
        assert!(is_not_json(dialect, format!("{body}x").as_bytes()));
        assert!(is_not_json(dialect, format!("{body}{{}}").as_bytes()));
        assert!(is_not_json(dialect, b"\xff"));
    }
}

#[test]
fn a_body_that_is_no_object_is_told_so() {
    for dialect in DIALECTS {
        for body in ["[]", "1", "\"a\"", "null", "true"] {
            let error = read(dialect, body.as_bytes(), &Options::new()).unwrap_err();
            assert_eq!((error.field, error.reason), (None, RequestErrorReason::wrong_type("an object")));
        }
    }
}

#[test]
fn nesting_costs_no_stack() {
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    let object = "{\"a\":".repeat(200_000) + "1" + &"}".repeat(200_000);
    for dialect in DIALECTS {
        for member in
            ["messages", "input", "tools", "system", "unknown", "model", "stream", "tool_choice", "text"]
        {
            for value in [&deep, &object] {
                let body = format!(r#"{{"{member}":{value}}}"#);
                let _ = read(dialect, body.as_bytes(), &Options::new());
            }
        }
    }
    // Free JSON that is nested too deeply for those who read it.
    let schema = format!(
        r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"a"}}],"tools":[{{"name":"f","input_schema":{object}}}]}}"#
    );
    let error = request::messages(schema.as_bytes(), &Options::new()).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("tools.0.input_schema"));
    let arguments = serde_json::to_string(&object).unwrap();
    let call = format!(
        r#"{{"model":"m","input":[{{"type":"function_call","call_id":"c","name":"f","arguments":{arguments}}}]}}"#
    );
    let error = request::responses(call.as_bytes(), &Options::new()).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("input[0].arguments"));
}

#[test]
fn a_member_that_is_there_twice_is_refused() {
    let twice =
        r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a","role":"assistant"}]}"#;
    let error = request::messages(twice.as_bytes(), &Options::new()).unwrap_err();
    assert_eq!(
        (error.field.as_deref(), error.reason),
        (Some("messages.0.role"), RequestErrorReason::Repeated)
    );
    // One of them may say nothing.
    let null = r#"{"model":null,"model":"m","messages":[{"role":"user","content":"a"}]}"#;
    assert!(request::chat(null.as_bytes(), &Options::new()).is_ok());
}

#[test]
fn what_is_left_out_is_listed_up_to_a_bound() {
    let members: String = (0..5_000).map(|index| format!(r#""unknown_{index}":0,"#)).collect();
    let body = format!(r#"{{{members}"model":"m","messages":[{{"role":"user","content":"a"}}]}}"#);
    let read = request::chat(body.as_bytes(), &Options::new()).unwrap();
    assert_eq!((read.left_out.fields.len(), read.left_out.more), (100, 4_900));
    let long = format!(
        r#"{{"{}":0,"model":"m","messages":[{{"role":"user","content":"a"}}]}}"#,
        "x".repeat(100_000)
    );
    let read = request::chat(long.as_bytes(), &Options::new()).unwrap();
    assert!(read.left_out.fields[0].field.len() < 100);
}

/// A few bytes of JSON take many of memory.
#[test]
fn how_many_values_are_read_is_bounded() {
    let many = "1,".repeat(300_000) + "1";
    let list = format!(r#"{{"model":"m","messages":[{many}]}}"#);
    let error = request::chat(list.as_bytes(), &Options::new()).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("messages"));
    let members: String = (0..300_000).map(|index| format!(r#","{index}":1"#)).collect();
    let object = format!(r#"{{"model":"m"{members}}}"#);
    let error = request::chat(object.as_bytes(), &Options::new()).unwrap_err();
    assert!(error.to_string().contains("250000"), "{error}");
    let part = r#"{"type":"text","text":"a"},"#.repeat(50_000) + r#"{"type":"text","text":"a"}"#;
    let parts = format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{part}]}}]}}"#);
    assert!(request::chat(parts.as_bytes(), &Options::new()).is_ok());
    let message = format!(r#"{{"role":"user","content":[{part}]}}"#);
    let twice = format!(r#"{{"model":"m","messages":[{message},{message}]}}"#);
    let error = request::chat(twice.as_bytes(), &Options::new()).unwrap_err();
    assert!(error.field.is_some_and(|field| field.starts_with("messages[1].content[")));
}

#[test]
fn a_lone_surrogate_is_no_error() {
    let body = br#"{"model":"m","messages":[{"role":"user","content":"a\ud83d"}]}"#;
    let read = request::chat(body, &Options::new()).unwrap();
    assert!(read.request.to_json().unwrap().contains("a\u{fffd}"));
}

/// Every value of a full request, replaced by one of each other type, is read or refused by name.
#[test]
fn a_value_of_any_other_type_is_refused_by_name() {
    let values = [
        json!(true),
        json!(-1),
        json!(1.5),
        json!("a"),
        json!([]),
        json!({}),
        json!([[1]]),
        json!({"type": "a"}),
    ];
    for dialect in DIALECTS {
        let body = full(dialect);
        for pointer in pointers(&body) {
            for value in &values {
                let mut changed = body.clone();
                *changed.pointer_mut(&pointer).unwrap() = value.clone();
                if let Err(error) = read(dialect, changed.to_string().as_bytes(), &Options::new()) {
                    assert!(error.field.is_some(), "{pointer}: {error}");
                }
            }
        }
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    for value in [json!(-1), json!(4_294_967_296_u64), json!(1.5), json!("10")] {
        assert_eq!(refused(Chat, &with(Chat, json!({"max_tokens": value}))).0, "max_tokens");
    }
    for value in [json!(-0.1), json!(1.1), json!("a")] {
        assert_eq!(refused(Chat, &with(Chat, json!({"top_p": value}))).0, "top_p");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for dialect in DIALECTS {
            check(dialect, &bytes);
        }
    }

    /// A full request with a few bytes changed.
    #[test]
    fn a_damaged_request_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for dialect in DIALECTS {
            let mut body = full(dialect).to_string().into_bytes();
            for (at, byte) in &changes {
                let at = at.index(body.len());
                body[at] = *byte;
            }
            check(dialect, &body);
        }
    }
}
