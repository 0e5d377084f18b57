use std::fmt::{self, Write as _};

use anstyle::Style;
use bedrock_stream_core::answer::Chunk;

use super::color::ColorChoice;
use super::columns::Columns;
use super::printable::Printable;
use super::stdout::Output;
use super::word_wrap::WordWrap;

/// The format of an answer shown as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFormat {
    /// Only the text, byte for byte: for a pipe.
    Plain,
    /// Also reasoning, tool calls and notes, with lines broken between words; `color`: with dimmed and bold text.
    Terminal { color: bool },
}

impl TextFormat {
    /// The format for an output.
    pub(crate) fn of(out: &Output, color: ColorChoice) -> Self {
        if out.is_terminal() { Self::Terminal { color: color.for_stdout() } } else { Self::Plain }
    }
}

/// Writes chunks as text for people.
#[derive(Debug)]
pub(crate) struct TextView {
    format: TextFormat,
    /// The section that the last line belongs to.
    section: Option<Section>,
    at_line_start: bool,
    columns: Columns,
    wrap: WordWrap,
    /// The style of the word which the wrap holds back.
    style: Style,
}

/// A part of the answer with lines of its own; a block is named by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Text(u32),
    Reasoning(u32),
    Redacted(u32),
    ToolCall(u32),
    Note,
}

impl TextView {
    pub(crate) fn new(format: TextFormat) -> Self {
        Self {
            format,
            section: None,
            at_line_start: true,
            columns: Columns::OfStdout,
            wrap: WordWrap::default(),
            style: PLAIN,
        }
    }

    /// Appends the text of a chunk.
    pub(crate) fn push(&mut self, chunk: &Chunk, out: &mut String) {
        if self.format == TextFormat::Plain {
            if let Chunk::Text { text, .. } = chunk {
                out.push_str(text);
            }
            return;
        }
        match chunk {
            Chunk::Text { block, text, .. } => {
                self.enter(Section::Text(*block), "", out);
                self.put_words(PLAIN, text, out);
            }
            Chunk::Reasoning { block, text, .. } => {
                let label =
                    if self.format == (TextFormat::Terminal { color: true }) { "" } else { "[reasoning] " };
                self.enter(Section::Reasoning(*block), label, out);
                self.put_words(DIM, text, out);
            }
            Chunk::ToolCallStart { block, name, .. } => {
                // Two calls may follow each other under one index.
                self.section = self.section.map(|_| Section::Note);
                self.enter(Section::ToolCall(*block), &format!("[tool call] {name} "), out);
            }
            Chunk::ToolCallDelta { block, id, arguments_delta, .. } => {
                self.enter(Section::ToolCall(*block), &format!("[tool call, id {id}] "), out);
                self.put(PLAIN, arguments_delta, out);
            }
            Chunk::ToolCallEnd { name, input, .. } if !input.is_usable() => {
                self.note(format_args!("[the arguments of {name} are not JSON]"), out);
            }
            Chunk::ReasoningRedacted { block, .. } => {
                self.enter(Section::Redacted(*block), "[redacted reasoning]", out);
            }
            Chunk::ToolResultStart { id, .. } => self.note(format_args!("[tool result for {id}]"), out),
            Chunk::ImageStart { .. } => self.note("[image]", out),
            // The block has no more text, so its last word can be written.
            Chunk::BlockEnd { .. } => self.flush(out),
            // The usage may come later.
            Chunk::Stop { .. } | Chunk::Done(_) => self.end_line(out),
            _ => {}
        }
    }

    /// Ends the current line, since something else is going to be written.
    pub(crate) fn end_line(&mut self, out: &mut String) {
        self.flush(out);
        self.wrap.end_line();
        if !self.at_line_start {
            out.push('\n');
            self.at_line_start = true;
        }
    }

    fn note(&mut self, note: impl fmt::Display, out: &mut String) {
        self.end_line(out);
        self.section = Some(Section::Note);
        self.put(DIM, &note.to_string(), out);
        self.end_line(out);
    }

    /// Enters a section and writes its label, unless it is the current one.
    fn enter(&mut self, section: Section, label: &str, out: &mut String) {
        let last = self.section.replace(section);
        if last == Some(section) {
            return;
        }
        self.end_line(out);
        if last.is_some() {
            out.push('\n');
        }
        if !label.is_empty() {
            self.put(BOLD, label, out);
        }
    }

    /// Appends untrusted text, with lines broken between words.
    fn put_words(&mut self, style: Style, text: &str, out: &mut String) {
        self.style = style;
        let mut shown = String::new();
        self.wrap.push(&Printable::Lines(text).to_string(), self.columns.now(), &mut shown);
        self.render(style, &shown, out);
    }

    /// Appends untrusted text with its own line breaks.
    fn put(&mut self, style: Style, text: &str, out: &mut String) {
        let mut shown = String::new();
        self.wrap.pass(&Printable::Lines(text).to_string(), self.columns.now(), &mut shown);
        self.render(style, &shown, out);
    }

    /// Appends the word that was held back.
    fn flush(&mut self, out: &mut String) {
        let mut shown = String::new();
        self.wrap.flush(self.columns.now(), &mut shown);
        self.render(self.style, &shown, out);
    }

    /// Appends safe text in a style. The style is reset at once, so that an interrupted run does not leave it behind.
    fn render(&mut self, style: Style, shown: &str, out: &mut String) {
        if shown.is_empty() {
            return;
        }
        let style = if self.format == (TextFormat::Terminal { color: true }) { style } else { PLAIN };
        // Writing to a `String` never fails.
        let _ = write!(out, "{style}{shown}{style:#}");
        self.at_line_start = shown.ends_with('\n');
    }
}

const PLAIN: Style = Style::new();
const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

#[cfg(test)]
mod tests {
    use bedrock_stream_core::answer::Done;
    use bedrock_stream_core::content::{Role, ToolInput};

    use super::*;

    fn shown(style: TextFormat, columns: Option<usize>) -> String {
        let text = |text: &str| Chunk::text(1, text);
        let call = |block: u32, id: &str, delta: &str| Chunk::tool_call_delta(block, id, delta);
        let mut view = TextView { columns: Columns::Fixed(columns), ..TextView::new(style) };
        let mut out = String::new();
        for chunk in [
            Chunk::start(Role::Assistant),
            Chunk::reasoning(0, "Hm"),
            Chunk::reasoning(0, "m."),
            text("It\n"),
            text("is\u{1b}[31m"),
            Chunk::tool_call_start(2, "a", "weather", None),
            call(2, "a", "{\"city\""),
            Chunk::tool_call_start(3, "b", "time", None),
            call(2, "a", ":\"Paris\"}"),
            Chunk::tool_call_end(3, "b", "time", ToolInput::Empty),
            Chunk::Done(Box::<Done>::default()),
        ] {
            view.push(&chunk, &mut out);
        }
        out
    }

    #[test]
    fn a_pipe_gets_only_the_text() {
        assert_eq!(shown(TextFormat::Plain, Some(8)), "It\nis\u{1b}[31m");
    }

    #[test]
    fn a_terminal_gets_everything_without_foreign_control_characters() {
        let plain = "[reasoning] Hmm.\n\nIt\nis\\u{1b}[31m\n\n[tool call] weather {\"city\"\n\n[tool call] time \n\n\
                     [tool call, id a] :\"Paris\"}\n";
        assert_eq!(shown(TextFormat::Terminal { color: false }, None), plain);
        let color = shown(TextFormat::Terminal { color: true }, None);
        assert!(color.starts_with("\u{1b}[2mHm\u{1b}[0m\u{1b}[2mm.\u{1b}[0m\n\nIt\n"), "{color:?}");
        assert!(color.contains("\u{1b}[1m[tool call] weather \u{1b}[0m{\"city\""), "{color:?}");
    }

    #[test]
    fn lines_break_between_words() {
        let plain = shown(TextFormat::Terminal { color: false }, Some(12));
        assert!(plain.starts_with("[reasoning] \nHmm.\n\nIt\nis\\u{1b}[31m\n\n[tool call]"), "{plain:?}");
        let mut view = TextView {
            columns: Columns::Fixed(Some(12)),
            ..TextView::new(TextFormat::Terminal { color: true })
        };
        let mut out = String::new();
        for text in ["The s", "ky is ", "blue", ", and", " deep."] {
            view.push(&Chunk::reasoning(0, text), &mut out);
        }
        view.push(&Chunk::block_end(0), &mut out);
        view.push(&Chunk::text(1, "Yes"), &mut out);
        view.end_line(&mut out);
        let plain = out.replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
        assert_eq!(plain, "The sky is\nblue, and\ndeep.\n\nYes\n");
        // The text after it is not dimmed.
        assert!(out.ends_with("\u{1b}[0m\n\nYes\n"), "{out:?}");
    }
}
