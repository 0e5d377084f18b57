use alloc::borrow::ToOwned;
use alloc::string::String;

use bedrock_stream_core::answer::{StopReason, Trace, Usage};
use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{
    ContentBlockDelta, ContentBlockStart, ContentBlockStop, Delta, MessageStop,
};
use bedrock_stream_core::json::{Fields, Json, Lenient};
use bedrock_stream_core::object;

use crate::decode::bedrock_members::take_bedrock_members;
use crate::decode::chunk_writer::ChunkWriter;
use crate::decode::failure;
use crate::decode::foreign;
use crate::decode::message_blocks::{Begun, MessageBlocks};
use crate::decode::payload_reader::PayloadReader;
use crate::dialect::Dialect;

object! {
    /// A payload of Nova: one of Converse's events, as a member with its name.
    ///
    /// Source: "Complete request schema" in the Amazon Nova User Guide, and recordings.
    struct NovaPayload {
        /// The message begins.
        "messageStart" => message_start: Option<NovaStart>,
        /// A tool call begins.
        "contentBlockStart" => content_block_start: Option<ContentBlockStart>,
        /// A piece of a block.
        "contentBlockDelta" => content_block_delta: Option<ContentBlockDelta>,
        /// A block ends.
        "contentBlockStop" => content_block_stop: Option<ContentBlockStop>,
        /// The message ends.
        "messageStop" => message_stop: Option<MessageStop>,
        /// Usage and traces.
        "metadata" => metadata: Option<NovaMetadata>,
    }
}

object! {
    /// The message begins.
    struct NovaStart {
        /// The role of the message.
        "role" => role: Option<Role>,
    }
}

object! {
    /// Usage and traces.
    struct NovaMetadata {
        /// The tokens, some of them under names that differ from Converse's.
        "usage" => usage: Option<Json>,
        /// What a guardrail found.
        "trace" => trace: Option<Json>,
        /// How long it took; empty in every recording.
        "metrics" => metrics: Option<Json>,
    }
}

/// Reads an answer of Nova. `messageStop` proves it complete.
///
/// Each piece of text has its own index and its own stop. Pieces at adjacent indices are one block, with the index of
/// the first.
#[derive(Debug, Default)]
pub(in crate::decode) struct NovaReader {
    blocks: MessageBlocks,
    text: Option<TextRun>,
}

/// Pieces of text at adjacent indices.
#[derive(Debug)]
struct TextRun {
    first: u32,
    last: u32,
}

impl PayloadReader for NovaReader {
    fn read(&mut self, payload: &str, chunks: &mut ChunkWriter) -> Result<(), serde_json::Error> {
        let text = payload;
        let mut payload: NovaPayload = serde_json::from_str(text)?;
        let is_last = take_bedrock_members(&mut payload.other, &mut chunks.ending);
        if failure::is_failed(&payload.other, !payload.has_no_event()) || payload.is_error() {
            chunks.fail(failure::exception(text), chunks.is_stopped());
            return Ok(());
        }
        if payload.has_no_event() {
            foreign::refuse(text, Dialect::Nova)?;
        }
        if let Some(start) = payload.message_start {
            if self.blocks.begin(chunks) == Begun::Another {
                self.text = None;
            }
            unknown_members(start.other, chunks);
        }
        if let Some(mut event) = payload.content_block_start {
            event.content_block_index = self.blocks.in_answer(event.content_block_index, chunks)?;
            self.end_text(chunks);
            chunks.event(event);
        }
        if let Some(mut event) = payload.content_block_delta {
            event.content_block_index = self.blocks.in_answer(event.content_block_index, chunks)?;
            self.delta(event, chunks);
        }
        if let Some(mut event) = payload.content_block_stop {
            event.content_block_index = self.blocks.in_answer(event.content_block_index, chunks)?;
            self.block_stop(event, chunks);
        }
        if let Some(event) = payload.message_stop {
            self.text = None;
            self.blocks.note_content(chunks);
            unknown_members(event.other, chunks);
            if !chunks.is_stopped() {
                chunks.ending.raw_stop_reason =
                    event.stop_reason.as_ref().map(StopReason::as_str).map(ToOwned::to_owned);
                chunks.ending.stop_reason = event.stop_reason;
                chunks.stop();
            }
        }
        if let Some(event) = payload.metadata {
            metadata(event, chunks);
        }
        for member in payload.other {
            if member.value != Json::default() {
                chunks.unknown_event(&member.name, member.value);
            }
        }
        if is_last {
            chunks.conclude();
        }
        Ok(())
    }
}

impl NovaReader {
    fn delta(&mut self, mut event: ContentBlockDelta, chunks: &mut ChunkWriter) {
        let is_text = matches!(&event.delta, Some(Delta::Text(_)));
        match (event.content_block_index, &mut self.text) {
            (Some(index), Some(run))
                if is_text && (index == run.last || index.checked_sub(1) == Some(run.last)) =>
            {
                run.last = index;
                event.content_block_index = Some(run.first);
            }
            (Some(index), _) if is_text => {
                self.end_text(chunks);
                self.text = Some(TextRun { first: index, last: index });
            }
            // A citation of the text, or another piece of its block.
            (Some(index), Some(run)) if index == run.last => event.content_block_index = Some(run.first),
            (Some(_), Some(_)) => self.end_text(chunks),
            _ => {}
        }
        chunks.event(event);
    }

    /// Ends a block. A text block may continue at the next index.
    fn block_stop(&self, event: ContentBlockStop, chunks: &mut ChunkWriter) {
        match (&self.text, event.content_block_index) {
            (Some(run), index) if index.is_none_or(|index| (run.first..=run.last).contains(&index)) => {
                for member in event.other {
                    chunks.unknown_member(Some(run.first), member.name, member.value);
                }
            }
            _ => chunks.event(event),
        }
    }

    /// Ends the last text block, which cannot continue.
    fn end_text(&mut self, chunks: &mut ChunkWriter) {
        if let Some(run) = self.text.take() {
            chunks.end_block(run.first);
        }
    }
}

impl NovaPayload {
    /// Whether it contains none of the known events.
    const fn has_no_event(&self) -> bool {
        self.message_start.is_none()
            && self.content_block_start.is_none()
            && self.content_block_delta.is_none()
            && self.content_block_stop.is_none()
            && self.message_stop.is_none()
            && self.metadata.is_none()
    }

    /// Whether its type is `error`.
    fn is_error(&self) -> bool {
        let kind = self.other.value("type").and_then(|kind| kind.parse::<Lenient<String>>().ok());
        kind.is_some_and(|Lenient(kind)| kind == "error")
    }
}

/// Usage and traces. Nova's names for tokens read from the cache and written to it differ from Converse's.
fn metadata(event: NovaMetadata, chunks: &mut ChunkWriter) {
    if let Some(vendor_usage) = event.usage {
        let usage: Option<Usage> = vendor_usage.parse().ok();
        let mut usage = usage.unwrap_or_default();
        let mut cached = |name: &str, known: Option<u64>| {
            let count = usage.other.take(name).and_then(|count| count.parse::<Lenient<u64>>().ok());
            known.or(count.map(|Lenient(count)| count))
        };
        usage.cache_read_input_tokens = cached("cacheReadInputTokenCount", usage.cache_read_input_tokens);
        usage.cache_write_input_tokens = cached("cacheWriteInputTokenCount", usage.cache_write_input_tokens);
        // Its other members are in the vendor's usage.
        usage.other = Fields::new();
        if chunks.vendor_usage(vendor_usage) {
            chunks.ending.usage = usage;
        }
    }
    if let Some(trace) = event.trace.and_then(|trace| trace.parse::<Trace>().ok()) {
        if trace != Trace::default() && chunks.ending.trace.is_none() {
            chunks.ending.trace = Some(trace);
        }
    }
    if let Some(metrics) = event.metrics.filter(|metrics| metrics.as_str() != "{}") {
        chunks.unknown_member(None, "metrics".into(), metrics);
    }
    unknown_members(event.other, chunks);
}

fn unknown_members(members: Fields, chunks: &mut ChunkWriter) {
    chunks.unknown_members(members);
}
