use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use bytes::Bytes;
use serde_json::Value;

use crate::message::WireMessage;

/// Recorded response bodies by model id, each divided into its messages.
pub(crate) type Recordings = HashMap<String, Vec<WireMessage>>;

/// A folder of recordings that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingsError {
    /// The folder or a file of it cannot be read.
    #[error("cannot read the recordings in {}: {source}", path.display())]
    Read {
        /// The folder or the file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A `NAME.json` beside a recording is not JSON.
    #[error("{} describes a recording, but is not JSON: {source}", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// The folder has no `NAME.bin`.
    #[error("there is no recording (NAME.bin) in {}", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// Reads every `NAME.bin` of a folder. Each is served for the model id `NAME`; and where a `NAME.json` beside it says
/// `"operation": "converse"` and a `"model"`, for that model too, the first in alphabetical order if several do.
pub(crate) fn read_folder(folder: &Path) -> Result<Recordings, RecordingsError> {
    let read = |path: &Path, source| RecordingsError::Read { path: path.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| read(folder, error))? {
        let path = entry.map_err(|error| read(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            files.push(path);
        }
    }
    files.sort();
    let mut recordings = Recordings::new();
    let mut models = Vec::new();
    for file in files {
        let body = fs::read(&file).map_err(|error| read(&file, error))?;
        let body = WireMessage::split(&Bytes::from(body));
        models.extend(described_model(&file)?.map(|model| (model, body.clone())));
        if let Some(name) = file.file_stem().and_then(|name| name.to_str()) {
            recordings.insert(name.to_owned(), body);
        }
    }
    if recordings.is_empty() {
        return Err(RecordingsError::Empty { path: folder.to_owned() });
    }
    for (model, body) in models {
        recordings.entry(model).or_insert(body);
    }
    Ok(recordings)
}

fn described_model(file: &Path) -> Result<Option<String>, RecordingsError> {
    let path = file.with_extension("json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RecordingsError::Read { path, source }),
    };
    let description: Value =
        serde_json::from_slice(&text).map_err(|source| RecordingsError::NotJson { path, source })?;
    let member = |name: &str| description.get(name).and_then(Value::as_str);
    Ok(member("model").filter(|_| member("operation") == Some("converse")).map(str::to_owned))
}
