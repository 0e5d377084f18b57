use std::io;

use terminal_size::{Width, terminal_size_of};

/// The maximum width of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// The width of the terminal on standard output, which can change.
    OfStdout,
    /// A fixed width, or no limit.
    #[cfg(test)]
    Fixed(Option<usize>),
}

impl Columns {
    /// The current limit, if there is one.
    pub(crate) fn now(self) -> Option<usize> {
        match self {
            Self::OfStdout => {
                let Width(columns) = terminal_size_of(io::stdout())?.0;
                Some(usize::from(columns)).filter(|columns| *columns > 0)
            }
            #[cfg(test)]
            Self::Fixed(columns) => columns,
        }
    }
}
