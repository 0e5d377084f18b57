use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bedrock_stream_core::converse::{Event, EventEncoder};
use bedrock_stream_core::json::Json;
use bedrock_stream_testkit::{Answer, ArrivalTimes, Fault, Refusal, RefusalKind, Reply, When, answer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::members::Members;
use super::place::Place;
use super::reply_error::{ReplyError, Wrong, short_name};
use crate::file_id::FileId;

/// A reply, or replies with a condition.
#[derive(Debug)]
pub(super) enum Entry {
    Reply(Reply),
    When(Box<When>, Vec<Reply>),
}

/// Reads replies. Errors name the member at fault.
pub(super) struct ReplyReader<'a> {
    pub(super) folder: &'a Path,
    pub(super) path: &'a Path,
    /// The whole script.
    pub(super) text: &'a str,
    pub(super) seed: u64,
    /// The files that were read.
    pub(super) read: RefCell<Vec<FileId>>,
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

impl<'a> ReplyReader<'a> {
    /// Reads a reply, or replies with a condition.
    pub(super) fn entry(&self, entry: &'a str) -> Result<Entry, Wrong> {
        let mut members = self.members(entry)?;
        let replies = members.remove("replies");
        let Some(when) = members.remove("when") else {
            return match replies {
                Some(replies) => Err(self.wrong(replies, ".replies", ReplyError::WithoutCondition)),
                None => Ok(Entry::Reply(self.reply(&members)?)),
            };
        };
        let condition = parsed::<When>(when).map_err(|error| self.wrong(when, ".when", error))?;
        let condition =
            condition.written_at(format!("{}:{}", self.path.display(), Place::of(self.text, entry)));
        let replies = match replies {
            None => vec![self.reply(&members)?],
            Some(list) => {
                if let Some(name) = members.keys().next() {
                    let beside = name.clone();
                    return Err(self.wrong(list, ".replies", ReplyError::Beside { beside }));
                }
                self.replies(list)?
            }
        };
        Ok(Entry::When(Box::new(condition), replies))
    }

    /// The replies that a conversation gets in order.
    fn replies(&self, list: &'a str) -> Result<Vec<Reply>, Wrong> {
        let entries: Vec<&RawValue> = parsed(list).map_err(|error| self.wrong(list, ".replies", error))?;
        let mut replies = Vec::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let reply = self.members(entry.get()).and_then(|members| self.reply(&members));
            let at = |wrong: Wrong| Wrong { at: format!(".replies[{index}]{}", wrong.at), ..wrong };
            replies.push(reply.map_err(at)?);
        }
        if replies.is_empty() {
            return Err(self.wrong(list, ".replies", ReplyError::NoReplies));
        }
        Ok(replies)
    }

    fn members(&self, entry: &'a str) -> Result<BTreeMap<String, &'a str>, Wrong> {
        let Members(members) = parsed(entry).map_err(|error| self.wrong(entry, "", error))?;
        let members: BTreeMap<_, _> = members.into_iter().map(|(name, value)| (name, value.get())).collect();
        if let Some((name, value)) = members.iter().find(|(name, _)| !is_member(name)) {
            return Err(self.wrong(value, &format!(".{name}"), ReplyError::UnknownMember));
        }
        Ok(members)
    }

    /// What is wrong with `value`, a part of the script.
    pub(super) fn wrong(&self, value: &str, at: &str, error: ReplyError) -> Wrong {
        let place = match &error {
            ReplyError::Json(error) => Place::of_error(self.text, value, error),
            _ => Place::of(self.text, value),
        };
        Wrong { place, at: at.to_owned(), error }
    }

    fn reply(&self, members: &BTreeMap<String, &'a str>) -> Result<Reply, Wrong> {
        // Inside `replies`, where further conditions are not allowed.
        if let Some((name, value)) = members.iter().find(|(name, _)| CONDITION.contains(&&***name)) {
            return Err(self.wrong(value, &format!(".{name}"), ReplyError::UnknownMember));
        }
        let mut content = Content::Generated;
        let mut first = None;
        let mut faults = Vec::new();
        // In the order of content blocks, whatever the order in the file.
        for name in ORDER {
            let Some(text) = members.get(name) else { continue };
            let at = |error| self.wrong(text, &format!(".{name}"), error);
            let value = &Json::from_text(text).map_err(|error| at(ReplyError::Json(error)))?;
            if name == "fault" {
                faults = read_faults(value).map_err(at)?;
                continue;
            }
            content = match (content, name) {
                (Content::Generated, "events") => Content::Reply(self.events(text)?),
                (Content::Generated, "recording") => Content::Reply(self.recording(value).map_err(at)?),
                (Content::Generated, "refuse") => Content::Refusal(refusal(value).map_err(at)?),
                (Content::Refusal(refusal), "retry_after") => Content::Refusal(
                    refusal.retry_after(value.parse().map_err(|error| at(ReplyError::Json(error)))?),
                ),
                (Content::Refusal(refusal), "message") => Content::Refusal(
                    refusal.message(value.parse::<String>().map_err(|error| at(ReplyError::Json(error)))?),
                ),
                (Content::Generated, "retry_after" | "message") => {
                    return Err(at(ReplyError::WithoutRefusal));
                }
                (Content::Generated, "citations") => return Err(at(ReplyError::WithoutText)),
                (Content::Answer(_), "citations") if !members.contains_key("text") => {
                    return Err(at(ReplyError::WithoutText));
                }
                (Content::Generated, _) => {
                    Content::Answer(Box::new(self.add(answer().seed(self.seed), name, text)?))
                }
                (Content::Answer(answer), name) if OF_ANSWER.contains(&name) => {
                    Content::Answer(Box::new(self.add(*answer, name, text)?))
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

    fn events(&self, list: &'a str) -> Result<Reply, Wrong> {
        let events: Vec<&RawValue> = parsed(list).map_err(|error| self.wrong(list, ".events", error))?;
        if events.is_empty() {
            return Err(self.wrong(list, ".events", ReplyError::EmptyList));
        }
        let mut encoder = EventEncoder::padded(self.seed);
        let mut body = Vec::new();
        for (index, raw) in events.into_iter().enumerate() {
            let at = |error| self.wrong(raw.get(), &format!(".events[{index}]"), error);
            let event = Json::from_text(raw.get()).and_then(|json| json.parse::<Event>());
            let event = event.map_err(|error| at(ReplyError::Json(error)))?;
            if let Event::Unknown(event) = &event {
                return Err(at(ReplyError::Event { name: event.name().to_owned() }));
            }
            encoder.encode(&event, &mut body).map_err(|error| at(ReplyError::Encode(error)))?;
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

fn refusal(value: &Json) -> Result<Refusal, ReplyError> {
    let name: String = value.parse()?;
    let is = |kind: &RefusalKind| {
        [kind.name(), short_name(*kind)].iter().any(|known| known.eq_ignore_ascii_case(&name))
    };
    match RefusalKind::ALL.iter().copied().find(is) {
        Some(kind) => Ok(Refusal::of(kind)),
        None => Err(ReplyError::Refusal { name }),
    }
}

fn is_member(name: &str) -> bool {
    ORDER.contains(&name) || CONDITION.contains(&name)
}

pub(super) fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ReplyError> {
    Ok(serde_json::from_str(text)?)
}

fn read_faults(value: &Json) -> Result<Vec<Fault>, ReplyError> {
    let names: Vec<String> = one_or_many(value)?;
    names.iter().map(|name| Ok(name.parse()?)).collect()
}

fn one_or_many<T: DeserializeOwned>(value: &Json) -> Result<Vec<T>, serde_json::Error> {
    if value.as_str().starts_with('[') { value.parse() } else { Ok(vec![value.parse()?]) }
}

/// The members of a reply, in the order of content blocks.
const ORDER: [&str; 14] = [
    "events",
    "recording",
    "refuse",
    "retry_after",
    "message",
    "reasoning",
    "signature",
    "redacted",
    "text",
    "citations",
    "tool",
    "stop",
    "usage",
    "fault",
];
/// Those that make up an answer.
const OF_ANSWER: [&str; 8] =
    ["reasoning", "signature", "redacted", "text", "citations", "tool", "stop", "usage"];
/// The members of an entry beside those of a reply.
const CONDITION: [&str; 2] = ["when", "replies"];
