use std::io;

use terminal_size::{Width, terminal_size_of};

/// How wide the lines of a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// As wide as the terminal is that standard output is; a window can change its size.
    OfStdout,
    /// So many columns, or any number of them.
    #[cfg(test)]
    Fixed(Option<usize>),
}

impl Columns {
    /// The number now, if there is a limit.
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
