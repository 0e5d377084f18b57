//! The published test vectors, read from beside the workspace.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// A frame that decoders must accept.
pub(crate) struct Positive {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// What each of its messages contains: `headers` as `[name, type, value]`, and `payload` in base64.
    pub(crate) messages: Vec<Json>,
    /// The meaning that its publisher gives it, if any: "success" or "failure ..".
    pub(crate) semantic: Option<String>,
}

/// A frame that decoders should refuse, according to its publisher.
pub(crate) struct Negative {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// The `strict_crc_first` line.
    pub(crate) verdict: String,
}

/// Every positive vector; `None` where there is no shared data.
#[track_caller]
pub(crate) fn positives() -> Option<Vec<Positive>> {
    let dir = vectors("positive")?;
    let vectors = names(&dir, "json").into_iter().map(|name| {
        let json: Json = serde_json::from_slice(&read(&dir.join(format!("{name}.json")))).unwrap();
        let messages = match json["frames"].as_array() {
            Some(frames) => frames.clone(),
            None => vec![json.clone()],
        };
        let semantic = json["semantic"]["expect"].as_str().map(str::to_owned);
        let bytes = read(&dir.join(format!("{name}.bin")));
        Positive { name, bytes, messages, semantic }
    });
    Some(vectors.collect())
}

/// Every negative vector; `None` where there is no shared data.
#[track_caller]
pub(crate) fn negatives() -> Option<Vec<Negative>> {
    let dir = vectors("negative")?;
    let vectors = names(&dir, "txt").into_iter().map(|name| {
        let text = String::from_utf8(read(&dir.join(format!("{name}.txt")))).unwrap();
        let verdict = text.lines().find_map(|line| line.strip_prefix("strict_crc_first: ")).unwrap();
        let plain = dir.join(format!("{name}.bin"));
        let bytes =
            if plain.exists() { read(&plain) } else { gunzip(&read(&dir.join(format!("{name}.bin.gz")))) };
        Negative { verdict: verdict.to_owned(), name, bytes }
    });
    Some(vectors.collect())
}

#[track_caller]
fn vectors(kind: &str) -> Option<PathBuf> {
    bedrock_stream_tests::shared("vectors").map(|dir| dir.join(kind))
}

/// The names of the vectors, from the files with one extension. Each name must have its bytes, and all bytes must have
/// a name.
fn names(dir: &Path, ending: &str) -> Vec<String> {
    let files: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let with = |suffix: &str| -> Vec<String> {
        let mut names: Vec<String> =
            files.iter().filter_map(|file| file.strip_suffix(suffix)).map(str::to_owned).collect();
        names.sort();
        names
    };
    let names = with(&format!(".{ending}"));
    let mut bytes = with(".bin");
    bytes.extend(with(".bin.gz"));
    bytes.sort();
    assert_eq!(names, bytes);
    assert!(!names.is_empty());
    names
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}
