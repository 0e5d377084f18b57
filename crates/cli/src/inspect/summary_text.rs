//! The summary as text.

use std::time::Duration;

use bedrock_stream_core::answer::Usage;

use super::blocks::BlockSpan;
use super::palette::Tone;
use super::report::Report;
use super::summary::{Summary, Verdict, skipped_events};
use super::text::{fit, visible, width, wrap};
use crate::carrier::Carrier;
use crate::output::{format_count, format_duration};

/// The facts of a summary, with their names: for both kinds of report.
pub(crate) fn facts(summary: &Summary) -> Vec<(String, String)> {
    let mut facts: Vec<(&str, String)> = Vec::new();
    let names: Vec<String> =
        summary.names.iter().map(|(name, count)| format!("{name} {}", format_count(*count))).collect();
    let bytes = format_count(summary.bytes);
    let bytes = match (summary.input == summary.bytes, summary.is_whole) {
        (true, _) => format!("{bytes} bytes"),
        (false, true) => format!("{bytes} of {} bytes", format_count(summary.input)),
        (false, false) => format!("{bytes} of at least {} bytes", format_count(summary.input)),
    };
    let counted = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
    if let Some(dialect) = summary.dialect {
        let carried = match summary.carrier {
            Carrier::EventStream => "from InvokeModelWithResponseStream",
            Carrier::ServerSentEvents => "as server-sent events",
        };
        facts.push(("dialect", format!("{dialect}, {carried}")));
    }
    facts.push((summary.units(), format!("{} in {bytes}{counted}", format_count(summary.messages))));
    if let Some(ending) = &summary.ending {
        facts.push((
            "chunks",
            format!("{}; {}", format_count(summary.chunks), skipped_events(summary.skipped)),
        ));
        let stop = ending.stop_reason.as_str();
        facts.push((
            "stop reason",
            if stop.is_empty() { "none received".to_owned() } else { stop.to_owned() },
        ));
        facts.push(("usage", ending.usage.as_ref().map_or_else(|| "none received".to_owned(), usage)));
        if let Some(gaps) = ending.other.value("sequence_number_gaps") {
            let gaps = if gaps.as_str() == "1" { "1 gap".to_owned() } else { format!("{gaps} gaps") };
            facts.push(("numbering", format!("{gaps} in the events' sequence numbers")));
        }
        if let Some(latency) = ending.metrics.as_ref().and_then(|metrics| metrics.latency_ms) {
            let latency = u64::try_from(latency).unwrap_or_default();
            let latency = format_duration(Duration::from_millis(latency));
            facts.push(("latency", format!("{latency}, reported by Bedrock")));
        }
    }
    if let Some(times) = &summary.times {
        let reads = if times.reads == 1 {
            "1 read".to_owned()
        } else {
            format!("{} reads", format_count(times.reads as u64))
        };
        let last_unit = summary.units().trim_end_matches('s');
        let (first, last) = (format_duration(times.first_byte), format_duration(times.last_message));
        facts.push(("time", format!("first byte after {first}, last {last_unit} after {last}, {reads}")));
        if let Some((gap, number)) = times.longest_gap {
            facts.push(("longest gap", format!("{} before #{number}", format_duration(gap))));
        }
        facts.extend(times.tokens.clone().map(|tokens| ("tokens", tokens)));
    }
    let blocks =
        summary.blocks.iter().take(MAX_BLOCKS).map(|block| (format!("block {}", block.index), span(block)));
    facts.into_iter().map(|(name, text)| (name.to_owned(), text)).chain(blocks).collect()
}

fn span(block: &BlockSpan) -> String {
    let times = match (block.from, block.to) {
        (Some(from), Some(to)) => format!(", {} to {}", format_duration(from), format_duration(to)),
        _ => String::new(),
    };
    let open = if block.is_closed { "" } else { ", never closed" };
    let chunks = if block.chunks == 1 {
        "1 chunk".to_owned()
    } else {
        format!("{} chunks", format_count(block.chunks))
    };
    format!("{}, {chunks}, #{} to #{}{times}{open}", block.kind, block.first, block.last)
}

/// The token counts; cache counts only if they are not 0.
fn usage(usage: &Usage) -> String {
    let some = |tokens: Option<u64>| tokens.filter(|tokens| *tokens > 0);
    let parts = [
        (usage.input_tokens, "in"),
        (usage.output_tokens, "out"),
        (usage.total_tokens, "in total"),
        (some(usage.cache_read_input_tokens), "read from the cache"),
        (some(usage.cache_write_input_tokens), "written to the cache"),
    ];
    let part =
        |(tokens, what): (Option<u64>, &str)| tokens.map(|tokens| format!("{} {what}", format_count(tokens)));
    let parts: Vec<String> = parts.into_iter().filter_map(part).collect();
    if parts.is_empty() { "none received".to_owned() } else { parts.join(", ") }
}

impl Report {
    /// The summary, in lines.
    pub(crate) fn summary(&self, summary: &Summary) -> String {
        let mut out = summary.damage.as_ref().map(|damage| self.damage(damage)).unwrap_or_default();
        let (word, why) = summary.verdict.words();
        let tone = match &summary.verdict {
            Verdict::Broken(_) => Tone::Error,
            Verdict::Complete(_) if summary.skipped > 0 => Tone::Warning,
            _ => Tone::Success,
        };
        out += &self.palette.paint(tone, word);
        out.push('\n');
        self.paragraph(why, None, &mut out);
        for (name, text) in facts(summary) {
            let start = format!("{name:<NAME$}");
            let room = self.columns.saturating_sub(4 + NAME);
            let (lines, left) = wrap_words(&text, room, if self.full { usize::MAX } else { 4 });
            for (number, line) in lines.iter().enumerate() {
                let start =
                    if number == 0 { self.palette.paint(Tone::Dim, &start) } else { " ".repeat(NAME) };
                let more = if left && number + 1 == lines.len() { " …" } else { "" };
                out += &format!("    {start}{line}{more}\n");
            }
        }
        out
    }
}

/// A text in lines broken between words where possible; and whether something was left out.
fn wrap_words(text: &str, columns: usize, max_lines: usize) -> (Vec<String>, bool) {
    let mut lines: Vec<String> = Vec::new();
    for word in visible(text).split(' ') {
        for piece in wrap(word, columns, usize::MAX).0 {
            let is_last = lines.len() == max_lines;
            match lines.last_mut() {
                Some(line) if width(line) + 1 + width(&piece) <= columns => {
                    line.push(' ');
                    *line += &piece;
                }
                Some(line) if is_last => {
                    *line = fit(line, columns.saturating_sub(2));
                    return (lines, true);
                }
                _ => lines.push(piece),
            }
        }
    }
    (lines, false)
}

/// The width of the names of facts.
const NAME: usize = 13;
const MAX_BLOCKS: usize = 100;
