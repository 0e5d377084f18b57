//! The guides' tables of stop reasons, held against the code: each has every one that is known.

use std::collections::BTreeMap;

use bedrock_stream_core::answer::{Chunk, Done, StopReason};
use bedrock_stream_core::content::Role;
use bedrock_stream_dialects::encode::{ChatEncoder, Failure, MessagesEncoder, ResponsesEncoder};
use serde_json::Value;

#[test]
fn what_each_says_about_the_answer() {
    let page = include_str!("../../../docs/completeness.md");
    let rows = table(page, "| `stop_reason` | what it says about the answer | |");
    // The names of the variants, since it is about programs in Rust.
    let listed: Vec<&str> = rows.iter().flat_map(|row| row[0].split(", ")).collect();
    let known = StopReason::KNOWN.iter().map(|reason| format!("`{reason:?}`"));
    let missing: Vec<String> = known.filter(|name| !listed.contains(&&**name)).collect();
    assert!(missing.is_empty(), "docs/completeness.md says nothing of {missing:?}");
    assert_eq!(listed.len(), StopReason::KNOWN.len(), "{listed:?}");
    for reason in StopReason::KNOWN {
        let row = rows.iter().find(|row| row[0].split(", ").any(|name| name == format!("`{reason:?}`")));
        let sort = match reason {
            reason if reason.is_finished() => "`is_finished()`",
            reason if reason.is_cut_or_blocked() => "`is_cut_or_blocked()`",
            _ => "`is_malformed()`",
        };
        assert_eq!(row.expect("it is listed").last(), Some(&sort), "docs/completeness.md: {reason}");
    }
}

#[test]
fn what_the_clients_of_each_dialect_read() {
    let page = include_str!("../../../docs/dialects.md");
    let rows = table(page, "| Converse | Chat Completions | Responses | Messages |");
    let mut written = BTreeMap::new();
    for row in &rows {
        for reason in row[0].split(", ") {
            let words: Vec<String> = row[1..].iter().map(|&word| word.to_owned()).collect();
            written.insert(reason.trim_matches('`').to_owned(), words);
        }
    }
    for reason in StopReason::KNOWN {
        let row = written.remove(reason.as_str());
        assert_eq!(row, Some(read_by_clients(reason).to_vec()), "docs/dialects.md: {reason}");
    }
    assert!(written.is_empty(), "nothing is known of {written:?}");
}

/// A row of the table, as the encoders write whole answers.
fn read_by_clients(reason: &StopReason) -> [String; 3] {
    let chunks = [
        Chunk::start(Role::Assistant),
        Chunk::text(0, "Hello"),
        Chunk::block_end(0),
        Chunk::stop(reason.clone()),
        Chunk::done(Done::new(reason.clone())),
    ];
    let said = |json: Result<String, Failure>, describe: fn(&Value) -> String| match json {
        Ok(json) => describe(&serde_json::from_str(&json).expect("it is JSON")),
        Err(_) => "an error".to_owned(),
    };
    [
        said(ChatEncoder::new("1", "m", 0).whole(&chunks), |json| code(&json["choices"][0]["finish_reason"])),
        said(ResponsesEncoder::new("1", "m", 0).whole(&chunks), |json| match &json["incomplete_details"] {
            Value::Null => code(&json["status"]),
            details => format!("{}, {}", code(&json["status"]), code(&details["reason"])),
        }),
        said(MessagesEncoder::new("1", "m").whole(&chunks), |json| code(&json["stop_reason"])),
    ]
}

fn code(value: &Value) -> String {
    format!("`{}`", value.as_str().expect("it is a word"))
}

/// The cells of each row of the table with this heading.
fn table<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let (_, table) = page.split_once(heading).expect("there is such a table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}
