//! `bedrock-stream`: stream answers from Amazon Bedrock, and inspect AWS event streams and server-sent events.

mod access_log;
mod advice;
mod agent_decoder;
mod answer_decoder;
mod answer_reader;
mod args;
mod body;
mod carrier;
mod chunk_event;
mod client;
mod completions;
mod connection;
mod converse;
mod converse_event;
mod credentials;
mod decode;
mod demo;
mod dialect;
mod encode;
mod file_id;
mod gateway;
mod help;
mod input;
mod inspect;
mod interrupt;
mod judge;
mod man;
mod message_offset;
mod new_file;
mod next_step;
mod output;
mod prompt;
mod recording;
mod request;
mod request_log;
mod script;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use crate::args::{Args, Command};
use crate::interrupt::exit_on_interrupt;
use crate::output::{Failure, Output};

fn main() -> ExitCode {
    let Args { command } = Args::parse();
    let mut out = Output::stdout();
    if let Command::Decode(_) | Command::Inspect(_) | Command::Encode(_) = command {
        // Without an event queue, Ctrl-C ends the program by its signal.
        let _ = runtime().map(exit_on_interrupt);
    }
    let result = match command {
        Command::Converse(args) => match runtime() {
            Ok(runtime) => runtime.block_on(converse::run(*args, &mut out)),
            Err(failure) => out.failure(&failure),
        },
        Command::Decode(args) => decode::run(&args, &mut out),
        Command::Inspect(args) => inspect::run(&args, &mut out),
        Command::Encode(args) => encode::run(&args, &mut out),
        Command::Serve(args) => match runtime() {
            Ok(runtime) => runtime.block_on(serve::run(*args, &mut out)),
            Err(failure) => out.failure(&failure),
        },
        Command::Judge(args) => match runtime() {
            Ok(runtime) => runtime.block_on(judge::run(*args, &mut out)),
            Err(failure) => out.failure(&failure),
        },
        Command::Gateway(args) => match runtime_of_all_cores() {
            Ok(runtime) => runtime.block_on(gateway::run(*args, &mut out)),
            Err(failure) => out.failure(&failure),
        },
        Command::Completions(args) => completions::run(&args, &mut out),
        Command::Man(args) => man::run(&args, &mut out),
    };
    out.end(result)
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread().enable_all().build().map_err(no_runtime)
}

fn runtime_of_all_cores() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().enable_all().build().map_err(no_runtime)
}

fn no_runtime(error: std::io::Error) -> Failure {
    Failure::transport(format_args!("cannot start: the system provides no event queue: {error}"))
}
