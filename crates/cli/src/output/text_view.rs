use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal as _};

use bedrock_stream_core::converse::Chunk;

use super::color::ColorChoice;
use super::printable::Printable;

/// How an answer is shown as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// The text alone, byte for byte: for a pipe.
    Plain,
    /// Everything that a person may want to see, in lines; `color`: with dimmed and bold text.
    Terminal { color: bool },
}

impl Style {
    /// What suits standard output.
    pub(crate) fn of_stdout(color: ColorChoice) -> Self {
        if io::stdout().is_terminal() { Self::Terminal { color: color.for_stdout() } } else { Self::Plain }
    }
}

/// Writes chunks as a person reads them.
#[derive(Debug)]
pub(crate) struct TextView {
    style: Style,
    /// What the last line belongs to.
    section: Option<Section>,
    at_line_start: bool,
}

/// A part of the answer that stands in lines of its own; of a block, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Text(u32),
    Reasoning(u32),
    Redacted(u32),
    ToolCall(u32),
    Note,
}

impl TextView {
    pub(crate) const fn new(style: Style) -> Self {
        Self { style, section: None, at_line_start: true }
    }

    /// Appends what the chunk says.
    pub(crate) fn push(&mut self, chunk: &Chunk, out: &mut String) {
        if self.style == Style::Plain {
            if let Chunk::Text { text, .. } = chunk {
                out.push_str(text);
            }
            return;
        }
        match chunk {
            Chunk::Text { block, text } => {
                self.enter(Section::Text(*block), "", out);
                self.put(None, text, out);
            }
            Chunk::Reasoning { block, text } => {
                let label = if self.style == (Style::Terminal { color: true }) { "" } else { "[reasoning] " };
                self.enter(Section::Reasoning(*block), label, out);
                self.put(Some(DIM), text, out);
            }
            Chunk::ToolCallStart { block, name, .. } => {
                // Two calls may follow each other under one index.
                self.section = self.section.map(|_| Section::Note);
                self.enter(Section::ToolCall(*block), &format!("[tool call] {name} "), out);
            }
            Chunk::ToolCallDelta { block, id, arguments_delta } => {
                self.enter(Section::ToolCall(*block), &format!("[tool call, id {id}] "), out);
                self.put(None, arguments_delta, out);
            }
            Chunk::ToolCallEnd { name, input, .. } if !input.is_usable() => {
                self.note(format_args!("[the arguments of {name} are not JSON]"), out);
            }
            Chunk::ReasoningRedacted { block, .. } => {
                self.enter(Section::Redacted(*block), "[redacted reasoning]", out);
            }
            Chunk::ToolResultStart { id, .. } => self.note(format_args!("[tool result for {id}]"), out),
            Chunk::ImageStart { .. } => self.note("[image]", out),
            Chunk::Done(_) => self.end_line(out),
            _ => {}
        }
    }

    /// Ends the line that was begun, on a terminal: something else is going to be written there.
    pub(crate) fn end_line(&mut self, out: &mut String) {
        if !self.at_line_start {
            out.push('\n');
            self.at_line_start = true;
        }
    }

    fn note(&mut self, note: impl fmt::Display, out: &mut String) {
        self.end_line(out);
        self.section = Some(Section::Note);
        self.put(Some(DIM), &note.to_string(), out);
        self.end_line(out);
    }

    /// Goes on to a section, which begins with a label, unless it is the one that the last line belongs to.
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
            self.put(Some(BOLD), label, out);
        }
    }

    /// Appends text that came from elsewhere, in a rendition that ends with it: an interrupted run leaves none behind.
    fn put(&mut self, rendition: Option<&str>, text: &str, out: &mut String) {
        if text.is_empty() {
            return;
        }
        let rendition = rendition.filter(|_| self.style == Style::Terminal { color: true });
        // A `String` takes everything.
        let _ = match rendition {
            Some(rendition) => write!(out, "{rendition}{}{RESET}", Printable::Lines(text)),
            None => write!(out, "{}", Printable::Lines(text)),
        };
        self.at_line_start = text.ends_with('\n');
    }
}

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use bedrock_stream_core::converse::{Done, Role, ToolInput};

    use super::*;

    fn shown(style: Style) -> String {
        let text = |text: &str| Chunk::Text { block: 1, text: text.to_owned() };
        let call = |block: u32, id: &str, delta: &str| Chunk::ToolCallDelta {
            block,
            id: id.into(),
            arguments_delta: delta.to_owned(),
        };
        let mut view = TextView::new(style);
        let mut out = String::new();
        for chunk in [
            Chunk::Start { role: Role::Assistant },
            Chunk::Reasoning { block: 0, text: "Hm".to_owned() },
            Chunk::Reasoning { block: 0, text: "m.".to_owned() },
            text("It\n"),
            text("is\u{1b}[31m"),
            Chunk::ToolCallStart { block: 2, id: "a".into(), name: "weather".into(), kind: None },
            call(2, "a", "{\"city\""),
            Chunk::ToolCallStart { block: 3, id: "b".into(), name: "time".into(), kind: None },
            call(2, "a", ":\"Paris\"}"),
            Chunk::ToolCallEnd { block: 3, id: "b".into(), name: "time".into(), input: ToolInput::Empty },
            Chunk::Done(Box::<Done>::default()),
        ] {
            view.push(&chunk, &mut out);
        }
        out
    }

    #[test]
    fn a_pipe_gets_the_text_alone() {
        assert_eq!(shown(Style::Plain), "It\nis\u{1b}[31m");
    }

    #[test]
    fn a_terminal_gets_everything_and_no_control_characters_of_others() {
        let plain = "[reasoning] Hmm.\n\nIt\nis\\u{1b}[31m\n\n[tool call] weather {\"city\"\n\n[tool call] time \n\n\
                     [tool call, id a] :\"Paris\"}\n";
        assert_eq!(shown(Style::Terminal { color: false }), plain);
        let color = shown(Style::Terminal { color: true });
        assert!(color.starts_with("\u{1b}[2mHm\u{1b}[0m\u{1b}[2mm.\u{1b}[0m\n\nIt\n"), "{color:?}");
        assert!(color.contains("\u{1b}[1m[tool call] weather \u{1b}[0m{\"city\""), "{color:?}");
    }
}
