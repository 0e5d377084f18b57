use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// A recorded response body, and what an independent decoder read from it.
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) expected: Vec<Expected>,
}

/// One message, as reported by the independent decoder.
pub(crate) struct Expected {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: String,
}

impl Expected {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| &**value)
    }
}

/// Every recording, by name; `None` where there is no shared data.
#[track_caller]
pub(crate) fn recordings() -> Option<Vec<Recording>> {
    let folder = bedrock_stream_tests::shared("recordings")?;
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .collect();
    paths.sort();
    let load = |path: PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("names are UTF-8").to_owned();
        let lines = fs::read_to_string(folder.join("expected").join(format!("{name}.jsonl")))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Recording { expected: lines.lines().map(expected).collect(), name, path }
    };
    Some(paths.into_iter().map(load).collect())
}

impl Recording {
    pub(crate) fn path(&self) -> &str {
        self.path.to_str().expect("the path is UTF-8")
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).expect("a recording can be read")
    }

    /// Whether it is a complete answer of ConverseStream without an exception.
    pub(crate) fn is_complete(&self) -> bool {
        let has = |header, value| self.expected.iter().any(|message| message.header(header) == Some(value));
        has(":event-type", "messageStop") && !has(":message-type", "exception")
    }

    /// The joined text of its deltas.
    pub(crate) fn text(&self) -> String {
        let delta = |message: &Expected| {
            (message.header(":event-type") == Some("contentBlockDelta")).then(|| {
                let payload: Value = serde_json::from_str(&message.payload).expect("a delta is JSON");
                payload["delta"]["text"].as_str().unwrap_or_default().to_owned()
            })
        };
        self.expected.iter().filter_map(delta).collect()
    }
}

fn expected(line: &str) -> Expected {
    let line: Value = serde_json::from_str(line).expect("it is JSON");
    let text = |value: &Value| value.as_str().expect("it is a string").to_owned();
    let header = |header: &Value| (text(&header[0]), text(&header[1]));
    Expected {
        headers: line["headers"].as_array().expect("there are headers").iter().map(header).collect(),
        payload: text(&line["payload"]),
    }
}
