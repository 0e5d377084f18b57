use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::args::connection::ConnectionArgs;
use crate::args::values::{finite, positive};
use crate::dialect::Dialect;
use crate::output::ColorChoice;

#[derive(Debug, clap::Args)]
pub(crate) struct ConverseArgs {
    /// The prompt: one message, in one or more words. `-`, or no prompt, reads standard input
    pub(crate) prompt: Vec<String>,
    /// The model: an id, an inference profile or an ARN
    #[arg(short, long, value_name = "ID", required_unless_present_any = ["demo", "request"])]
    pub(crate) model: Option<String>,
    /// The API to call; it determines the format of the request and of the answer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) dialect: Dialect,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    /// The system prompt
    #[arg(short, long)]
    pub(crate) system: Option<String>,
    /// The maximum number of tokens in the answer
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
    pub(crate) max_tokens: Option<NonZeroU32>,
    /// The sampling temperature, 0 or more
    #[arg(long, value_name = "T", value_parser = temperature, allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,
    /// The tools that the model may call: JSON, a `toolConfig` or the list of its `tools`
    #[arg(long, value_name = "FILE")]
    pub(crate) tools: Option<PathBuf>,
    /// A request to start from: the JSON body of ConverseStream. The other options override its members, and the prompt is
    /// appended as a message. With another --dialect, that dialect's body, which is sent as it is
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// What to print
    #[arg(long = "as", value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: ConverseFormat,
    /// Write the response body to a file, byte for byte, as it arrives, and the arrival times to FILE.times
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Let --record overwrite existing files
    #[arg(long)]
    pub(crate) force: bool,
    /// When to use colours. Text that does not go to a terminal never has any
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConverseFormat {
    /// Only the text; on a terminal also reasoning, tool calls and token counts
    #[default]
    Text,
    /// One event per line, as Bedrock sent it, including events after the proof of completeness
    Events,
    /// One chunk per line; `done` at the end proves that the answer is complete
    Chunks,
    /// The whole answer, as the Converse operation returns it
    Message,
}

fn temperature(text: &str) -> Result<f64, String> {
    let temperature = finite(text)?;
    if temperature >= 0.0 { Ok(temperature) } else { Err("it must be 0 or more".to_owned()) }
}
