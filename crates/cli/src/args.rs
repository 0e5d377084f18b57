use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use bedrock_stream_testkit::Fault;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

use crate::access_log::LogChoice;
pub(crate) use crate::arg_values::{Seconds, Secret, Transport};
use crate::arg_values::{finite, positive, seconds};
use crate::dialect::{Dialect, From, To};
use crate::gateway::GatewayArgs;
use crate::help;
use crate::output::ColorChoice;

/// Stream answers from Amazon Bedrock, and inspect AWS event streams and server-sent events.
#[derive(Debug, Parser)]
#[command(name = "bedrock-stream", version, after_help = help::CONVENTIONS)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Send a prompt to a model and show the answer as it arrives.
    ///
    /// Region and credentials come from the environment: AWS_REGION, and AWS_BEARER_TOKEN_BEDROCK (a Bedrock API key) or
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; otherwise from ~/.aws/config and ~/.aws/credentials, for the profile
    /// AWS_PROFILE. Only static keys are read there: for SSO, a role or a credential process, run
    /// `eval "$(aws configure export-credentials --profile NAME --format env)"` first.
    #[command(after_help = help::CONVERSE)]
    Converse(Box<ConverseArgs>),
    /// Decode an answer from a file or standard input: an event stream, or server-sent events.
    ///
    /// What comes from Bedrock as ConverseStream, InvokeModelWithResponseStream, Chat Completions, Responses or Messages
    /// becomes the same chunks.
    ///
    /// With chunks and message, decoding ends as soon as the answer is proven complete or has failed: nothing that follows
    /// can change that. Messages and events are read to the end of the input, or to the first damage.
    #[command(after_help = help::DECODE)]
    Decode(DecodeArgs),
    /// Explain an event stream of any AWS service, message by message, or server-sent events.
    ///
    /// For each message, shows its offset, lengths, checksums, headers and payload; for each server-sent event, its offset,
    /// name and data. For a model's answer, in any dialect, also shows the chunks that each produced, and the content blocks
    /// that it started and stopped. For a damaged stream, shows the damaged bytes and what they probably are. The summary says
    /// whether the stream is complete, and why. The exit status is 0 if it is complete, or if it belongs to another service
    /// and ended at the end of a message.
    #[command(after_help = help::INSPECT)]
    Inspect(Box<InspectArgs>),
    /// Encode messages, as `decode --as messages` prints them, as an event stream.
    ///
    /// Standard output contains only the stream, so the line of a failure goes to standard error. Encoding stops at the first
    /// line that is not a message; nothing of that line is written.
    ///
    /// The limits are those of the specification: header names of 1 to 255 bytes, values of up to 32,767 bytes, 128 KiB of
    /// headers and a payload of 24 MiB.
    #[command(after_help = help::ENCODE)]
    Encode(EncodeArgs),
    /// Run a fake Bedrock and print its URL, until it is interrupted.
    ///
    /// It works with any client in any language. Without --credentials and --bearer it accepts every request.
    #[command(after_help = help::SERVE, after_long_help = help::SCRIPT)]
    Serve(Box<ServeArgs>),
    /// Check your own client: run a command once for each fault, and compare its conclusion with the correct one.
    ///
    /// Each run has its own fake Bedrock, whose answer contains that fault. Prints a table; the exit status is 1 if any
    /// conclusion is wrong. docs/faults.md says what other clients conclude.
    #[command(after_help = help::JUDGE)]
    Judge(Box<JudgeArgs>),
    /// Run a gateway through which clients of OpenAI and Anthropic use Bedrock, and print its URL.
    ///
    /// It serves Chat Completions, Responses and Messages (/v1/chat/completions, /v1/responses, /v1/messages), and
    /// calls Bedrock by ConverseStream. An answer that is not proven complete never looks complete: it ends in an
    /// error.
    ///
    /// Region and credentials come from the environment, as for converse. At Ctrl-C or SIGTERM it accepts no new
    /// connections and lets open answers end; a second Ctrl-C ends it immediately.
    #[command(after_help = help::GATEWAY, after_long_help = help::GATEWAY_CONFIG)]
    Gateway(Box<GatewayArgs>),
    /// Print completions for a shell.
    #[command(after_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConverseArgs {
    /// The prompt: one message, in one or more words. `-`, or no prompt, reads standard input
    pub(crate) prompt: Vec<String>,
    /// Use a fake Bedrock inside this program, over HTTP and with signed requests. No AWS account is needed
    #[arg(long, conflicts_with = "endpoint_url")]
    pub(crate) demo: bool,
    /// The model: an id, an inference profile or an ARN
    #[arg(short, long, value_name = "ID", required_unless_present_any = ["demo", "request"])]
    pub(crate) model: Option<String>,
    /// The API to call; it determines the format of the request and of the answer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) dialect: Dialect,
    /// The AWS region [default: AWS_REGION, then AWS_DEFAULT_REGION]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The endpoint, if not the region's [default: AWS_ENDPOINT_URL_BEDROCK_RUNTIME, then AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Credentials to sign with, instead of those from the environment. Other users of the machine can see them
    #[arg(long, value_name = "ID:SECRET[:TOKEN]")]
    pub(crate) credentials: Option<Secret>,
    /// The HTTP client [default: reqwest; with --demo: hyper, which does not use proxies]
    #[arg(long, value_enum)]
    pub(crate) transport: Option<Transport>,
    /// The system prompt
    #[arg(short, long)]
    pub(crate) system: Option<String>,
    /// The maximum number of tokens in the answer
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
    pub(crate) max_tokens: Option<NonZeroU32>,
    /// The sampling temperature, 0 or more
    #[arg(long, value_name = "T", value_parser = temperature, allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,
    /// The time limit for the whole answer, including retries [default: none]. Connecting is limited to 10 s
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Seconds>,
    /// How long to wait for the first byte, and then for each next one [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) idle_timeout: Option<Seconds>,
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
    /// answer. An answer that is not complete ends in that dialect's error
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

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
    /// The arrival times, as written by `converse --record` [default: FILE.times, if it exists]
    #[arg(long, value_name = "FILE")]
    pub(crate) times: Option<PathBuf>,
    /// Write an HTML page with a timeline instead of text. The page is self-contained
    #[arg(long)]
    pub(crate) html: bool,
    /// Write the report to a file, and print only the summary [default: standard output, as with -]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Let --output overwrite an existing file
    #[arg(long)]
    pub(crate) force: bool,
    /// Show payloads and headers in full, not just a few lines of each
    #[arg(long)]
    pub(crate) full: bool,
    /// The line width in columns [default: the terminal's, or 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(48..))]
    pub(crate) width: Option<u16>,
    /// When to use colours
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
pub(crate) struct JudgeArgs {
    /// The API that the command calls
    #[arg(long, value_enum, default_value_t)]
    pub(crate) dialect: Dialect,
    /// The model that the command asks; with --dialect invoke, the answer is in its vendor's format [default: one of
    /// Anthropic's or OpenAI's]
    #[arg(long, value_name = "ID")]
    pub(crate) model: Option<String>,
    /// Inject only this fault, written as for `serve --fault`; may be repeated [default: every fault, once]
    #[arg(long, value_name = "NAME")]
    pub(crate) fault: Vec<Fault>,
    /// How long one run may take. A command that runs longer is killed, and counts as without a conclusion
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Seconds,
    /// The command and its arguments
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The address to listen on; port 0 picks a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Replay the recorded bodies NAME.bin and NAME.sse in a folder, each for the model NAME and for the `model` in NAME.json
    #[arg(long, value_name = "DIR")]
    pub(crate) recordings: Option<PathBuf>,
    /// Replay recordings that have a NAME.bin.times at their original pace, SPEED times as fast
    #[arg(long, value_name = "SPEED", value_parser = speed, num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    pub(crate) as_recorded: Option<f64>,
    /// Write N bytes at a time [default: one message]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) split: Option<NonZeroUsize>,
    /// Wait this many milliseconds before each delta except the first
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) delay: u64,
    /// Send N deltas per second: another way to set the delay
    #[arg(long, value_name = "N", conflicts_with = "delay", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
    pub(crate) tokens_per_second: Option<NonZeroU32>,
    /// The seed for padding, signatures and ids: the same seed gives the same bytes for the same request
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// A JSON file with the replies by model id; see below
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// Inject a fault into every response; may be repeated, and faults are applied one after another
    ///
    /// Common: cut, no-stop, bad-crc, exception, throttle, html.
    /// End at a byte: cut-at:BYTE, abort-at:BYTE, reset-at:BYTE, stall-at:BYTE.
    /// Damage: flip-bit:BIT, wrong-length, huge-length.
    /// Messages: repeat:PIECE, drop:PIECE, swap:PIECE (message-start, block-start, delta, block-stop, message-stop, metadata).
    /// Errors inside the stream: exception:NAME@PLACE, error@PLACE (first, middle, last, stopped, after).
    /// Instead of a stream: refuse:CODE@SECONDS, html-body, json, no-head, no-response.
    /// Server-sent events alone: sse:DAMAGE (cut-line, no-blank-line, crlf, bom, data-lines, data-only,
    /// data-first, no-done, done-early, pings).
    /// Harmless: slow-head:MILLISECONDS, split:BYTES, drip.
    ///
    /// What follows a name may be omitted. A fault that finds nothing to change in an answer causes a warning on standard
    /// error. docs/faults.md says what a client must conclude from each.
    #[arg(long, value_name = "KIND", verbatim_doc_comment)]
    pub(crate) fault: Vec<Fault>,
    /// Refuse requests with unknown members. Bedrock ignores such members; without this option they only cause a warning
    /// on standard error
    #[arg(long)]
    pub(crate) strict: bool,
    /// Send `Retry-After` with every throttling refusal that does not set its own
    #[arg(long, value_name = "SECONDS")]
    pub(crate) retry_after: Option<u32>,
    /// How long a client may take to send a request's head, and then each next piece of its body [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) read_timeout: Option<Seconds>,
    /// Accept at most N connections at once, and reset all others [default: no limit]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(crate) max_connections: Option<NonZeroUsize>,
    /// The MAX_CONCURRENT_STREAMS setting sent to HTTP/2 clients [default: 200]
    #[arg(long, value_name = "N", value_parser = positive::<NonZeroU32>, allow_negative_numbers = true)]
    pub(crate) max_streams: Option<NonZeroU32>,
    /// Inject the faults into the first N requests only
    #[arg(long, value_name = "N", requires = "fault", value_parser = positive::<NonZeroU64>, allow_negative_numbers = true)]
    pub(crate) fault_first: Option<NonZeroU64>,
    /// Append each request, even a refused one, to a file: a line of JSON with method, path, model, headers and body.
    /// Headers that contain secrets have the value null
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// When to log requests to standard error: method, path, status, and the code of a refusal
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) log: LogChoice,
    /// Serve HTTPS, and write the certificate of the authority that clients must trust to a PEM file. An existing
    /// certificate is replaced
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// Let --tls-ca overwrite any existing file
    #[arg(long)]
    pub(crate) force: bool,
    /// Accept requests signed with these credentials; may be repeated
    #[arg(long, value_name = "ID:SECRET[:TOKEN]")]
    pub(crate) credentials: Vec<Secret>,
    /// The session token for credentials given without one
    #[arg(long, value_name = "TOKEN", requires = "credentials")]
    pub(crate) session_token: Option<Secret>,
    /// Accept requests with this Bedrock API key; may be repeated
    #[arg(long, value_name = "TOKEN")]
    pub(crate) bearer: Vec<Secret>,
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

/// Ends the program with status 2, for wrong usage that clap cannot detect.
pub(crate) fn wrong_usage(reason: impl fmt::Display) -> ! {
    clap::Error::raw(ErrorKind::ValueValidation, format_args!("{reason}\n")).exit()
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = finite(text)?;
    if speed > 0.0 { Ok(speed) } else { Err("it must be more than 0".to_owned()) }
}

fn temperature(text: &str) -> Result<f64, String> {
    let temperature = finite(text)?;
    if temperature >= 0.0 { Ok(temperature) } else { Err("it must be 0 or more".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
