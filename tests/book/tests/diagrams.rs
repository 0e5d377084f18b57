//! The diagrams of the guides, held against the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::Tail;
use bedrock_stream_core::converse::{Chunker, Event};

/// What can happen to an answer, in the words of the diagram, as events of ConverseStream. `end` and `break` are none.
const EVENTS: &[(&str, &str)] = &[
    ("content", r#"{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"a"}}}"#),
    ("usage", r#"{"metadata":{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}}"#),
    ("messageStop", r#"{"messageStop":{"stopReason":"end_turn"}}"#),
    ("exception", r#"{"throttlingException":{"message":"slow down"}}"#),
    ("error", r#"{"error":{"code":"500","message":"no"}}"#),
    ("end", ""),
    ("break", ""),
];

#[test]
fn the_states_of_an_answer() {
    let page = include_str!("../../../docs/completeness.md");
    let mut drawn = BTreeSet::new();
    for line in diagram(page, "stateDiagram-v2").filter(|line| !line.contains("[*]")) {
        let (edge, events) = line.split_once(": ").expect("an edge has a label");
        let (from, to) = edge.split_once(" --> ").expect("an edge has an arrow");
        for event in events.split(", ") {
            assert!(drawn.insert((from, event, to)), "twice: {line}");
        }
    }
    let mut found = BTreeSet::new();
    for (from, path) in [
        ("content", &[][..]),
        ("stopped", &["messageStop"]),
        ("done", &["messageStop", "end"]),
        ("failed", &["end"]),
    ] {
        for (event, _) in EVENTS {
            let mut chunker = Chunker::new();
            path.iter().for_each(|event| happen(&mut chunker, event));
            assert_eq!(state(&chunker), from);
            happen(&mut chunker, event);
            found.insert((from, *event, state(&chunker)));
        }
    }
    assert_eq!(drawn, found);

    // What the text below the diagram says.
    let mut chunker = Chunker::new();
    happen(&mut chunker, "usage");
    happen(&mut chunker, "messageStop");
    assert_eq!(state(&chunker), "done");
}

fn happen(chunker: &mut Chunker, event: &str) {
    match event {
        "end" => while let Ok(Some(_)) = chunker.finish() {},
        // As a decoder does it: what is proven stays proven, and all else has ended without proof.
        "break" => {
            let tail = Tail::new(ErrorKind::Truncated, "inside a message");
            while chunker.finish_broken(tail.clone()).is_some() {}
            while let Ok(Some(_)) = chunker.finish() {}
        }
        event => {
            let (_, json) = EVENTS.iter().find(|(name, _)| *name == event).expect("it is an event");
            let event: Event = serde_json::from_str(json).expect("it is an event");
            assert!(!matches!(event, Event::Unknown(_)), "{json}");
            let _ = chunker.apply(event);
        }
    }
    while chunker.next_chunk().is_some() {}
}

fn state(chunker: &Chunker) -> &'static str {
    match (chunker.is_done(), chunker.is_stopped(), chunker.failure().is_some()) {
        (true, false, false) => "done",
        (false, true, false) => "stopped",
        (false, false, true) => "failed",
        (false, false, false) => "content",
        states => panic!("two states at once: {states:?}"),
    }
}

#[test]
fn the_crates() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in fs::read_dir(crates).expect("there are crates") {
        let folder = entry.expect("it can be read").path();
        let name = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a crate has one");
        let (_, dependencies) = manifest.split_once("\n[dependencies]\n").expect("a crate has some");
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        let own = dependencies.lines().filter_map(|line| line.strip_prefix("bedrock-stream-"));
        let own = own.filter_map(|rest| rest.split(['.', ' ']).next()).map(str::to_owned);
        needs.insert(name, own.collect());
    }
    // What follows from other arrows is not drawn.
    let mut found = BTreeSet::new();
    for (from, to) in &needs {
        for target in to {
            if !to.iter().any(|other| other != target && reaches(&needs, other, target)) {
                found.insert((from.as_str(), target.as_str()));
            }
        }
    }
    let page = include_str!("../../../docs/architecture.md");
    let drawn: BTreeSet<_> =
        diagram(page, "flowchart TD").map(|line| line.split_once(" --> ").expect("an arrow")).collect();
    assert_eq!(drawn, found);
    // The sentence above the diagram.
    for name in needs.keys().filter(|name| *name != "core") {
        assert!(reaches(&needs, name, "core"), "{name}");
    }
}

fn reaches(needs: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    needs[from].iter().any(|next| next == to || reaches(needs, next, to))
}

/// The lines of the page's diagram of this kind.
fn diagram<'a>(page: &'a str, kind: &str) -> impl Iterator<Item = &'a str> {
    let (_, diagram) = page.split_once(&format!("```mermaid\n{kind}\n")).expect("the page has a diagram");
    let (lines, _) = diagram.split_once("```").expect("it ends");
    lines.lines().map(str::trim)
}
