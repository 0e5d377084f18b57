use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bedrock_stream_testkit::Builder;
use serde_json::value::RawValue;

use super::members::Members;
use super::place::Place;
use super::reply_error::{ReplyError, Wrong, without_line};
use super::reply_reader::{Entry, ReplyReader};
use crate::file_id::FileId;

/// The replies of `serve` for each model id, in order.
#[derive(Debug)]
pub(crate) struct Script {
    models: BTreeMap<String, Vec<Entry>>,
    read: Vec<FileId>,
}

impl Script {
    /// Parses a script; `path` is the file it came from. The same seed gives the same padding.
    pub(crate) fn parse(text: &str, path: &Path, seed: u64) -> Result<Self, ScriptError> {
        let wrong =
            |place: Place, at: String, error| ScriptError::Wrong { path: path.to_owned(), place, at, error };
        let not_a_script = |part: &str, source: serde_json::Error| ScriptError::NotAScript {
            path: path.to_owned(),
            place: Place::of_error(text, part, &source),
            source,
        };
        let Members(models) = serde_json::from_str(text).map_err(|source| not_a_script(text, source))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut script = Self { models: BTreeMap::new(), read: FileId::of_path(path).into_iter().collect() };
        let reader = ReplyReader { folder, path, text, seed, read: RefCell::default() };
        for (model, list) in models {
            let list = list.get();
            let entries: Vec<&RawValue> =
                serde_json::from_str(list).map_err(|source| not_a_script(list, source))?;
            let mut replies = Vec::new();
            for (index, entry) in entries.iter().enumerate() {
                let reply = reader.entry(entry.get());
                replies.push(reply.map_err(|Wrong { place, at, error }| {
                    wrong(place, format!("{model:?}[{index}]{at}"), error)
                })?);
            }
            if replies.is_empty() {
                return Err(wrong(Place::of(text, list), format!("{model:?}"), ReplyError::NoReplies));
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

    /// Configures a fake Bedrock to reply as the script says.
    pub(crate) fn configure(self, mut bedrock: Builder) -> Builder {
        for (model, entries) in self.models {
            for entry in entries {
                bedrock = match entry {
                    Entry::Reply(reply) => bedrock.reply(&*model, reply),
                    Entry::When(when, replies) => bedrock.replies_when(&*model, *when, replies),
                };
            }
        }
        bedrock
    }
}

/// A script that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScriptError {
    #[error(
        "{}:{place}: it is not a script, a list of replies by model id: {}",
        path.display(),
        without_line(source)
    )]
    NotAScript { path: PathBuf, place: Place, source: serde_json::Error },
    #[error("{}:{place}: {at}: {error}", path.display())]
    Wrong {
        path: PathBuf,
        place: Place,
        /// Where in the file: the model id, the index of the reply, the member.
        at: String,
        error: ReplyError,
    },
}
