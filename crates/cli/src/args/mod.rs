//! The program's arguments: the commands here, those with many options in files of their own, and in `values` the types
//! of values that several commands have.

pub(crate) mod connection;
mod converse;
mod decode;
mod inspect;
mod judge;
mod serve;
pub(crate) mod values;

use std::fmt;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub(crate) use self::converse::{ConverseArgs, ConverseFormat};
pub(crate) use self::decode::{DecodeArgs, DecodeFormat};
pub(crate) use self::inspect::InspectArgs;
pub(crate) use self::judge::JudgeArgs;
pub(crate) use self::serve::ServeArgs;
pub(crate) use self::values::{Seconds, Secret, Transport};
use crate::gateway::GatewayArgs;
use crate::help;

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
    /// error. With --native, requests go to Bedrock's own endpoint of the dialect where it serves the model there.
    ///
    /// Region and credentials come from the environment, as for converse. A client that does not read for --idle-timeout
    /// is disconnected. At Ctrl-C or SIGTERM it accepts no new connections and lets open answers end; a second Ctrl-C ends
    /// it immediately. SIGHUP reads the keys and the certificate again.
    #[command(after_help = help::GATEWAY, after_long_help = help::GATEWAY_CONFIG)]
    #[command(mut_arg("idle_timeout", |arg| arg.help(help::GATEWAY_IDLE_TIMEOUT)))]
    Gateway(Box<GatewayArgs>),
    /// Print completions for a shell.
    #[command(after_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the man page of the program, or of one of its commands.
    #[command(after_help = help::MAN)]
    Man(ManArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// The command [default: the program as a whole]
    pub(crate) command: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EncodeArgs {
    /// The file [default: standard input, as with -]
    pub(crate) file: Option<PathBuf>,
}

/// Ends the program with status 2, for wrong usage that clap cannot detect.
pub(crate) fn wrong_usage(reason: impl fmt::Display) -> ! {
    clap::Error::raw(ErrorKind::ValueValidation, format_args!("{reason}\n")).exit()
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
