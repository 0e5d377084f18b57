use std::collections::BTreeMap;

use bedrock_stream_core::frame::{Error, Message};

use super::block::{Block, EndedBy};
use super::closing::Closing;
use super::envelope::{Envelope, InvalidEnvelope};
use super::expected_json::ExpectedJson;
use super::item::{Failure, Item};
use super::json::Json;
use super::shape::{BLOCK_DELTA, BLOCK_START, BLOCK_STOP, MESSAGE_START, MESSAGE_STOP, METADATA, Shape};
use super::skipped_blocks::SkippedBlocks;

/// An answer in progress.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(super) items: Vec<Item>,
    /// Whether `Start` was given.
    pub(super) start_given: bool,
    /// Whether `messageStart` came.
    pub(super) started: bool,
    pub(super) blocks: BTreeMap<u32, Block>,
    pub(super) skipped_blocks: SkippedBlocks,
    /// Whether a delta without an index was reported.
    pub(super) indexless_delta_reported: bool,
    /// Whether a block's start could not be read.
    pub(super) start_unread: bool,
    pub(super) closing: Closing,
    pub(super) skipped: u64,
    /// Whether content after `messageStop` was reported.
    pub(super) late_told: bool,
    /// The answer has ended, with `Done` or a failure.
    pub(super) ended: bool,
}

impl Answer {
    pub(crate) fn message(&mut self, message: &Message<'_>) {
        if self.ended {
            return;
        }
        match Envelope::of(message) {
            Err(InvalidEnvelope) => {
                // The event may have been a piece of any call, or the start of another.
                self.doubt_calls();
                self.start_unread = true;
                self.skip("message");
            }
            Ok(Envelope::Event(name)) => self.event(name, message.payload()),
            Ok(Envelope::Unknown(name)) => self.unknown_event(name, message.payload()),
            Ok(Envelope::Exception(name)) => {
                self.fail(exception(name, message.payload(), self.closing.is_proven()))
            }
            Ok(Envelope::Error { code, message }) => {
                self.fail(Failure::Error {
                    code: code.map(Into::into),
                    message: message.map(Into::into),
                    after_proof: self.closing.is_proven(),
                });
            }
        }
    }

    /// The end of the bytes (C5).
    pub(crate) fn end(mut self, end: Result<(), Error>) -> Vec<Item> {
        if self.ended {
            return self.items;
        }
        if self.closing.is_proven() {
            self.done(end.err().map(frame_kind));
        } else {
            let incomplete = |inside_message| Failure::Incomplete {
                open_blocks: self.blocks.keys().copied().collect(),
                inside_message,
            };
            self.fail(match end {
                Ok(()) => incomplete(false),
                Err(Error::Truncated { .. }) => incomplete(true),
                Err(error) => Failure::Frame(error),
            });
        }
        self.items
    }

    fn event(&mut self, name: &str, payload: &[u8]) {
        let text = std::str::from_utf8(payload).ok();
        let shape = match name {
            "messageStart" => &MESSAGE_START,
            "contentBlockStart" => &BLOCK_START,
            "contentBlockDelta" => &BLOCK_DELTA,
            "contentBlockStop" => &BLOCK_STOP,
            "messageStop" => &MESSAGE_STOP,
            "metadata" => &METADATA,
            _ => return self.unknown_event(name, payload),
        };
        let json = text.and_then(Json::read).filter(|json| shape.echo(json).is_ok());
        let Some(json) = json else {
            // The event may have been a piece of any call, if its name is wrong; the design does not say.
            self.doubt_calls();
            if name == "contentBlockStart" {
                self.start_unread = true;
            }
            return self.skip("payload");
        };
        match name {
            "messageStart" => self.message_start(&json),
            "contentBlockStart" => self.block_start(&json),
            "contentBlockDelta" => self.block_delta(&json),
            "contentBlockStop" => self.block_stop(&json),
            "messageStop" => self.message_stop(&json),
            "metadata" => {
                self.closing.metadata(&json);
                self.done_if_whole();
            }
            _ => {}
        }
    }

    /// An event that is not in the service model: data.
    fn unknown_event(&mut self, name: &str, payload: &[u8]) {
        let text = std::str::from_utf8(payload).ok();
        let value = match text.and_then(Json::read) {
            Some(json) => without_padding(&json),
            None if payload.is_empty() => ExpectedJson::Exact("null".into()),
            None => {
                self.doubt_calls();
                return self.skip("payload");
            }
        };
        self.give(
            ExpectedJson::chunk("unknown").with("event", ExpectedJson::text(name)).with("value", value),
        );
    }

    fn message_start(&mut self, event: &Json<'_>) {
        if core::mem::replace(&mut self.started, true) {
            return self.skip("unexpected");
        }
        let role = event.get("role").and_then(Json::as_str).unwrap_or("assistant");
        if !core::mem::replace(&mut self.start_given, true) {
            self.items.push(Item::Chunk(ExpectedJson::chunk("start").with("role", ExpectedJson::text(role))));
        }
        self.unknown_members(event, &MESSAGE_START, None);
    }

    fn message_stop(&mut self, event: &Json<'_>) {
        if self.closing.is_proven() {
            return self.skip("unexpected");
        }
        let reason = event.get("stopReason").and_then(Json::as_str);
        let by = if reason == Some("tool_use") { EndedBy::ToolUse } else { EndedBy::Other };
        let open: Vec<u32> = self.blocks.keys().copied().collect();
        for block in open {
            self.close(block, by);
        }
        self.skipped_blocks.end_all();
        let reason = self.closing.stop(event);
        self.give(ExpectedJson::chunk("stop").with("stop_reason", ExpectedJson::text(reason)));
        self.done_if_whole();
    }

    pub(super) fn skip(&mut self, kind: &'static str) {
        self.skipped += 1;
        self.items.push(Item::Skipped(kind));
    }

    pub(super) fn unknown_members(&mut self, event: &Json<'_>, shape: &Shape, block: Option<u32>) {
        for (name, value) in event.members() {
            if name != "p" && !shape.knows(name) {
                self.unknown(name, value, block);
            }
        }
    }

    pub(super) fn unknown(&mut self, name: &str, value: &Json<'_>, block: Option<u32>) {
        let chunk = ExpectedJson::chunk("unknown")
            .with("member", ExpectedJson::text(name))
            .with_some("block", block.map(|block| ExpectedJson::Integer(block.into())))
            .with("value", ExpectedJson::exact(value));
        match block {
            Some(block) => self.give_in(block, "unknown", chunk),
            None => self.give(chunk),
        }
    }

    /// Adds a chunk of a block, after the block's start.
    pub(super) fn give_in(&mut self, index: u32, kind: &str, chunk: ExpectedJson) {
        if let Some(block) = self.blocks.get_mut(&index) {
            if !block.started {
                block.started = true;
                let start = ExpectedJson::chunk("block_start")
                    .with("block", ExpectedJson::Integer(index.into()))
                    .with("kind", ExpectedJson::text(kind));
                self.give(start);
            }
        }
        self.give(chunk);
    }

    /// Adds a chunk; `Start` is "given first in every answer" (C3).
    pub(super) fn give(&mut self, chunk: ExpectedJson) {
        if !self.start_given {
            self.start_given = true;
            self.items.push(Item::Chunk(
                ExpectedJson::chunk("start").with("role", ExpectedJson::text("assistant")),
            ));
        }
        self.items.push(Item::Chunk(chunk));
    }

    fn done_if_whole(&mut self) {
        if self.closing.is_whole() {
            self.done(None);
        }
    }

    fn done(&mut self, tail: Option<&str>) {
        for chunk in self.closing.end(self.skipped, tail) {
            self.give(chunk);
        }
        self.ended = true;
    }

    fn fail(&mut self, failure: Failure) {
        self.items.push(Item::Failed(failure));
        self.ended = true;
    }
}

/// An event's JSON without `p`, the padding that every event has.
fn without_padding(json: &Json<'_>) -> ExpectedJson {
    if json.members().iter().all(|(name, _)| name != "p") {
        return ExpectedJson::exact(json);
    }
    let members = json.members().iter().filter(|(name, _)| name != "p");
    ExpectedJson::Object(members.map(|(name, value)| (name.clone(), ExpectedJson::exact(value))).collect())
}

/// The content of an exception, as far as its payload can be read (C6).
fn exception(name: &str, payload: &[u8], after_proof: bool) -> Failure {
    let json = std::str::from_utf8(payload).ok().and_then(Json::read);
    // The design does not say what happens to repeated members: the last one counts, and the raw payload has all of
    // them.
    let member = |name: &str| {
        let mut members = json.as_ref()?.members().iter();
        members.rfind(|(key, _)| key == name).map(|(_, value)| value)
    };
    let text = |name| member(name).and_then(Json::as_str).map(str::to_owned);
    Failure::Exception {
        name: name.into(),
        message: text("message"),
        // The service model says "integer[100..599]"; a number that cannot be a status is only in the raw payload.
        original_status_code: member("originalStatusCode")
            .and_then(Json::as_integer)
            .filter(|code| u16::try_from(*code).is_ok()),
        original_message: text("originalMessage"),
        after_proof,
    }
}

/// An error's kind, by section 7 of the design.
fn frame_kind(error: Error) -> &'static str {
    match error {
        Error::Truncated { .. } => "truncated",
        Error::PreludeChecksum { .. } => "prelude_checksum",
        Error::MessageChecksum { .. } => "message_checksum",
        Error::Length { .. } => "length",
        Error::TooLong { .. } => "too_long",
        Error::Header { .. } => "header",
        _ => "an error without a kind",
    }
}
