//! Strategies for text, and for JSON with any formatting.

use bedrock_stream_core::json::Json;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn text() -> BoxedStrategy<String> {
    let c = prop_oneof![4 => prop::char::range(' ', '~'), 2 => select(vec!['"', '\\', '/', '\n', '\0', '\u{7f}', '\u{2028}', '😀']), 1 => any::<char>()];
    vec(c, 0..8).prop_map(String::from_iter).boxed()
}

pub(crate) fn value() -> BoxedStrategy<Json> {
    json().prop_filter("it is not null", |json| json.as_str() != "null").boxed()
}

pub(crate) fn json() -> BoxedStrategy<Json> {
    json_text().prop_map(|text| Json::from_text(&text).unwrap()).boxed()
}

fn json_text() -> BoxedStrategy<String> {
    let number = select(vec![
        "0",
        "-0",
        "1",
        "1.0",
        "1.0e5",
        "1E+2",
        "0.10",
        "-1e-7",
        "1e400",
        "123456789012345678901234567890",
        "28.0",
    ]);
    let string = prop_oneof![
        text().prop_map(|text| serde_json::to_string(&text).unwrap()),
        select(vec![r#""\u0041""#, r#""\/""#, r#""\ud83d""#, r#""\ud83d\ude00""#, r#""p""#, r#""\b\f""#])
            .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        select(vec!["null", "true", "false"]).prop_map(str::to_owned),
        number.prop_map(str::to_owned),
        string.clone(),
    ];
    let space = || select(vec!["", "", "", " ", "\n\t"]);
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let list = (vec(inner.clone(), 0..3), space())
            .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},"))));
        // Names may be repeated, and are in any order.
        let key = select(vec!["\"z\"", "\"a\"", "\"a\"", "\"\\u0061\"", "\"type\"", "\"\""]);
        let object = (vec((key, inner), 0..3), space()).prop_map(|(members, space)| {
            let members: Vec<String> =
                members.into_iter().map(|(name, value)| format!("{name}{space}:{space}{value}")).collect();
            format!("{{{space}{}{space}}}", members.join(","))
        });
        prop_oneof![list, object]
    })
    .boxed()
}
