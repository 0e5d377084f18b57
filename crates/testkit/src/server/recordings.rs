use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use bytes::Bytes;
use serde_json::Value;

use super::route::Operation;
use crate::arrival_times::{ArrivalTimes, ParseTimesError};
use crate::recorded_body::RecordedBody;

/// Recorded response bodies, each split into its messages.
#[derive(Debug, Default)]
pub(crate) struct Recordings {
    /// By model id, for all operations.
    named: HashMap<String, Named>,
    /// By the model in their descriptions, with the operation that they name or whose format they have, as they were read.
    described: HashMap<String, Vec<(Option<Operation>, RecordedBody)>>,
}

/// The bodies of one name: an event stream or any other body, and server-sent events.
#[derive(Debug, Default)]
struct Named {
    stream: Option<RecordedBody>,
    events: Option<RecordedBody>,
}

impl Recordings {
    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// The body for an operation. If there are several for a model, the one of the kind with which the operation answers, or else
    /// the first.
    pub(crate) fn find(&self, operation: Operation, model_id: &str) -> Option<&RecordedBody> {
        // A recorded stream also serves the operation without a stream.
        let operation = match operation {
            Operation::Converse => Operation::ConverseStream,
            Operation::InvokeModel => Operation::InvokeModelWithResponseStream,
            operation => operation,
        };
        let named = self.named.get(model_id).and_then(|named| {
            let [first, second] = match operation.dialect() {
                Some(_) => [&named.events, &named.stream],
                None => [&named.stream, &named.events],
            };
            first.as_ref().or(second.as_ref())
        });
        named.or_else(|| {
            let described = self.described.get(model_id)?;
            let own = described.iter().find(|(of, body)| match of {
                Some(of) => *of == operation,
                None => body.is_of(operation),
            });
            own.or(described.first()).map(|(_, body)| body)
        })
    }

    pub(crate) fn add(&mut self, model_id: String, body: &Bytes) {
        let named = self.named.entry(model_id).or_default();
        let body = RecordedBody::new(body);
        let kind = if body.is_events() { &mut named.events } else { &mut named.stream };
        *kind = Some(body);
    }

    /// Reads every `NAME.bin` and `NAME.sse` of a folder. Each is served for the model id `NAME`; if a `NAME.json` beside it has a
    /// `"model"`, also for that model. Of several, the one whose description has the `"operation"` `converse` or `invoke` or the
    /// `"dialect"` of the request is served, or whose format is that of the request if its description has neither; otherwise the
    /// first in alphabetical order. `NAME.bin.times` holds its arrival times. Earlier recordings take precedence.
    pub(crate) fn read_folder(&mut self, folder: &Path) -> Result<(), RecordingsError> {
        let read = |path: &Path, source| RecordingsError::Read { path: path.to_owned(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| read(folder, error))? {
            let path = entry.map_err(|error| read(folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "bin" || extension == "sse") {
                files.push(path);
            }
        }
        if files.is_empty() {
            return Err(RecordingsError::Empty { path: folder.to_owned() });
        }
        files.sort();
        for file in files {
            let body = fs::read(&file).map_err(|error| read(&file, error))?;
            let body = Bytes::from(body);
            let body = match times(&file)? {
                Some(times) => RecordedBody::with_times(&body, &times),
                None => RecordedBody::new(&body),
            };
            if let Some((operation, model)) = description(&file)? {
                self.described.entry(model).or_default().push((operation, body.clone()));
            }
            if let Some(name) = file.file_stem().and_then(|name| name.to_str()) {
                let named = self.named.entry(name.to_owned()).or_default();
                let is_events = file.extension().is_some_and(|extension| extension == "sse");
                (if is_events { &mut named.events } else { &mut named.stream }).get_or_insert(body);
            }
        }
        Ok(())
    }
}

/// A folder of recordings that cannot be used.
///
/// ```
/// use bedrock_stream_testkit::{FakeBedrock, RecordingsError, StartError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = FakeBedrock::builder().recordings("there/is/no/such/folder").start().await.unwrap_err();
/// assert!(matches!(error, StartError::Recordings(RecordingsError::Read { .. })));
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingsError {
    /// The folder or a file of it cannot be read.
    #[error("cannot read the recordings in {}: {source}", path.display())]
    Read {
        /// The folder or the file.
        path: PathBuf,
        /// The cause.
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
    /// A `NAME.bin.times` beside a recording does not hold its times.
    #[error("{} does not hold the times of a recording: {source}", path.display())]
    Times {
        /// The file.
        path: PathBuf,
        /// Which line is wrong, and how.
        source: ParseTimesError,
    },
    /// The folder has neither a `NAME.bin` nor a `NAME.sse`.
    #[error("there is no recording (NAME.bin or NAME.sse) in {}", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// The arrival times of a recording, if there are any.
fn times(file: &Path) -> Result<Option<ArrivalTimes>, RecordingsError> {
    let path = ArrivalTimes::path_beside(file);
    match fs::read_to_string(&path) {
        Ok(text) => text.parse().map(Some).map_err(|source| RecordingsError::Times { path, source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RecordingsError::Read { path, source }),
    }
}

/// The operation, if any, and the model id that the file beside a recording names.
fn description(file: &Path) -> Result<Option<(Option<Operation>, String)>, RecordingsError> {
    let path = file.with_extension("json");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RecordingsError::Read { path, source }),
    };
    let description: Value =
        serde_json::from_slice(&text).map_err(|source| RecordingsError::NotJson { path, source })?;
    let member = |name: &str| description.get(name).and_then(Value::as_str);
    let operation = match (member("operation"), member("dialect")) {
        (Some("converse"), _) => Some(Operation::ConverseStream),
        (Some("invoke"), _) => Some(Operation::InvokeModelWithResponseStream),
        (_, Some("openai-chat-completions" | "chat")) => Some(Operation::ChatCompletions),
        (_, Some("openai-responses" | "responses")) => Some(Operation::Responses),
        (_, Some("anthropic-messages" | "messages")) => Some(Operation::Messages),
        _ => None,
    };
    Ok(member("model").map(|model| (operation, model.to_owned())))
}
