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
    /// Whether standard output gets colours. `NO_COLOR`, `CLICOLOR` and `TERM` count as `anstream` has it, with two
    /// exceptions. No variable puts colours into a pipe or a file: only `--color always` does. And a dumb terminal gets
    /// none where `CI` is set either.
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
