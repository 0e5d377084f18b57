#[path = "../../crates/dialects/tests/request/check.rs"]
mod check;
#[path = "../../crates/dialects/tests/request/full.rs"]
mod full;

use bedrock_stream_dialects::Dialect;
use check::check;
use full::{PDF, PNG, full, pointers};
use serde_json::{Value, json};

/// Any body is either read as a request that violates no known constraint of Bedrock's, or refused with an error
/// message.
///
/// The first byte selects the dialect, and whether the rest is the body, or pairs of bytes that change a full request:
/// the place and the change.
pub fn request(data: &[u8]) {
    let (&choice, rest) = data.split_first().unwrap_or((&0, &[]));
    let dialect = [Dialect::Chat, Dialect::Responses, Dialect::Messages][usize::from(choice & 0x3f) % 3];
    if choice & 0x40 == 0 {
        return check(dialect, rest);
    }
    let mut body = full(dialect);
    for pair in rest.chunks_exact(2).take(MAX_CHANGES) {
        change(&mut body, pair[0], pair[1]);
    }
    check(dialect, body.to_string().as_bytes());
}

/// Replaces a value, or removes it.
fn change(body: &mut Value, at: u8, value: u8) {
    let mut places = pointers(body);
    places.sort();
    let Some(pointer) = (!places.is_empty()).then(|| places.swap_remove(usize::from(at) * 7 % places.len()))
    else {
        return;
    };
    let values = [
        Value::Null,
        json!(true),
        json!(0),
        json!(1.5),
        json!(-1),
        json!(""),
        json!(" "),
        json!("none"),
        json!("user"),
        json!("assistant"),
        json!("c1"),
        json!(PDF),
        json!(format!("data:image/gif;base64,{PNG}")),
        json!([]),
        json!({}),
        json!([{"type": "text", "text": "a"}]),
        json!({"type": "function"}),
    ];
    if let Some(place) = body.pointer_mut(&pointer) {
        *place = values[usize::from(value) % values.len()].clone();
    }
}

/// The seeds: a full request in each dialect, parts of these requests, and changes to them.
pub(crate) fn request_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (choice, dialect) in (0..).zip([Dialect::Chat, Dialect::Responses, Dialect::Messages]) {
        let full = full(dialect);
        seeds.push([&[choice], full.to_string().as_bytes()].concat());
        for name in ["messages", "input", "tools", "text", "response_format", "thinking"] {
            let Some(member) = full.get(name) else { continue };
            let part = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "a"}], "input": "a", name: member});
            seeds.push([&[choice], part.to_string().as_bytes()].concat());
        }
        seeds.extend((1..5_u8).map(|step| {
            let changes = (0..6_u8).map(|index| index.wrapping_mul(step * 37).wrapping_add(step));
            [0x40 | choice].into_iter().chain(changes).collect()
        }));
    }
    seeds
}

const MAX_CHANGES: usize = 8;
