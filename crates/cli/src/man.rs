use std::io;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::{Args, ManArgs};
use crate::output::Output;

/// `bedrock-stream man`: prints the man page of the program, or of one of its commands.
pub(crate) fn run(args: &ManArgs, out: &mut Output) -> io::Result<()> {
    let mut program = Args::command();
    // Gives the commands the names of their pages: `bedrock-stream-converse`.
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => unknown_command(&mut program, name),
        },
    };
    out.write(|buffer| clap_mangen::Man::new(page).render(buffer))
}

fn unknown_command(program: &mut clap::Command, name: &str) -> ! {
    let mut error = clap::Error::new(ErrorKind::InvalidSubcommand).with_cmd(program);
    error.insert(ContextKind::InvalidSubcommand, ContextValue::String(name.to_owned()));
    error.exit()
}
