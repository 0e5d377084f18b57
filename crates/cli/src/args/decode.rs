use std::path::PathBuf;

use clap::ValueEnum;

use crate::dialect::{From, To};
use crate::output::ColorChoice;

#[derive(Debug, clap::Args)]
pub(crate) struct DecodeArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
    /// The format in which the answer streams
    #[arg(long, value_name = "DIALECT", value_enum, default_value_t)]
    pub(crate) from: From,
    /// What to print
    #[arg(long = "as", value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: DecodeFormat,
    /// Convert the answer to the stream of another dialect; with `--as message`, to that dialect's JSON of a whole
    /// answer. An answer that is not complete never looks complete: it ends in that dialect's error
    #[arg(long, value_name = "DIALECT", value_enum)]
    pub(crate) to: Option<To>,
    /// Write the results to a file [default: standard output, as with -]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Let --output overwrite an existing file
    #[arg(long)]
    pub(crate) force: bool,
    /// When to use colours. Text that does not go to a terminal never has any
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum DecodeFormat {
    /// Only the text; on a terminal also reasoning, tool calls and token counts
    Text,
    /// One message (frame) per line, of any service's event stream, or one server-sent event
    Messages,
    /// One event per line, as Bedrock sent it, including events after the proof of completeness
    Events,
    /// One chunk per line; `done` at the end proves that the answer is complete
    #[default]
    Chunks,
    /// The whole answer, as the Converse operation returns it
    Message,
}
