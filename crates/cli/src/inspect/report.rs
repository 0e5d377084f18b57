use std::io;

use super::damage::{BitFlipDump, Damage};
use super::hex;
use super::json_layout::{compact, indented};
use super::outcome::Outcome;
use super::palette::{Palette, Tone};
use super::payload::Payload;
use super::row::{Arrival, Row};
use super::text::{fit, visible, width, wrap};
use crate::output::{format_count, format_duration};

/// Writes rows as text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) palette: Palette,
    pub(crate) columns: usize,
    /// Whether payloads and headers are shown whole.
    pub(crate) full: bool,
}

impl Report {
    /// Writes a message: passes lines to `emit`, in pieces that stay small even for very many headers.
    pub(crate) fn row(&self, row: &Row<'_>, mut emit: impl FnMut(&str) -> io::Result<()>) -> io::Result<()> {
        let palette = self.palette;
        let mut out = String::new();
        let number = format!("#{}", row.number);
        let place = format!("byte {}", format_count(row.offset));
        let time = row.arrival.map(|Arrival { at, gap }| {
            (format_duration(at), format!("+{}", format_duration(gap)), gap >= LONG)
        });
        let time_width = time.as_ref().map_or(0, |(at, gap, _)| width(at) + width(gap) + 4);
        let name = fit(&row.name, self.columns.saturating_sub(number.len() + place.len() + time_width + 4));
        let used = number.len() + width(&name) + place.len() + time_width + 2;
        out += &palette.paint(Tone::Bold, &number);
        out += "  ";
        out += &palette.paint(if row.is_error { Tone::Error } else { Tone::Bold }, &name);
        out += &" ".repeat(self.columns.saturating_sub(used).max(2));
        out += &palette.paint(Tone::Dim, &place);
        if let Some((at, gap, is_long)) = time {
            out += &palette.paint(Tone::Dim, format_args!("  {at}  "));
            out += &palette.paint(if is_long { Tone::Warning } else { Tone::Dim }, &gap);
        }
        out.push('\n');
        let mut lengths = row.lengths();
        if let Some((prelude, message)) = row.checksums {
            lengths += &format!("; checksums {prelude:08x} {message:08x} ok");
        }
        self.line(&mut out, &palette.paint(Tone::Dim, fit(&lengths, self.room())));
        self.headers(row, &mut out, &mut emit)?;
        self.payload(&row.payload, &mut out);
        let shown = if self.full { usize::MAX } else { MAX_OUTCOMES };
        for outcome in row.outcomes.iter().take(shown) {
            self.outcome(outcome, &mut out);
        }
        self.omitted(row.outcomes.len().saturating_sub(shown), "more of this", &mut out);
        out.push('\n');
        emit(&out)
    }

    /// The text for damage.
    pub(crate) fn damage(&self, damage: &Damage) -> String {
        let palette = self.palette;
        let mut out = String::new();
        let title = damage.title();
        out += &palette.paint(Tone::Error, title);
        out.push('\n');
        self.paragraph(&damage.error.to_string(), None, &mut out);
        for diagnosis in &damage.diagnoses {
            self.paragraph(&format!("→ {diagnosis}"), Some(Tone::Warning), &mut out);
        }
        let before = (damage.error.offset() - damage.around_from) as usize;
        let (before, after) = damage.around.split_at(before.min(damage.around.len()));
        for line in hex::dump(damage.around_from, before, self.columns.saturating_sub(2)) {
            out += &format!("  {}\n", palette.paint(Tone::Dim, line));
        }
        let lines = hex::dump(damage.error.offset(), after, self.columns.saturating_sub(2));
        for (number, line) in lines.iter().enumerate() {
            let mark = if number == 0 { "> " } else { "  " };
            out += &format!("{}{line}\n", palette.paint(Tone::Error, mark));
        }
        if let Some(flip) = &damage.flip {
            self.flip(flip, &mut out);
        }
        out.push('\n');
        out
    }

    fn flip(&self, flip: &BitFlipDump, out: &mut String) {
        let columns = self.columns.saturating_sub(2);
        self.paragraph(&flip.title(), None, out);
        let (marked, column) = hex::digits(flip.around_from, flip.at, columns);
        for (number, line) in hex::dump(flip.around_from, &flip.around, columns).iter().enumerate() {
            if number != marked {
                *out += &format!("  {line}\n");
                continue;
            }
            let (before, rest) = line.split_at(column);
            let (byte, after) = rest.split_at(2);
            let space = " ".repeat(column);
            *out += &format!("{}{before}", self.palette.paint(Tone::Error, "> "));
            *out += &format!("{}{after}\n", self.palette.paint(Tone::Error, byte));
            *out += &format!("  {space}{}\n", self.palette.paint(Tone::Error, "^^"));
        }
    }

    /// Adds a paragraph, wrapped.
    pub(crate) fn paragraph(&self, text: &str, tone: Option<Tone>, out: &mut String) {
        let mut line = String::new();
        let text = visible(text);
        let mut emit = |line: &str| {
            let line = tone.map_or_else(|| line.to_owned(), |tone| self.palette.paint(tone, line));
            self.line(out, &line);
        };
        for word in text.split(' ') {
            // A word wider than a line is broken at the end of the line.
            for piece in wrap(word, self.room(), usize::MAX).0 {
                if !line.is_empty() && width(&line) + 1 + width(&piece) > self.room() {
                    emit(&line);
                    line.clear();
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line += &piece;
            }
        }
        emit(&line);
    }

    fn headers(
        &self,
        row: &Row<'_>,
        out: &mut String,
        emit: &mut impl FnMut(&str) -> io::Result<()>,
    ) -> io::Result<()> {
        let shown = if self.full { usize::MAX } else { MAX_HEADERS };
        let name_width = row.header_names().take(shown).map(|name| width(&visible(name))).max().unwrap_or(0);
        let name_width = name_width.clamp(13, 24);
        for header in row.headers().take(shown) {
            let name = fit(&header.name, name_width);
            let gap = " ".repeat(name_width.saturating_sub(width(&name)));
            let start = format!("{name}{gap}  {:<7}  ", header.kind);
            let room = self.room().saturating_sub(width(&start));
            let value = if self.full { visible(&header.value) } else { fit(&header.value, room) };
            self.line(out, &format!("{}{value}", self.palette.paint(Tone::Dim, start)));
            if out.len() > MAX_PIECE {
                emit(out)?;
                out.clear();
            }
        }
        self.omitted(row.header_count.saturating_sub(shown), "more headers", out);
        Ok(())
    }

    fn payload(&self, payload: &Payload, out: &mut String) {
        match payload {
            Payload::Empty => self.line(out, &self.palette.paint(Tone::Dim, "no payload")),
            Payload::Json { text, inner, padding } => {
                self.json(text, *padding, out);
                if let Some(inner) = inner {
                    self.line(out, &self.palette.paint(Tone::Dim, "in its `bytes`:"));
                    self.json(inner, 0, out);
                }
            }
            Payload::Text(text) => self.block(text, out),
            Payload::Binary(bytes) => {
                let shown = if self.full { bytes.len() } else { bytes.len().min(64) };
                for line in hex::dump(0, &bytes[..shown], self.room()) {
                    self.line(out, &self.palette.paint(Tone::Content, line));
                }
                self.omitted(bytes.len() - shown, "more bytes", out);
            }
        }
    }

    fn json(&self, text: &str, padding: usize, out: &mut String) {
        let mut lines = if self.full { indented(text, MAX_JSON_LINES) } else { Vec::new() };
        let mut left = 0;
        // When laid out, hostile JSON can become many times longer.
        if lines.is_empty() || lines.len() == MAX_JSON_LINES {
            (lines, left) = self.wrapped(&compact(text));
        } else {
            lines = lines.iter().flat_map(|line| wrap(line, self.room(), usize::MAX).0).collect();
        }
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            self.line(out, &self.palette.paint(Tone::Content, line));
        }
        let note = format!("  + {} of padding p", count(padding));
        let mut line = self.palette.paint(Tone::Content, &last);
        if padding > 0 && width(&last) + width(&note) <= self.room() {
            line += &self.palette.paint(Tone::Dim, &note);
        }
        self.line(out, &line);
        if padding > 0 && width(&last) + width(&note) > self.room() {
            self.line(out, &self.palette.paint(Tone::Dim, note.trim_start()));
        }
        self.omitted(left, "more bytes", out);
    }

    fn block(&self, text: &str, out: &mut String) {
        let (lines, left) = self.wrapped(text);
        for line in lines {
            self.line(out, &self.palette.paint(Tone::Content, line));
        }
        self.omitted(left, "more bytes", out);
    }

    fn wrapped(&self, text: &str) -> (Vec<String>, usize) {
        wrap(text, self.room(), if self.full { usize::MAX } else { MAX_LINES })
    }

    fn outcome(&self, outcome: &Outcome, out: &mut String) {
        let (tone, text) = match outcome {
            Outcome::BlockStart { block, kind } => (Tone::Success, format!("[ block {block} opens: {kind}")),
            Outcome::BlockStop { block } => (Tone::Success, format!("] block {block} closes")),
            Outcome::Chunk { chunk, block, detail } => {
                let block = block.map(|block| format!(", block {block}")).unwrap_or_default();
                let colon = if detail.is_empty() { "" } else { ": " };
                (Tone::Success, format!("→ {chunk}{block}{colon}{detail}"))
            }
            Outcome::NoChunk(why) => (Tone::Dim, format!("· {why}")),
            Outcome::Skipped(why) => {
                return self.paragraph(&format!("! skipped: {why}"), Some(Tone::Error), out);
            }
            Outcome::Error(why) => {
                return self.paragraph(&format!("! the end: {why}"), Some(Tone::Error), out);
            }
        };
        let text = if self.full { visible(&text) } else { fit(&text, self.room()) };
        self.line(out, &self.palette.paint(tone, text));
    }

    fn omitted(&self, count: usize, what: &str, out: &mut String) {
        if count > 0 {
            let text = format!("… {} {what}; --full shows all", format_count(count as u64));
            self.line(out, &self.palette.paint(Tone::Dim, text));
        }
    }

    fn line(&self, out: &mut String, text: &str) {
        *out += INDENT;
        *out += text;
        out.push('\n');
    }

    fn room(&self) -> usize {
        self.columns.saturating_sub(INDENT.len())
    }
}

/// A number of bytes, in words.
fn count(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{} bytes", format_count(bytes as u64)) }
}

const INDENT: &str = "    ";
/// The maximum size of a piece, in bytes.
const MAX_PIECE: usize = 64 * 1024;
const MAX_LINES: usize = 3;
/// The maximum number of lines of JSON that is laid out.
const MAX_JSON_LINES: usize = 5_000;
const MAX_HEADERS: usize = 16;
const MAX_OUTCOMES: usize = 12;
/// A gap that is highlighted.
const LONG: std::time::Duration = std::time::Duration::from_secs(1);
