//! Random JSON like that of events, and variations of it.

use arbitrary::{Result, Unstructured};

pub(crate) fn pick<'a>(u: &mut Unstructured<'_>, from: &[&'a str]) -> Result<&'a str> {
    u.choose(from).copied()
}

/// True once in `n` times on average, and never when the input is used up.
pub(crate) fn chance(u: &mut Unstructured<'_>, of: u8) -> Result<bool> {
    Ok(u.int_in_range(1..=of)? == of)
}

/// An object; values are JSON.
pub(crate) fn object(members: &[(String, String)], spaced: bool) -> String {
    let (begin, colon, comma, end) =
        if spaced { (" {\n", " : ", " ,\t", " }\r\n") } else { ("{", ":", ",", "}") };
    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\"{colon}{value}")).collect();
    format!("{begin}{}{end}", members.join(comma))
}

/// A JSON string.
pub(crate) fn quoted(u: &mut Unstructured<'_>) -> Result<String> {
    let text = pick(
        u,
        &[
            "Hello",
            "",
            " ",
            "é 😀",
            r"\ud83d\ude00",
            r"\ud83d",
            r"\udead x \u2019",
            r#"a \"quote\"\n"#,
            r"\u0000\/",
            "\u{7f}",
        ],
    )?;
    Ok(format!("\"{text}\""))
}

/// Free-form JSON, whose text must be kept exactly.
pub(crate) fn unknown_value(u: &mut Unstructured<'_>) -> Result<String> {
    let values = [
        r#"{"x": 1.50, "x":2}"#,
        "null",
        "[1e400, -0.0]",
        r#""\u00e9\ud83d""#,
        "true",
        "{}",
        "12",
        r#"{"p":"abc"}"#,
    ];
    Ok(pick(u, &values)?.into())
}

/// The content of a `start`: a tool call for kind 1, a tool result for 2, an image for 3; nothing or something unknown
/// for other kinds.
pub(crate) fn block_start(u: &mut Unstructured<'_>, kind: u8, incomplete: bool) -> Result<String> {
    let id = pick(u, &["A", "B", "tooluse_1.x:y"])?;
    let name = pick(u, &["f", "get_weather"])?;
    let mut members = Vec::new();
    match kind {
        1 => {
            members.push(("toolUseId", format!("\"{id}\"")));
            members.push(("name", format!("\"{name}\"")));
            if chance(u, 4)? {
                members.push(("type", pick(u, &[r#""server_tool_use""#, r#""tool_use""#, "null"])?.into()));
            }
        }
        2 => {
            members.push(("toolUseId", format!("\"{id}\"")));
            if u.arbitrary()? {
                members.push(("type", r#""nova_grounding_result""#.into()));
                members.push(("status", pick(u, &[r#""success""#, r#""error""#, r#""so-so""#])?.into()));
            }
        }
        3 => members.push(("format", pick(u, &[r#""png""#, r#""svg""#, "null"])?.into())),
        _ => {
            return Ok(match u.int_in_range(0..=3)? {
                0 => format!(r#"{{"hologram":{}}}"#, unknown_value(u)?),
                _ => "{}".into(),
            });
        }
    }
    if incomplete {
        match u.int_in_range(0..=3)? {
            0 | 1 => drop(members.remove(0)),
            2 => members[0].1 = pick(u, &["null", r#""""#, "5"])?.into(),
            _ => members.truncate(1),
        }
    }
    if chance(u, 12)? {
        members.push(("new", unknown_value(u)?));
    }
    if chance(u, 24)? && !members.is_empty() {
        members.push(members[0].clone());
    }
    let members: Vec<_> = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let start = object(&members, false);
    let name = ["toolUse", "toolResult", "image"][usize::from(kind - 1)];
    Ok(format!(r#"{{"{name}":{start}}}"#))
}

/// The content of a `delta`, by the kind of its block as in [`block_start`]; text for kind 0, reasoning or anything for
/// 9 and others.
pub(crate) fn block_delta(u: &mut Unstructured<'_>, kind: u8) -> Result<String> {
    let mut members = vec![member(u, kind)?];
    if chance(u, 20)? {
        let other = u.int_in_range(0..=9)?;
        members.push(member(u, other)?);
    }
    if chance(u, 24)? {
        members.clear();
    }
    if chance(u, 24)? {
        members.push(("hologram".into(), unknown_value(u)?));
    }
    Ok(object(&members, false))
}

fn member(u: &mut Unstructured<'_>, kind: u8) -> Result<(String, String)> {
    let (name, value) = match kind {
        1 => ("toolUse", tool_use(u)?),
        2 => (
            "toolResult",
            pick(u, &[r#"[{"text":"t"}]"#, r#"[{"json":{"b": [1.0]}},{"text":"é"}]"#, "[]"])?.into(),
        ),
        3 => ("image", image(u)?),
        4..=6 => ("reasoningContent", reasoning(u)?),
        7 => ("citation", citation(u)?),
        _ => ("text", quoted(u)?),
    };
    Ok((name.into(), value))
}

fn tool_use(u: &mut Unstructured<'_>) -> Result<String> {
    let piece = pick(
        u,
        &[
            r#"{\"a\":1}"#,
            r#"{\"a\":"#,
            "1}",
            "",
            "{}",
            "12",
            "3",
            ",",
            "[1, 2]",
            r#"\"x\""#,
            "nul",
            " {\\n} ",
            r"{\ud83d",
        ],
    )?;
    let mut members = vec![("input".to_owned(), format!("\"{piece}\""))];
    if chance(u, 24)? {
        members.push(("input".into(), r#""{}""#.into()));
    }
    if chance(u, 24)? {
        members.push(("new".into(), unknown_value(u)?));
    }
    if chance(u, 24)? {
        members.remove(0);
    }
    if chance(u, 40)? {
        // Deeper than the default limit of serde_json.
        let deep = format!("\"{}{}\"", "[".repeat(200), "]".repeat(200));
        members = vec![("input".into(), deep)];
    }
    Ok(object(&members, false))
}

fn reasoning(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=5)? {
        0 => format!(r#"{{"signature":{}}}"#, quoted(u)?),
        1 => format!(r#"{{"redactedContent":"{}"}}"#, pick(u, &["AQI=", "AQID", "/+8=", "", "?", "AQI"])?),
        2 if u.arbitrary()? => format!(r#"{{"aura":{}}}"#, unknown_value(u)?),
        2 => r#"{"text":"a","signature":"b"}"#.into(),
        _ => format!(r#"{{"text":{}}}"#, quoted(u)?),
    })
}

fn citation(u: &mut Unstructured<'_>) -> Result<String> {
    let citations = [
        r#"{"title":"t","location":{"web":{"url":"u","domain":"d"}}}"#,
        r#"{"location":{"documentChar":{"documentIndex":0.0,"start":1,"end":2}},"sourceContent":[{"text":"s"}]}"#,
        r#"{"source":"s","new":{"a": 1.0},"location":{"elsewhere":{"x":1.0}}}"#,
        "{}",
    ];
    Ok(pick(u, &citations)?.into())
}

fn image(u: &mut Unstructured<'_>) -> Result<String> {
    let images = [
        r#"{"source":{"bytes":"AQID"}}"#,
        r#"{"source":{"s3Location":{"uri":"s3://b/k"}}}"#,
        r#"{"error":{"message":"no"}}"#,
        "{}",
    ];
    Ok(pick(u, &images)?.into())
}
