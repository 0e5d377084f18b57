use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;

use bedrock_stream_testkit::Fault;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

/// Stream answers from Amazon Bedrock, and look into AWS event streams.
#[derive(Debug, Parser)]
#[command(name = "bedrock-stream", version, after_help = CONVENTIONS)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a model, and show its answer as it arrives.
    ///
    /// Region and credentials come from the environment: AWS_REGION, and AWS_BEARER_TOKEN_BEDROCK (a Bedrock API key) or
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    Converse(Box<ConverseArgs>),
    /// Show the event stream in a file or on standard input.
    ///
    /// Chunks and the message end as soon as the answer is proven complete, or has failed: nothing that follows could change
    /// that. Messages and events are read to the end of the input, or to the first damage.
    Decode(DecodeArgs),
    /// Write messages, as `decode --as messages` prints them, as an event stream.
    ///
    /// Standard output gets the stream alone, so a failure's line goes to standard error. Nothing is written of a line that
    /// is no message, nor of those after it.
    Encode(EncodeArgs),
    /// Run a fake Bedrock, and print its URL, until it is interrupted.
    ///
    /// Any client in any language can be pointed at it. Without credentials and bearer tokens it lets everyone in.
    #[command(after_long_help = SCRIPT)]
    Serve(Box<ServeArgs>),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConverseArgs {
    /// What to say to the model: one message, also in several words
    #[arg(required_unless_present = "request")]
    pub(crate) prompt: Vec<String>,
    /// Ask a fake Bedrock inside this program, over HTTP and with a signature: no AWS account is needed
    #[arg(long, conflicts_with = "endpoint_url")]
    pub(crate) demo: bool,
    /// The model: an id, an inference profile or an ARN
    #[arg(long, value_name = "ID", required_unless_present = "demo")]
    pub(crate) model: Option<String>,
    /// The AWS region [default: AWS_REGION, then AWS_DEFAULT_REGION]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Another endpoint than the region's [default: AWS_ENDPOINT_URL_BEDROCK_RUNTIME, then AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// What to sign with, instead of what the environment says. Other users of the machine can read it
    #[arg(long, value_name = "ID:SECRET[:TOKEN]")]
    pub(crate) credentials: Option<Secret>,
    /// The HTTP client [default: reqwest; with --demo hyper, which knows no proxies]
    #[arg(long, value_enum)]
    pub(crate) transport: Option<Transport>,
    /// Instructions to the model
    #[arg(long)]
    pub(crate) system: Option<String>,
    /// How many tokens the answer may have
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,
    /// How freely the model chooses, from 0 on
    #[arg(long, value_name = "T", value_parser = finite)]
    pub(crate) temperature: Option<f64>,
    /// The tools that the model may call: JSON, a `toolConfig` or the list of its `tools`
    #[arg(long, value_name = "FILE")]
    pub(crate) tools: Option<PathBuf>,
    /// The request to begin with: JSON, the body of ConverseStream. The other options replace its members, and the prompt
    /// becomes one more message
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// What to print
    #[arg(long = "as", value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: ConverseFormat,
    /// Write the body of the response to a file, byte for byte, as it arrives
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecodeArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
    /// What to print
    #[arg(long = "as", value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: DecodeFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EncodeArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Answer with the recorded bodies NAME.bin of a folder, each for the model NAME and for the `model` in NAME.json
    #[arg(long, value_name = "DIR")]
    pub(crate) recordings: Option<PathBuf>,
    /// Write so many bytes at a time [default: a message]
    #[arg(long, value_name = "N")]
    pub(crate) split: Option<NonZeroUsize>,
    /// Wait so many milliseconds before each delta but the first
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) delay: u64,
    /// Send so many deltas a second: another way to give the delay
    #[arg(long, value_name = "N", conflicts_with = "delay")]
    pub(crate) tokens_per_second: Option<NonZeroU32>,
    /// Choose padding, signatures and ids: the same seed gives the same bytes for the same request
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Answer with what a file says: JSON, the replies by model id; see below
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// Let this go wrong with every request; may be given several times, and each is applied to what those before it left
    ///
    /// The usual ones: cut, no-stop, bad-crc, exception, throttle, html.
    /// An end at a byte: cut-at:BYTE, abort-at:BYTE, reset-at:BYTE, stall-at:BYTE.
    /// Damage: flip-bit:BIT, wrong-length, huge-length.
    /// Messages: repeat:PIECE, drop:PIECE, swap:PIECE (message-start, block-start, delta, block-stop, message-stop, metadata).
    /// Errors inside the stream: exception:NAME@PLACE, error@PLACE (first, middle, last, after).
    /// Instead of a stream: refuse:CODE@SECONDS, html-body, json, no-head, no-response.
    /// What loses nothing: slow-head:MILLISECONDS, split:BYTES, drip.
    ///
    /// What follows a name may be left out. docs/faults.md has each with what a client must conclude.
    #[arg(long, value_name = "KIND", verbatim_doc_comment)]
    pub(crate) fault: Vec<Fault>,
    /// Let the faults go wrong with the first N requests only
    #[arg(long, value_name = "N", requires = "fault")]
    pub(crate) fault_first: Option<NonZeroU64>,
    /// Append each request to a file, refused ones too: a line of JSON with method, path, model, headers and body. Headers
    /// that hold secrets have the value null
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Serve HTTPS, and write the certificate of the authority that clients must trust to a file: PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// Let those in who sign with these; may be given several times
    #[arg(long, value_name = "ID:SECRET[:TOKEN]")]
    pub(crate) credentials: Vec<Secret>,
    /// The session token of credentials that were given without one
    #[arg(long, value_name = "TOKEN", requires = "credentials")]
    pub(crate) session_token: Option<Secret>,
    /// Let those in who bring this Bedrock API key; may be given several times
    #[arg(long, value_name = "TOKEN")]
    pub(crate) bearer: Vec<Secret>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Transport {
    Reqwest,
    Hyper,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConverseFormat {
    /// The text alone; on a terminal also reasoning, tool calls and what it cost
    #[default]
    Text,
    /// One event a line, as Bedrock sent it, also those that follow the proof of completeness
    Events,
    /// One chunk a line, `done` at the end: the proof that the answer is complete
    Chunks,
    /// The whole answer, as the Converse operation gives it
    Message,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum DecodeFormat {
    /// One message (frame) a line, of any service's event stream
    Messages,
    /// One event a line, as Bedrock sent it, also those that follow the proof of completeness
    Events,
    /// One chunk a line, `done` at the end: the proof that the answer is complete
    #[default]
    Chunks,
    /// The whole answer, as the Converse operation gives it
    Message,
}

/// A text that is never shown. Every text is one, so that clap has no reason to repeat it.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Ends the program for wrong usage that only shows when the arguments are used: status 2.
pub(crate) fn wrong_usage(reason: impl fmt::Display) -> ! {
    clap::Error::raw(ErrorKind::ValueValidation, format_args!("{reason}\n")).exit()
}

fn finite(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if number.is_finite() { Ok(number) } else { Err("it must be a number".to_owned()) }
}

const CONVENTIONS: &str = "\
Results go to standard output, everything else to standard error. A failure is a line
{\"failure\":{\"kind\":\"..\",\"message\":\"..\",..}} in its place among the results; a final one is the last line.

Exit status: 0 if the answer is complete and nothing was spoiled (with `--as messages`: the stream ended at the
end of a message), 1 otherwise, 2 for wrong usage. Closing the pipe early is no failure.";

const SCRIPT: &str = r#"The script: {"MODEL": [REPLY, ..], ..}
  MODEL is a model id, or * for all that are not named. Each reply is given once, in order, and the last from then on.
  A REPLY is one of
    {"text": "..", "reasoning": "..", "tool": {"name": "..", "input": {..}, "id": ".."}, "stop": "end_turn"}
                              an answer; each member may be left out, and "tool" may be a list
    {"events": [{"messageStart": {"role": "assistant"}}, ..]}
                              a whole stream, as `converse --as events` prints it
    {"recording": "FILE"}     a recorded body, byte for byte; the path counts from the script's folder
    {"refuse": "throttling", "retry_after": 2}
                              a refusal, by its code with or without "Exception"
    {}                        the answer that is made from the prompt
  and may have a "fault" besides, one or a list, each as --fault takes it."#;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
