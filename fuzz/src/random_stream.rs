//! Streams that Bedrock might send, with and without errors.

use arbitrary::{Result, Unstructured};
use bedrock_stream_core::frame::{Header, Value, encode};

use crate::random_json::{block_delta, block_start, chance, object, pick, quoted, unknown_value};

/// A stream's bytes, derived from the fuzzer's: events of a few blocks in a valid order, some of which are then
/// corrupted.
pub(crate) fn random_stream(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut messages = answer(u)?;
    for _ in 0..u.int_in_range(0..=4)? {
        corrupt(u, &mut messages)?;
    }
    let mut bytes = Vec::new();
    for message in &messages {
        message.encode(&mut bytes);
    }
    match u.int_in_range(0..=15)? {
        0 => bytes.truncate(u.int_in_range(0..=bytes.len())?),
        1 => bytes.truncate(bytes.len().saturating_sub(u.int_in_range(1..=40)?)),
        2 if !bytes.is_empty() => {
            let at = u.choose_index(bytes.len())?;
            bytes[at] ^= 1 << u.int_in_range(0..=7)?;
        }
        3 => bytes.extend_from_slice(u.bytes(u.len().min(20))?),
        _ => {}
    }
    Ok(bytes)
}

/// A message before it is encoded.
#[derive(Clone)]
struct Draft {
    headers: Vec<(&'static str, HeaderValue)>,
    /// The members of the payload; values are JSON.
    members: Vec<(String, String)>,
    /// Replaces the members.
    payload: Option<Vec<u8>>,
    /// Whether there are spaces between the members.
    spaced: bool,
}

#[derive(Clone, PartialEq)]
enum HeaderValue {
    Text(&'static str),
    Number(i32),
}

impl Draft {
    fn event(name: &'static str, members: Vec<(String, String)>) -> Self {
        let headers =
            [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
        Self::new(&headers, members)
    }

    fn new(headers: &[(&'static str, &'static str)], members: Vec<(String, String)>) -> Self {
        let headers = headers.iter().map(|(name, value)| (*name, HeaderValue::Text(value))).collect();
        Self { headers, members, payload: None, spaced: false }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let headers = self.headers.iter().map(|(name, value)| match value {
            HeaderValue::Text(text) => Header::string(name, text),
            HeaderValue::Number(number) => Header::new(name, Value::Integer(*number)),
        });
        let headers: Vec<_> = headers.collect();
        let json = object(&self.members, self.spaced);
        let payload = self.payload.as_deref().unwrap_or(json.as_bytes());
        encode(&headers, payload, bytes).expect("the lengths are within the limits");
    }
}

fn member(name: &str, value: impl Into<String>) -> (String, String) {
    (name.into(), value.into())
}

/// A valid answer.
fn answer(u: &mut Unstructured<'_>) -> Result<Vec<Draft>> {
    let mut messages = Vec::new();
    if !chance(u, 10)? {
        messages.push(message_start(u)?);
    }
    let mut last = 0;
    for index in 0..u.int_in_range(0..=3)? {
        let begin = messages.len();
        let mut kind = u.int_in_range(0..=9)?;
        if let 4..=8 = kind {
            // Tool calls have the most rules.
            kind = 1;
        }
        if matches!(kind, 1..=3) {
            messages.push(start(u, Some(index), kind, false)?);
        }
        for _ in 0..u.int_in_range(0..=4)? {
            messages.push(delta(u, Some(index), kind)?);
        }
        if !chance(u, 10)? {
            messages.push(stop(Some(index)));
        }
        // Alternates between this block and the previous one.
        if index > 0 && chance(u, 4)? {
            let block = messages.split_off(begin);
            let mut at = last + 1;
            for message in block {
                messages.insert(at.min(messages.len()), message);
                at += 2;
            }
        }
        last = begin;
    }
    if !chance(u, 12)? {
        messages.push(message_stop(u)?);
    }
    if !chance(u, 8)? {
        messages.push(metadata(u)?);
    }
    if chance(u, 16)? {
        messages.push(metadata(u)?);
    }
    Ok(messages)
}

fn message_start(u: &mut Unstructured<'_>) -> Result<Draft> {
    let role = pick(u, &[r#""assistant""#, r#""assistant""#, r#""user""#, r#""narrator""#, "null"])?;
    let members =
        if chance(u, 12)? { Vec::new() } else { vec![member("role", role), member("p", r#""abc""#)] };
    Ok(Draft::event("messageStart", members))
}

fn with_index(index: Option<u32>, value: (String, String)) -> Vec<(String, String)> {
    let mut members: Vec<_> =
        index.map(|index| member("contentBlockIndex", index.to_string())).into_iter().collect();
    members.push(value);
    members
}

/// A start of kind 1 (tool call), 2 (tool result), 3 (image), or another; possibly `incomplete`.
fn start(u: &mut Unstructured<'_>, index: Option<u32>, kind: u8, incomplete: bool) -> Result<Draft> {
    let start = block_start(u, kind, incomplete)?;
    Ok(Draft::event("contentBlockStart", with_index(index, member("start", start))))
}

/// A delta that belongs to a block of this kind.
fn delta(u: &mut Unstructured<'_>, index: Option<u32>, kind: u8) -> Result<Draft> {
    let mut members = with_index(index, member("delta", block_delta(u, kind)?));
    if u.arbitrary()? {
        members.push(member("p", r#""abcdefgh""#));
    }
    Ok(Draft::event("contentBlockDelta", members))
}

fn stop(index: Option<u32>) -> Draft {
    Draft::event("contentBlockStop", with_index(index, member("p", r#""ab""#)))
}

fn message_stop(u: &mut Unstructured<'_>) -> Result<Draft> {
    let mut members = Vec::new();
    if !chance(u, 10)? {
        let reason =
            pick(u, &[r#""end_turn""#, r#""tool_use""#, r#""max_tokens""#, r#""bored""#, r#""""#, "null"])?;
        members.push(member("stopReason", reason));
    }
    if chance(u, 6)? {
        members.push(member("additionalModelResponseFields", unknown_value(u)?));
    }
    Ok(Draft::event("messageStop", members))
}

fn metadata(u: &mut Unstructured<'_>) -> Result<Draft> {
    let mut members = Vec::new();
    if !chance(u, 5)? {
        let usage = [
            r#"{"inputTokens":1,"outputTokens":28.0,"totalTokens":29,"serverToolUsage":{}}"#,
            r#"{"inputTokens":10,"outputTokens":20,"totalTokens":30}"#,
            r#"{"inputTokens":0}"#,
            r#"{"cacheReadInputTokens":7,"cacheDetails":[{"ttl":"1h","inputTokens":2},{"ttl":"9d"}]}"#,
            "{}",
            r#"{"serverToolUsage":{"a":1.50}}"#,
            r#"{"inputTokens":null}"#,
            "null",
        ];
        members.push(member("usage", pick(u, &usage)?));
    }
    let others = [
        ("metrics", r#"{"latencyMs":5}"#),
        ("metrics", r#"{"latencyMs":6.0,"new":[]}"#),
        (
            "trace",
            r#"{"promptRouter":{"invokedModelId":"m"},"guardrail":{"inputAssessment":{"g":{"a": 1.0}}}}"#,
        ),
        ("performanceConfig", r#"{"latency":"optimized"}"#),
        ("serviceTier", r#"{"type":"flex"}"#),
        ("somethingElse", r#"{"n":1.0}"#),
        ("somethingElse", "2"),
    ];
    for (name, value) in others {
        if chance(u, 5)? {
            members.push(member(name, value));
        }
    }
    Ok(Draft::event("metadata", members))
}

fn exception(u: &mut Unstructured<'_>) -> Result<Draft> {
    const NAMES: [&str; 3] = ["throttlingException", "modelStreamErrorException", "unheardOfException"];
    let name = *u.choose(&NAMES)?;
    let headers =
        [(":exception-type", name), (":content-type", "application/json"), (":message-type", "exception")];
    let mut members = vec![member("message", quoted(u)?)];
    if u.arbitrary()? {
        members.push(member("originalStatusCode", pick(u, &["424", "503.0", "null"])?));
        members.push(member("originalMessage", quoted(u)?));
    }
    let mut draft = Draft::new(&headers, members);
    if chance(u, 6)? {
        draft.payload = Some(pick(u, &["", "[]", "so sorry"])?.into());
    }
    Ok(draft)
}

fn error(u: &mut Unstructured<'_>) -> Result<Draft> {
    let headers = [(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "m")];
    let mut draft = Draft::new(&headers[..u.int_in_range(1..=3)?], Vec::new());
    draft.payload = Some(Vec::new());
    Ok(draft)
}

/// Introduces one violation.
fn corrupt(u: &mut Unstructured<'_>, messages: &mut Vec<Draft>) -> Result<()> {
    let index = if chance(u, 3)? { None } else { Some(u.int_in_range(0..=3)?) };
    let kind = u.int_in_range(0..=9)?;
    let new = match u.int_in_range(0..=27)? {
        0 | 1 => Some(delta(u, index, kind)?),
        2 | 3 => Some(delta(u, index, 1)?),
        4 | 5 => Some(start(u, index, 1, false)?),
        6 => Some(start(u, index, 1, true)?),
        7 => Some(start(u, index, kind, true)?),
        8 | 9 => Some(stop(index)),
        10 => Some(message_stop(u)?),
        11 => Some(metadata(u)?),
        12 => Some(message_start(u)?),
        13 => Some(exception(u)?),
        14 => Some(error(u)?),
        15 => {
            let mut draft = Draft::event("somethingNew", vec![member("a", unknown_value(u)?)]);
            if chance(u, 4)? {
                draft.payload = Some(Vec::new());
            }
            Some(draft)
        }
        _ => None,
    };
    if let Some(new) = new {
        let at = u.int_in_range(0..=messages.len())?;
        messages.insert(at, new);
        return Ok(());
    }
    if messages.is_empty() {
        return Ok(());
    }
    let at = u.choose_index(messages.len())?;
    match u.int_in_range(0..=4)? {
        0 => {
            messages.remove(at);
        }
        1 => {
            let again = messages[at].clone();
            messages.insert(u.int_in_range(at..=messages.len())?, again);
        }
        2 => {
            let moved = messages.remove(at);
            messages.insert(u.int_in_range(0..=messages.len())?, moved);
        }
        3 => corrupt_headers(u, &mut messages[at].headers)?,
        _ => corrupt_payload(u, &mut messages[at])?,
    }
    Ok(())
}

fn corrupt_headers(u: &mut Unstructured<'_>, headers: &mut Vec<(&'static str, HeaderValue)>) -> Result<()> {
    let at =
        if u.arbitrary()? { headers.iter().position(|(name, _)| *name == ":message-type") } else { None };
    let at = match at {
        Some(at) => at,
        None if headers.is_empty() => return Ok(()),
        None => u.choose_index(headers.len())?,
    };
    match u.int_in_range(0..=7)? {
        0..=2 => {
            headers.remove(at);
        }
        3 => headers.push(headers[at].clone()),
        4 => headers[at].1 = HeaderValue::Number(7),
        5 => headers[at].1 = HeaderValue::Text(pick(u, &["ping", "initial-response", ""])?),
        6 => headers.push((pick(u, &[":exception-type", ":event-type"])?, HeaderValue::Text("metadata"))),
        _ => headers.rotate_left(at),
    }
    Ok(())
}

fn corrupt_payload(u: &mut Unstructured<'_>, draft: &mut Draft) -> Result<()> {
    let payloads: [&[u8]; 8] = [
        b"",
        b"[]",
        b"null",
        b"{\"a\":",
        b"{}}",
        b"\"\xff\"",
        b" {} ",
        b"{\"contentBlockIndex\":0,\"delta\":{\"text\":1}}",
    ];
    match u.int_in_range(0..=8)? {
        0 => draft.payload = Some((*u.choose(&payloads)?).into()),
        1 => draft.members.retain(|(name, _)| name != "contentBlockIndex"),
        2 => draft.members.push(member("new", unknown_value(u)?)),
        3 => draft.spaced = true,
        4 if !draft.members.is_empty() => {
            let at = u.choose_index(draft.members.len())?;
            draft.members[at].1 =
                pick(u, &["null", "5", "\"5\"", "{}", "-1", "1.5", "0.0", "4294967296"])?.into();
        }
        5 => draft.members.reverse(),
        6 if !draft.members.is_empty() => {
            // Repeats a member, possibly with another value.
            let (name, mut value) = draft.members[u.choose_index(draft.members.len())?].clone();
            if name == "delta" && u.arbitrary()? {
                let kind = u.int_in_range(0..=9)?;
                value = block_delta(u, kind)?;
            }
            draft.members.push((name, value));
        }
        7 => draft.members.retain(|(name, _)| name == "contentBlockIndex"),
        _ => {
            if let Some((_, value)) = draft.members.iter_mut().find(|(name, _)| name == "contentBlockIndex") {
                *value = pick(u, &["0", "1", "2", "1.0", "null"])?.into();
            }
        }
    }
    Ok(())
}
