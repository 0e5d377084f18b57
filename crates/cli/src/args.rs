use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bedrock_stream_testkit::Fault;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

use crate::access_log::LogChoice;
use crate::help;
use crate::output::ColorChoice;

/// Stream answers from Amazon Bedrock, and look into AWS event streams.
#[derive(Debug, Parser)]
#[command(name = "bedrock-stream", version, after_help = help::CONVENTIONS)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a model, and show its answer as it arrives.
    ///
    /// Region and credentials come from the environment: AWS_REGION, and AWS_BEARER_TOKEN_BEDROCK (a Bedrock API key) or
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; then from ~/.aws/config and ~/.aws/credentials, for the profile
    /// AWS_PROFILE, of which only static keys are read. For SSO, a role or a process run
    /// `eval "$(aws configure export-credentials --profile NAME --format env)"` first.
    #[command(after_help = help::CONVERSE)]
    Converse(Box<ConverseArgs>),
    /// Show the event stream in a file or on standard input.
    ///
    /// Chunks and the message end as soon as the answer is proven complete, or has failed: nothing that follows could change
    /// that. Messages and events are read to the end of the input, or to the first damage.
    #[command(after_help = help::DECODE)]
    Decode(DecodeArgs),
    /// Look at an event stream, of any AWS service: each message, and what it did.
    ///
    /// Of each message: where it stands, its lengths, its checksums, its headers, its payload, and, of a ConverseStream
    /// answer, the chunks it gave and the blocks it opened and closed. Of a damaged stream: the bytes where it is damaged,
    /// and what they probably are. At the end: whether it is complete, and why. The exit status is 0 if it is, or
    /// if it is of another service and ended at the end of a message.
    #[command(after_help = help::INSPECT)]
    Inspect(Box<InspectArgs>),
    /// Write messages, as `decode --as messages` prints them, as an event stream.
    ///
    /// Standard output gets the stream alone, so a failure's line goes to standard error. Nothing is written of a line that
    /// is no message, nor of those after it.
    ///
    /// A message may have what the specification allows: header names of 1 to 255 bytes, values of up to 32,767 bytes, 128
    /// KiB of headers and a payload of 24 MiB.
    #[command(after_help = help::ENCODE)]
    Encode(EncodeArgs),
    /// Run a fake Bedrock, and print its URL, until it is interrupted.
    ///
    /// Any client in any language can be pointed at it. Without credentials and bearer tokens it lets everyone in.
    #[command(after_help = help::SERVE, after_long_help = help::SCRIPT)]
    Serve(Box<ServeArgs>),
    /// Write the completions of a shell to standard output.
    #[command(after_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConverseArgs {
    /// What to say to the model: one message, also in several words. `-`, or no prompt, reads standard input
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
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
    pub(crate) max_tokens: Option<NonZeroU32>,
    /// How freely the model chooses, from 0 on
    #[arg(long, value_name = "T", value_parser = temperature, allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,
    /// How long the whole answer may take, retries included [default: no limit]. To connect it has 10 s
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Seconds>,
    /// How long to wait for the first byte, and between two that follow each other [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) idle_timeout: Option<Seconds>,
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
    /// Write the body of the response to a file, byte for byte, as it arrives; and when its bytes came to FILE.times
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Let --record write over files that exist
    #[arg(long)]
    pub(crate) force: bool,
    /// Whether to use colours. Text that does not go to a terminal never has any
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecodeArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
    /// What to print
    #[arg(long = "as", value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: DecodeFormat,
    /// Write the results to a file [default: standard output, as with -]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over the file of --output if it exists
    #[arg(long)]
    pub(crate) force: bool,
    /// Whether to use colours. Text that does not go to a terminal never has any
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
    /// When the bytes came, as `converse --record` keeps it [default: FILE.times, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) times: Option<PathBuf>,
    /// Write all of it as a page, with a timeline. The page needs nothing else
    #[arg(long)]
    pub(crate) html: bool,
    /// Write all of it to a file, and print the summary alone [default: standard output, as with -]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write over the file of --output if it exists
    #[arg(long)]
    pub(crate) force: bool,
    /// Show whole payloads and headers, and not just what a few lines have room for
    #[arg(long)]
    pub(crate) full: bool,
    /// How many columns a line may have [default: the terminal's, or 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(48..))]
    pub(crate) width: Option<u16>,
    /// Whether to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
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
    /// Let the recordings that have a NAME.bin.times come as they came then, SPEED times as fast
    #[arg(long, value_name = "SPEED", value_parser = speed, num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    pub(crate) as_recorded: Option<f64>,
    /// Write so many bytes at a time [default: a message]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) split: Option<NonZeroUsize>,
    /// Wait so many milliseconds before each delta but the first
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) delay: u64,
    /// Send so many deltas a second: another way to give the delay
    #[arg(long, value_name = "N", conflicts_with = "delay", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
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
    /// Errors inside the stream: exception:NAME@PLACE, error@PLACE (first, middle, last, stopped, after).
    /// Instead of a stream: refuse:CODE@SECONDS, html-body, json, no-head, no-response.
    /// What loses nothing: slow-head:MILLISECONDS, split:BYTES, drip.
    ///
    /// What follows a name may be left out. A fault that finds nothing to change in an answer is told on standard error.
    /// docs/faults.md has each with what a client must conclude.
    #[arg(long, value_name = "KIND", verbatim_doc_comment)]
    pub(crate) fault: Vec<Fault>,
    /// Refuse requests with members that Bedrock does not know: it lets them pass, and without this they are told on
    /// standard error
    #[arg(long)]
    pub(crate) strict: bool,
    /// Let the faults go wrong with the first N requests only
    #[arg(long, value_name = "N", requires = "fault", value_parser = positive::<NonZeroU64>, allow_negative_numbers = true)]
    pub(crate) fault_first: Option<NonZeroU64>,
    /// Append each request to a file, refused ones too: a line of JSON with method, path, model, headers and body. Headers
    /// that hold secrets have the value null
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// When to tell of each request on standard error: its method, its path, the status, and the code of a refusal
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) log: LogChoice,
    /// Serve HTTPS, and write the certificate of the authority that clients must trust to a file: PEM. A certificate that
    /// is there already is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// Let --tls-ca write over any file that exists
    #[arg(long)]
    pub(crate) force: bool,
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

/// A time in seconds, also in parts of one; it is more than none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seconds(pub(crate) Duration);

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
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
    /// The text alone; on a terminal also reasoning, tool calls and what it cost
    Text,
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

fn speed(text: &str) -> Result<f64, String> {
    let speed = finite(text)?;
    if speed > 0.0 { Ok(speed) } else { Err("it must be more than 0".to_owned()) }
}

fn seconds(text: &str) -> Result<Seconds, String> {
    let seconds = finite(text)?;
    if seconds <= 0.0 {
        return Err("it must be more than 0".to_owned());
    }
    // A time that no clock reaches is as good as any other.
    Ok(Seconds(Duration::try_from_secs_f64(seconds).unwrap_or(MAX_TIMEOUT).min(MAX_TIMEOUT)))
}

fn temperature(text: &str) -> Result<f64, String> {
    let temperature = finite(text)?;
    if temperature >= 0.0 { Ok(temperature) } else { Err("it must be 0 or more".to_owned()) }
}

fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "it must be a number, such as 0.5".to_owned())
}

/// A whole number of at least 1.
fn positive<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "it must be a whole number of at least 1".to_owned())
}

const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
