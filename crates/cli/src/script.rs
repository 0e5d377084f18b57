use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bedrock_stream_core::converse::{EncodeEventError, Event, EventEncoder};
use bedrock_stream_core::json::Json;
use bedrock_stream_testkit::{
    Answer, ArrivalTimes, Builder, Fault, ParseTimesError, Refusal, RefusalKind, Reply, UnknownFault, answer,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::file_id::FileId;

/// The replies of `serve` for each model id, in order.
#[derive(Debug)]
pub(crate) struct Script {
    models: BTreeMap<String, Vec<Reply>>,
    read: Vec<FileId>,
}

impl Script {
    /// Parses a script; `path` is the file it came from. The same seed gives the same padding.
    pub(crate) fn parse(text: &str, path: &Path, seed: u64) -> Result<Self, ScriptError> {
        let models: BTreeMap<String, Vec<Json>> = serde_json::from_str(text)
            .map_err(|source| ScriptError::NotAScript { path: path.to_owned(), source })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut script = Self { models: BTreeMap::new(), read: FileId::of_path(path).into_iter().collect() };
        let reader = ReplyReader { folder, seed, read: RefCell::default() };
        for (model, entries) in models {
            let wrong = |at: String, error| ScriptError::Wrong { path: path.to_owned(), at, error };
            if entries.is_empty() {
                return Err(wrong(format!("{model:?}"), ReplyError::NoReplies));
            }
            let mut replies = Vec::new();
            for (index, entry) in entries.iter().enumerate() {
                let reply = reader.read(entry);
                replies.push(reply.map_err(|(at, error)| wrong(format!("{model:?}[{index}]{at}"), error))?);
            }
            script.models.insert(model, replies);
        }
        script.read.append(&mut reader.read.take());
        Ok(script)
    }

    /// The files that it was read from: the script itself and its recordings.
    pub(crate) fn read(&self) -> &[FileId] {
        &self.read
    }

    /// Makes a fake Bedrock reply as the script says.
    pub(crate) fn configure(mut self, mut bedrock: Builder) -> Builder {
        let others = self.models.remove(OTHERS);
        for (model, replies) in self.models {
            for reply in replies {
                bedrock = bedrock.reply(&*model, reply);
            }
        }
        let Some(others) = others else { return bedrock };
        let last = others.last().cloned().unwrap_or_default();
        let others = Mutex::new(others.into_iter());
        // Nothing can panic while it is locked, so a poisoned lock is usable.
        bedrock.respond(move |_| {
            others.lock().unwrap_or_else(PoisonError::into_inner).next().unwrap_or_else(|| last.clone())
        })
    }
}

/// A script that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScriptError {
    #[error("{} is not a script, a list of replies by model id: {source}", path.display())]
    NotAScript { path: PathBuf, source: serde_json::Error },
    #[error("{}: {at}: {error}", path.display())]
    Wrong {
        path: PathBuf,
        /// Where in the file: the model id, the index of the reply, the member.
        at: String,
        error: ReplyError,
    },
}

/// What is wrong with a reply of a script.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplyError {
    #[error("the list has no reply")]
    NoReplies,
    #[error("a reply has no such member; its members are {MEMBERS}")]
    UnknownMember,
    #[error("it cannot be combined with {beside:?}: a reply is an answer, events, a recording or a refusal")]
    Beside { beside: String },
    #[error("it needs \"refuse\"")]
    WithoutRefusal,
    #[error("{}", without_line(.0))]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Fault(#[from] UnknownFault),
    #[error("there is no refusal {name:?}; there are {}", refusals())]
    Refusal { name: String },
    #[error("cannot read {}: {source}", path.display())]
    Recording { path: PathBuf, source: io::Error },
    #[error("{} does not hold the times of a recording: {source}", path.display())]
    Times { path: PathBuf, source: ParseTimesError },
    #[error(transparent)]
    Event(#[from] EncodeEventError),
}

/// Reads replies. Errors name the member at fault.
struct ReplyReader<'a> {
    folder: &'a Path,
    seed: u64,
    read: RefCell<Vec<FileId>>,
}

/// The content of a reply, from the members read so far.
#[derive(Default)]
enum Content {
    #[default]
    Generated,
    Answer(Box<Answer>),
    Reply(Reply),
    Refusal(Refusal),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    name: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    input: Option<Json>,
}

impl ReplyReader<'_> {
    fn read(&self, entry: &Json) -> Result<Reply, (String, ReplyError)> {
        let members: BTreeMap<String, Json> =
            entry.parse().map_err(|error| (String::new(), ReplyError::Json(error)))?;
        if let Some(name) = members.keys().find(|name| !ORDER.contains(&&***name)) {
            return Err((format!(".{name}"), ReplyError::UnknownMember));
        }
        let mut content = Content::Generated;
        let mut first = None;
        let mut faults = Vec::new();
        // In the order of content blocks, whatever the order in the file.
        for name in ORDER {
            let Some(value) = members.get(name) else { continue };
            let at = |error| (format!(".{name}"), error);
            if name == "fault" {
                faults = read_faults(value).map_err(at)?;
                continue;
            }
            content = match (content, name) {
                (Content::Generated, "events") => Content::Reply(self.events(value)?),
                (Content::Generated, "recording") => Content::Reply(self.recording(value).map_err(at)?),
                (Content::Generated, "refuse") => Content::Refusal(refusal(value).map_err(at)?),
                (Content::Refusal(refusal), "retry_after") => Content::Refusal(
                    refusal.retry_after(value.parse().map_err(|error| at(ReplyError::Json(error)))?),
                ),
                (Content::Generated, "retry_after") => return Err(at(ReplyError::WithoutRefusal)),
                (Content::Generated, _) => {
                    Content::Answer(Box::new(add(answer().seed(self.seed), name, value).map_err(at)?))
                }
                (Content::Answer(answer), "reasoning" | "signature" | "text" | "tool" | "stop") => {
                    Content::Answer(Box::new(add(*answer, name, value).map_err(at)?))
                }
                _ => return Err(at(ReplyError::Beside { beside: first.unwrap_or(name).to_owned() })),
            };
            first.get_or_insert(name);
        }
        let reply = match content {
            Content::Generated => Reply::generated(),
            Content::Answer(answer) => (*answer).into(),
            Content::Reply(reply) => reply,
            Content::Refusal(refusal) => refusal.into(),
        };
        Ok(faults.into_iter().fold(reply, Reply::fault))
    }

    fn events(&self, value: &Json) -> Result<Reply, (String, ReplyError)> {
        let events: Vec<Json> =
            value.parse().map_err(|error| (".events".to_owned(), ReplyError::Json(error)))?;
        let mut encoder = EventEncoder::padded(self.seed);
        let mut body = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let at = |error| (format!(".events[{index}]"), error);
            let event: Event = event.parse().map_err(|error| at(ReplyError::Json(error)))?;
            encoder.encode(&event, &mut body).map_err(|error| at(ReplyError::Event(error)))?;
        }
        Ok(Reply::recording(body))
    }

    fn recording(&self, value: &Json) -> Result<Reply, ReplyError> {
        let path = self.folder.join(value.parse::<PathBuf>()?);
        let files = [FileId::of_path(&path), FileId::of_path(&ArrivalTimes::path_beside(&path))];
        self.read.borrow_mut().extend(files.into_iter().flatten());
        match fs::read(&path) {
            Ok(body) => match times_beside(&path)? {
                Some(times) => Ok(Reply::recording_with_times(body, &times)),
                None => Ok(Reply::recording(body)),
            },
            Err(source) => Err(ReplyError::Recording { path, source }),
        }
    }
}

/// The arrival times of a recording, if there are any.
fn times_beside(recording: &Path) -> Result<Option<ArrivalTimes>, ReplyError> {
    let path = ArrivalTimes::path_beside(recording);
    match fs::read_to_string(&path) {
        Ok(text) => text.parse().map(Some).map_err(|source| ReplyError::Times { path, source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ReplyError::Recording { path, source }),
    }
}

/// Adds a member to an answer.
fn add(answer: Answer, name: &str, value: &Json) -> Result<Answer, ReplyError> {
    Ok(match name {
        "reasoning" => answer.reasoning(&value.parse::<String>()?),
        "signature" => answer.signature(value.parse::<String>()?),
        "text" => answer.text(&value.parse::<String>()?),
        "stop" => answer.stop(value.parse()?),
        _ => one_or_many(value)?.into_iter().fold(answer, |answer, Tool { name, id, input }| {
            let input = input.unwrap_or_else(|| serde_json::json!({}).into());
            match id {
                Some(id) => answer.tool_with_id(id, name, input),
                None => answer.tool(name, input),
            }
        }),
    })
}

fn refusal(value: &Json) -> Result<Refusal, ReplyError> {
    let name: String = value.parse()?;
    let is = |kind: &RefusalKind| {
        [kind.name(), short(*kind)].iter().any(|known| known.eq_ignore_ascii_case(&name))
    };
    match RefusalKind::ALL.iter().copied().find(is) {
        Some(kind) => Ok(Refusal::of(kind)),
        None => Err(ReplyError::Refusal { name }),
    }
}

fn read_faults(value: &Json) -> Result<Vec<Fault>, ReplyError> {
    let names: Vec<String> = one_or_many(value)?;
    names.iter().map(|name| Ok(name.parse()?)).collect()
}

fn one_or_many<T: DeserializeOwned>(value: &Json) -> Result<Vec<T>, serde_json::Error> {
    if value.as_str().starts_with('[') { value.parse() } else { Ok(vec![value.parse()?]) }
}

fn short(kind: RefusalKind) -> &'static str {
    kind.name().strip_suffix("Exception").unwrap_or(kind.name())
}

fn refusals() -> String {
    RefusalKind::ALL.iter().map(|kind| short(*kind)).collect::<Vec<_>>().join(", ")
}

/// A JSON error without its line and column, which are relative to the member.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// The model id that stands for all others.
const OTHERS: &str = "*";
/// The members of a reply.
const ORDER: [&str; 10] = [
    "events",
    "recording",
    "refuse",
    "retry_after",
    "reasoning",
    "signature",
    "text",
    "tool",
    "stop",
    "fault",
];
const MEMBERS: &str =
    "text, reasoning, signature, tool, stop; or events; or recording; or refuse, retry_after; and fault";
