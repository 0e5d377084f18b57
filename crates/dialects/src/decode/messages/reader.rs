use alloc::borrow::ToOwned as _;
use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::{
    ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, ToolUseDelta,
};
use bedrock_stream_core::json::Fields;
use serde_json::Error;

use super::block_start::{StartedBlock, block_start, scan_start};
use super::delta::{Piece, piece};
use super::delta_scan::{scan_delta, scan_stop};
use super::usage::read_usage;
use crate::decode::bedrock_members::{take_bedrock_members, without_bedrock_members};
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::failure;
use crate::decode::foreign;
use crate::decode::members::{members_of, take};
use crate::decode::message_blocks::{Begun, MessageBlocks};
use crate::decode::payload_reader::PayloadReader;
use crate::dialect::Dialect;

/// Reads an answer in Messages.
///
/// `message_stop` proves it complete, if a `message_delta` of the same message had a stop reason.
#[derive(Debug, Default)]
pub(in crate::decode) struct MessagesReader {
    blocks: MessageBlocks,
    /// Whether the message has had a stop reason.
    has_stop_reason: bool,
    /// The latest block of an unknown kind: if it has arguments, they do not belong to a known call.
    unknown_block: Option<u32>,
    /// The last text of a scanned delta that had escapes; reused.
    unescaped: String,
}

impl PayloadReader for MessagesReader {
    fn read(&mut self, payload: &str, chunks: &mut ChunkWriter) -> Result<(), Error> {
        if self.unknown_block.is_none() {
            let delta = scan_delta(payload);
            if let Some((delta, text)) = delta.and_then(|d| Some((d, d.text.text(&mut self.unescaped)?))) {
                if let Some(block) = self.blocks.in_answer(Some(delta.block), chunks)? {
                    chunks.text_delta(block, delta.kind, text);
                }
                return Ok(());
            }
        }
        if let Some(index) = scan_stop(payload) {
            return self.block_stop(Some(index), Fields::new(), chunks);
        }
        if let Some((index, started)) = scan_start(payload) {
            let block = self.start_in_answer(Some(index), chunks)?;
            self.started_block(block, started, Fields::new(), chunks);
            return Ok(());
        }
        let mut members = members_of(payload)?;
        let kind: Option<String> = take(&mut members, "type")?;
        take_bedrock_members(&mut members, &mut chunks.ending);
        let is_error = match &kind {
            Some(kind) => kind == "error" || members.value("error").is_some(),
            None => failure::is_undetected_error(payload),
        };
        if is_error {
            chunks.fail(failure::exception(payload), false);
            return Ok(());
        }
        match kind.as_deref() {
            Some("message_start") => self.message_start(&mut members, payload, chunks)?,
            Some("content_block_start") => return self.block_start(members, chunks),
            Some("content_block_delta") => return self.block_delta(members, chunks),
            Some("content_block_stop") => {
                let index = take(&mut members, "index")?;
                return self.block_stop(index, members, chunks);
            }
            Some("message_delta") => self.message_delta(&mut members, chunks)?,
            Some("message_stop") => {
                unknown_members(None, members, chunks);
                if self.has_stop_reason {
                    chunks.stop();
                    chunks.conclude();
                }
                return Ok(());
            }
            Some("ping") => {}
            _ if members.is_empty() && kind.is_none() => {}
            _ => return unknown_event(kind.as_deref(), payload, chunks),
        }
        unknown_members(None, members, chunks);
        Ok(())
    }
}

impl MessagesReader {
    /// Starts the message, or another one: that is an order violation, unless the last one has had no content.
    fn message_start(
        &mut self,
        members: &mut Fields,
        payload: &str,
        chunks: &mut ChunkWriter,
    ) -> Result<(), Error> {
        let message = members.take("message");
        let mut message =
            message.map(|message| members_of(message.as_str())).transpose()?.unwrap_or_default();
        if failure::has_error(&message) {
            *members = Fields::new();
            chunks.fail(failure::exception(payload), false);
            return Ok(());
        }
        for known in ["type", "role"] {
            message.take(known);
        }
        if message.value("content").is_some_and(|content| content.as_str() == "[]") {
            message.take("content");
        }
        let begun = self.blocks.begin(chunks);
        if begun == Begun::Another {
            self.has_stop_reason = false;
            self.unknown_block = None;
        }
        if let Some(usage) = message.take("usage") {
            read_usage(usage, chunks);
        }
        closing_members(&mut message, chunks);
        if begun == Begun::Again {
            *members = Fields::new();
        } else {
            unknown_members(None, message, chunks);
        }
        Ok(())
    }

    fn block_start(&mut self, mut members: Fields, chunks: &mut ChunkWriter) -> Result<(), Error> {
        let block = self.start_in_answer(take(&mut members, "index")?, chunks)?;
        let started =
            members.take("content_block").as_ref().map(block_start).transpose()?.unwrap_or_default();
        self.started_block(block, started, members, chunks);
        Ok(())
    }

    /// The index in the answer of a block that starts. An earlier block with that index, which did not end, is a different
    /// block.
    fn start_in_answer(
        &mut self,
        index: Option<u32>,
        chunks: &mut ChunkWriter,
    ) -> Result<Option<u32>, Error> {
        let block = self.blocks.in_answer(index, chunks)?;
        if block.is_some() {
            chunks.cut_off(block);
        }
        Ok(block)
    }

    fn started_block(
        &mut self,
        block: Option<u32>,
        started: StartedBlock,
        other: Fields,
        chunks: &mut ChunkWriter,
    ) {
        let StartedBlock { start, deltas, unknown, is_unknown } = started;
        if is_unknown {
            self.unknown_block = block;
        } else if self.unknown_block == block {
            self.unknown_block = None;
        }
        let mut event = ContentBlockStart::default();
        event.content_block_index = block;
        event.start = Some(start);
        chunks.event(event);
        if !chunks.is_violated() {
            deltas.into_iter().for_each(|delta| chunks.event(delta_of(block, delta)));
            unknown_members(block, unknown, chunks);
            unknown_members(block, other, chunks);
        }
    }

    fn block_stop(
        &mut self,
        index: Option<u32>,
        other: Fields,
        chunks: &mut ChunkWriter,
    ) -> Result<(), Error> {
        let block = self.blocks.in_answer(index, chunks)?;
        if self.unknown_block == block {
            self.unknown_block = None;
        }
        let mut stop = ContentBlockStop::default();
        stop.content_block_index = block;
        stop.other = other;
        chunks.event(stop);
        Ok(())
    }

    fn block_delta(&mut self, mut members: Fields, chunks: &mut ChunkWriter) -> Result<(), Error> {
        let block = self.blocks.in_answer(take(&mut members, "index")?, chunks)?;
        if let Some(delta) = members.take("delta") {
            match piece(&delta)? {
                Piece::Arguments(_, _) if block.is_some() && self.unknown_block == block => {
                    chunks.unknown_member(block, "input_json_delta".into(), delta);
                }
                Piece::Arguments(piece, other) => {
                    chunks.event(delta_of(block, ToolUseDelta::new(piece)));
                    unknown_members(block, other, chunks);
                }
                Piece::Known(delta, other) => {
                    chunks.event(delta_of(block, delta));
                    unknown_members(block, other, chunks);
                }
                Piece::Unknown(kind) => {
                    let name = if kind.is_empty() { "delta".to_owned() } else { kind };
                    chunks.unknown_member(block, name, delta);
                }
            }
        }
        unknown_members(block, members, chunks);
        Ok(())
    }

    fn message_delta(&mut self, members: &mut Fields, chunks: &mut ChunkWriter) -> Result<(), Error> {
        let delta = members.take("delta");
        let mut delta = delta.map(|delta| members_of(delta.as_str())).transpose()?.unwrap_or_default();
        let reason: Option<String> = take(&mut delta, "stop_reason")?;
        self.blocks.note_content(chunks);
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            self.has_stop_reason = true;
            chunks.ending.stop_reason = Some(stop_reason(&reason));
            chunks.ending.raw_stop_reason = Some(reason);
        }
        if let Some(usage) = members.take("usage") {
            read_usage(usage, chunks);
        }
        closing_members(&mut delta, chunks);
        closing_members(members, chunks);
        unknown_members(None, delta, chunks);
        Ok(())
    }
}

fn delta_of(block: Option<u32>, delta: impl Into<Delta>) -> ContentBlockDelta {
    let mut event = ContentBlockDelta::default();
    event.content_block_index = block;
    event.delta = Some(delta.into());
    event
}

/// Writes an unknown event, without the members that Bedrock adds to every payload.
fn unknown_event(kind: Option<&str>, payload: &str, chunks: &mut ChunkWriter) -> Result<(), Error> {
    foreign::refuse(payload, Dialect::Messages)?;
    let event = without_bedrock_members(payload, &mut chunks.ending)?;
    chunks.unknown_event(kind.unwrap_or_default(), event);
    Ok(())
}

fn unknown_members(block: Option<u32>, members: Fields, chunks: &mut ChunkWriter) {
    for member in members {
        chunks.unknown_member(block, member.name, member.value);
    }
}

/// Moves the members that belong into `Done`.
fn closing_members(members: &mut Fields, chunks: &mut ChunkWriter) {
    for name in CLOSING_MEMBERS {
        if let Some(value) = members.take(name) {
            chunks.closing_member(name, value);
        }
    }
}

/// The members of a message that become part of `Done`, besides the stop reason and the usage.
const CLOSING_MEMBERS: [&str; 7] =
    ["id", "model", "stop_sequence", "stop_details", "container", "context_management", "diagnostics"];

/// Converse's stop reason.
fn stop_reason(word: &str) -> StopReason {
    match word {
        "refusal" => StopReason::ContentFiltered,
        word => word.into(),
    }
}
