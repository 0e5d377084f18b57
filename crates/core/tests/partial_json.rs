//! `PartialJson` compared with serde_json: its view is always valid JSON, and the longest possible, however the text is
//! split.
#![cfg(feature = "converse")]

use bedrock_stream_core::answer::PartialJson;
use proptest::prelude::*;
use serde_json::value::RawValue;

/// The longest prefix of `text` that can be closed, found by trying each: quadratic but simple.
fn longest(text: &str) -> Option<String> {
    for end in (1..=text.len()).rev().filter(|&end| text.is_char_boundary(end)) {
        let prefix = &text[..end];
        if is_half_pair(prefix) || prefix.ends_with([' ', '\t', '\n', '\r']) && !in_string(prefix) {
            continue;
        }
        let candidate = closed(prefix);
        if serde_json::from_str::<&RawValue>(&candidate).is_ok() {
            return Some(candidate);
        }
    }
    None
}

/// Closes the strings and containers that a naive scan finds open.
fn closed(prefix: &str) -> String {
    let (mut open, mut in_string, mut escaped) = (Vec::new(), false, false);
    for c in prefix.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => open.push('}'),
            '[' if !in_string => open.push(']'),
            '}' | ']' if !in_string => drop(open.pop()),
            _ => {}
        }
    }
    let mut text = prefix.to_owned();
    text.extend(in_string.then_some('"'));
    text.extend(open.iter().rev());
    text
}

fn in_string(prefix: &str) -> bool {
    closed(prefix)[prefix.len()..].starts_with('"')
}

/// Whether the text ends in the escape of a high surrogate that is not itself escaped.
fn is_half_pair(prefix: &str) -> bool {
    let Some(at) = prefix.len().checked_sub(6).filter(|&at| prefix.is_char_boundary(at)) else {
        return false;
    };
    let backslashes = prefix[..at].bytes().rev().take_while(|&byte| byte == b'\\').count();
    let escape = prefix[at..].to_ascii_lowercase();
    in_string(prefix) && backslashes % 2 == 0 && escape.starts_with("\\ud") && "89ab".contains(&escape[3..4])
}

fn view(text: &str) -> PartialJson {
    let mut input = PartialJson::new();
    input.push(text);
    input
}

fn check_every_prefix(text: &str) {
    let mut by_character = PartialJson::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        by_character.push(&text[at..end]);
        let whole = view(&text[..end]);
        assert_eq!(by_character.as_str(), whole.as_str(), "split differs from whole at {:?}", &text[..end]);
        assert_eq!(whole.as_str().map(str::to_owned), longest(&text[..end]), "of {:?}", &text[..end]);
    }
}

#[test]
fn every_prefix_of_real_arguments_shows_the_longest_value() {
    for text in [
        r#"{"city": "Paris", "days": 12, "when": {"from": null, "to": [true, false, -0.5e+10, 0]}, "": ""}"#,
        r#""a \"quoted\" \\ \u00e9 \ud83d\ude00 \n text""#,
        r#"["\ud83d", "\ud83dx", "\\ud83d", "é😀", [[], {}], 1.5]  "#,
        "-12.50E-3",
        " null ",
        r#"{"a":{"b":{"c":[{"d":"e"}]}}}"#,
    ] {
        check_every_prefix(text);
        assert!(view(text).is_complete(), "{text}");
        assert_eq!(view(text).as_str(), Some(text.trim_end()), "a whole value is shown as it is");
    }
}

#[test]
fn invalid_json_freezes_the_view_at_the_last_value() {
    for (text, shown) in [
        ("", None),
        ("  ", None),
        ("<html>", None),
        (r#"{"a": 1, b"#, Some(r#"{"a": 1}"#)),
        (r#"{"a": 1}}"#, Some(r#"{"a": 1}"#)),
        (r#"{"a": 01"#, Some(r#"{"a": 0}"#)),
        ("[1,]", Some("[1]")),
        ("\"tab\there", Some("\"tab\"")),
        (r#""\x"#, Some("\"\"")),
        (r#"["a\x"#, Some(r#"["a"]"#)),
    ] {
        let mut input = view(text);
        assert_eq!(input.as_str(), shown, "{text:?}");
        input.push("\"]}, true");
        if !text.trim().is_empty() {
            assert_eq!(input.as_str(), shown, "{text:?} and more");
        }
    }
}

#[test]
fn nesting_too_deep_for_serde_json_is_not_shown() {
    let input = view(&"[".repeat(100_000));
    let shown = input.as_str().unwrap();
    assert_eq!(shown.len(), 2 * 127);
    assert!(input.parse::<serde_json::Value>().unwrap().is_ok());
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
        "[\"\\\\\u{1}-\u{1f}é😀]{0,6}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((".{0,6}", inner), 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_prefix_of_any_json_shows_the_longest_value(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        check_every_prefix(&text.unwrap());
    }

    #[test]
    fn any_text_in_any_split_shows_json_or_nothing(pieces in prop::collection::vec("[\\[\\]{}:,\"\\\\truefalsn0-9.eE+ \\-udD8é]{0,6}", 0..12)) {
        let mut input = PartialJson::new();
        for piece in &pieces {
            input.push(piece);
            if let Some(shown) = input.as_str() {
                prop_assert!(serde_json::from_str::<&RawValue>(shown).is_ok(), "{shown:?} of {pieces:?}");
            }
        }
        let whole = view(&pieces.concat());
        prop_assert_eq!(input.as_str(), whole.as_str());
        prop_assert_eq!(input.is_complete(), serde_json::from_str::<&RawValue>(&pieces.concat()).is_ok());
    }
}
