use std::ffi::OsString;

use bedrock_stream_testkit::Fault;

use crate::args::values::{Seconds, seconds};
use crate::dialect::Dialect;

#[derive(Debug, clap::Args)]
pub(crate) struct JudgeArgs {
    /// The API that the command calls
    #[arg(long, value_enum, default_value_t)]
    pub(crate) dialect: Dialect,
    /// The model id; with --dialect invoke, it decides whose payloads the answer has [default: one of Anthropic's or OpenAI's]
    #[arg(long, value_name = "ID")]
    pub(crate) model: Option<String>,
    /// Inject this fault only, written as for `serve --fault`; may be repeated [default: every fault, once]
    #[arg(long, value_name = "NAME")]
    pub(crate) fault: Vec<Fault>,
    /// How long one run may take. A command that runs longer is killed, which counts as wrong
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Seconds,
    /// The command and its arguments
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
