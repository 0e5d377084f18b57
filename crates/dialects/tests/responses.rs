//! Recorded Responses as server-sent events, against what the official SDK's accumulator and a plain reading make of them:
//! whole, one byte at a time, and cut after every event.

use std::fs;

use bedrock_stream_core::answer::{Chunk, Done, Error};
use bedrock_stream_dialects::{Dialect, SseDecoder};
use serde_json::{Value, json};

/// What a stream says, in the members of the expected files.
#[derive(Debug, Default)]
struct Said {
    chunks: Vec<Chunk>,
    done: Option<Done>,
    error: Option<Error>,
}

fn read(bytes: &[u8], piece_len: usize) -> Said {
    let mut decoder = SseDecoder::new(Some(Dialect::Responses));
    let mut said = Said::default();
    for piece in bytes.chunks(piece_len) {
        decoder.push(piece);
        while said.take(decoder.next_chunk()) {}
    }
    while said.take(decoder.finish()) {}
    said
}

impl Said {
    fn take(&mut self, next: Result<Option<Chunk>, Error>) -> bool {
        match next {
            Ok(Some(Chunk::Done(done))) => {
                assert!(self.done.replace(*done).is_none(), "`Done` comes once");
                true
            }
            Ok(Some(chunk)) => {
                assert!(self.done.is_none(), "nothing follows `Done`");
                self.chunks.push(chunk);
                true
            }
            Ok(None) => false,
            Err(error) => {
                let is_final = error.is_final();
                self.error = Some(error);
                !is_final
            }
        }
    }

    fn to_json(&self) -> Value {
        let mut said = json!({
            "text": "", "reasoning": "", "tool_calls": [], "encrypted": [],
            "complete": self.done.is_some(), "finish_reason": null, "usage": null, "error": null,
        });
        let mut kinds = std::collections::BTreeMap::new();
        for chunk in &self.chunks {
            match chunk {
                Chunk::Text { text, .. } => append(&mut said["text"], text),
                Chunk::Reasoning { text, .. } => append(&mut said["reasoning"], text),
                Chunk::ReasoningRedacted { data, .. } => {
                    let text = String::from_utf8(data.0.clone()).expect("the string's own bytes");
                    said["encrypted"].as_array_mut().unwrap().push(text.into());
                }
                Chunk::ToolCallStart { block, kind, .. } => drop(kinds.insert(*block, kind.clone())),
                Chunk::ToolCallEnd { block, id, name, input, .. } => {
                    let mut call = json!({"id": &**id, "name": &**name, "arguments": input.as_str()});
                    if let Some(kind) = &kinds[block] {
                        call["kind"] = kind.as_str().into();
                    }
                    said["tool_calls"].as_array_mut().unwrap().push(call);
                }
                _ => {}
            }
        }
        if let Some(done) = &self.done {
            assert_eq!(done.skipped_events, 0);
            said["finish_reason"] = done.raw_stop_reason.clone().into();
            said["usage"] = done.vendor_usage.as_ref().map_or(Value::Null, |usage| usage.parse().unwrap());
        }
        if let Some(Error::Exception(exception)) = &self.error {
            said["finish_reason"] = "failed".into();
            said["error"] = json!({"code": exception.name, "message": exception.message});
        }
        said
    }
}

fn append(text: &mut Value, piece: &str) {
    *text = format!("{}{piece}", text.as_str().unwrap()).into();
}

/// What is expected, in the same members. A refusal's words are text.
fn expected(json: &Value) -> Value {
    let mut expected = json!({});
    for name in ["reasoning", "tool_calls", "encrypted", "complete", "finish_reason", "usage", "error"] {
        expected[name] = json[name].clone();
    }
    let words = |name: &str| json[name].as_str().unwrap_or_default();
    expected["text"] = format!("{}{}", words("text"), words("refusal")).into();
    expected
}

fn recordings() -> Option<Vec<(String, Vec<u8>, Value)>> {
    let folder = bedrock_stream_tests::shared("sse")?;
    let mut recordings = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("responses-") && path.extension().is_some_and(|extension| extension == "sse") {
            let expected = fs::read_to_string(folder.join(format!("expected/{name}.json"))).unwrap();
            recordings.push((name, fs::read(path).unwrap(), serde_json::from_str(&expected).unwrap()));
        }
    }
    recordings.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(recordings.len(), 13, "every recording is there");
    Some(recordings)
}

#[test]
fn every_recording_says_what_is_expected() {
    let Some(recordings) = recordings() else { return };
    let mut differ = Vec::new();
    for (name, bytes, json) in recordings {
        let whole = read(&bytes, bytes.len());
        let (given, expected) = (whole.to_json(), expected(&json));
        if given != expected {
            differ.push(format!("{name}\n  given    {given}\n  expected {expected}"));
        }
        let by_byte = read(&bytes, 1);
        assert_eq!(whole.chunks, by_byte.chunks, "{name}");
        assert_eq!((&whole.done, &whole.error), (&by_byte.done, &by_byte.error), "{name}");
        let with_more =
            read(&[&bytes[..], b"data: {\"type\":\"error\",\"message\":\"late\"}\n\n"].concat(), 1000);
        assert_eq!(with_more.to_json(), given, "{name}: what follows the end changes nothing");
        // Tools that the service runs, and members that no chunk has a place for; nothing is told twice or as contradicting.
        let unknown = whole.chunks.iter().filter(|chunk| matches!(chunk, Chunk::Unknown { .. }));
        for chunk in unknown {
            let Chunk::Unknown { event, member, .. } = chunk else { unreachable!() };
            let is_kept = event.as_deref().is_some_and(|event| event.contains("_call."))
                || matches!(member.as_deref(), Some("item" | "phase" | "content_filters"));
            assert!(is_kept, "{name}: {}", serde_json::to_string(chunk).unwrap());
        }
    }
    assert!(differ.is_empty(), "{} recordings differ:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn a_stream_cut_after_any_event_is_complete_only_after_the_proof() {
    let Some(recordings) = recordings() else { return };
    for (name, bytes, json) in recordings {
        let text = String::from_utf8(bytes).unwrap();
        let mut is_proven = false;
        let mut end = 0;
        for event in text.split_inclusive("\n\n") {
            end += event.len();
            is_proven |= event.contains(r#""type":"response.completed""#)
                || event.contains(r#""type":"response.incomplete""#);
            let said = read(&text.as_bytes()[..end], 700);
            assert_eq!(said.done.is_some(), is_proven, "{name}, cut at {end}");
            if !is_proven {
                assert!(
                    matches!(said.error, Some(Error::Incomplete(_) | Error::Exception(_))),
                    "{name}: {:?}",
                    said.error
                );
            }
        }
        assert_eq!(is_proven, json["complete"], "{name}");
    }
}

#[test]
fn the_dialect_is_told_by_the_first_event() {
    let Some(recordings) = recordings() else { return };
    for (name, bytes, _) in recordings {
        let mut decoder = SseDecoder::new(None);
        decoder.push(&bytes);
        let mut said = Said::default();
        while said.take(decoder.next_chunk()) {}
        assert_eq!(said.chunks, read(&bytes, bytes.len()).chunks, "{name}");
    }
}
