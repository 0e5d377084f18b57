use std::env;
use std::io::{self, IsTerminal as _};

use anstream::AutoStream;
use clap::ValueEnum;

/// Whether to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    /// Whether standard output gets colours. `NO_COLOR`, `CLICOLOR` and `TERM` are interpreted as by `anstream`, with
    /// two exceptions: no variable enables colours in a pipe or a file, only `--color always` does; and a dumb terminal
    /// gets none even if `CI` is set.
    pub(crate) fn for_stdout(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let stdout = io::stdout();
                let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
                stdout.is_terminal() && !dumb && AutoStream::choice(&stdout) != anstream::ColorChoice::Never
            }
        }
    }
}
