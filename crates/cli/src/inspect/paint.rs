use std::fmt;

/// Text in a rendition, or as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    pub(crate) color: bool,
}

/// What a text is, to the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Strong,
    Faint,
    Good,
    Bad,
    Warning,
    Content,
}

impl Paint {
    /// The text, which must have been made visible.
    pub(crate) fn ink(self, ink: Ink, text: impl fmt::Display) -> String {
        let code = match ink {
            Ink::Strong => "1",
            Ink::Faint => "2",
            Ink::Good => "32",
            Ink::Bad => "1;31",
            Ink::Warning => "33",
            Ink::Content => "36",
        };
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}
