//! The recorded streams, read from beside the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A recorded answer.
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Its messages, decoded independently.
    pub(crate) expected: Vec<Expected>,
}

/// A message of a recording.
pub(crate) struct Expected {
    /// Whether it is an exception.
    pub(crate) is_exception: bool,
    /// The event's or the exception's name.
    pub(crate) name: String,
    pub(crate) payload: Value,
}

/// Every recording of ConverseStream; `None` where there is no shared data.
#[track_caller]
pub(crate) fn recordings() -> Option<Vec<Recording>> {
    let dir = bedrock_stream_tests::shared("recordings")?;
    let mut paths: Vec<PathBuf> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let recordings: Vec<Recording> = paths.iter().filter_map(|path| recording(&dir, path)).collect();
    assert!(!recordings.is_empty());
    Some(recordings)
}

fn recording(dir: &Path, path: &Path) -> Option<Recording> {
    let name = path.file_name()?.to_str()?.strip_suffix(".bin")?;
    if !name.starts_with("converse-") {
        return None;
    }
    let text = fs::read_to_string(dir.join("expected").join(format!("{name}.jsonl"))).unwrap();
    let expected = text.lines().map(|line| {
        let json: Value = serde_json::from_str(line).unwrap();
        let header = |name: &str| {
            let headers = json["headers"].as_array().unwrap();
            headers
                .iter()
                .find(|header| header[0] == name)
                .map(|header| header[1].as_str().unwrap().to_owned())
        };
        Expected {
            is_exception: header(":message-type").unwrap() == "exception",
            name: header(":event-type").or_else(|| header(":exception-type")).unwrap(),
            payload: serde_json::from_str(json["payload"].as_str().unwrap()).unwrap(),
        }
    });
    Some(Recording { name: name.to_owned(), bytes: fs::read(path).unwrap(), expected: expected.collect() })
}
