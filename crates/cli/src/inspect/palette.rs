use std::fmt;

use anstyle::{AnsiColor, Style};

/// The styles of a report. Without colours, text stays as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    pub(crate) color: bool,
}

/// The meaning of a text, which determines its style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Bold,
    Dim,
    Success,
    Error,
    Warning,
    Content,
}

impl Palette {
    /// The text in its style. Control characters must have been escaped before.
    pub(crate) fn paint(self, tone: Tone, text: impl fmt::Display) -> String {
        let style = if self.color { tone.style() } else { Style::new() };
        format!("{style}{text}{style:#}")
    }
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Bold => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Success => AnsiColor::Green.on_default(),
            Self::Error => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Content => AnsiColor::Cyan.on_default(),
        }
    }
}
