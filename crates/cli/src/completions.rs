use std::io;

use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::output::Output;

/// `bedrock-stream completions`: prints a shell's completion script.
pub(crate) fn run(args: &CompletionsArgs, out: &mut Output) -> io::Result<()> {
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    out.write(|buffer| {
        clap_complete::generate(args.shell, &mut command, name, buffer);
        Ok(())
    })
}
