use std::io::{self, IsTerminal as _};
use std::path::Path;

use crate::args::{ConverseArgs, wrong_usage};
use crate::input::read_text;
use crate::output::Failure;

/// What is said to the model, from the arguments or from standard input; none, if the request's file says all.
pub(crate) fn prompt(args: &ConverseArgs) -> Result<Option<String>, Failure> {
    let from_stdin = match &args.prompt[..] {
        [dash] if dash == STDIN => true,
        [] if args.request.is_some() => return Ok(None),
        [] if io::stdin().is_terminal() => wrong_usage(
            "no prompt: give it as an argument, or pipe it in; `bedrock-stream converse --help` has examples",
        ),
        words => words.is_empty(),
    };
    if !from_stdin {
        return Ok(Some(args.prompt.join(" ")));
    }
    if [&args.request, &args.tools].into_iter().flatten().any(|path| path == Path::new(STDIN)) {
        wrong_usage("standard input can be the prompt, the --request or the --tools, and only one of them");
    }
    let text = read_text(Path::new(STDIN))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.trim().is_empty() {
        wrong_usage(
            "no prompt: standard input is empty, and there is no argument; `bedrock-stream converse --help` has examples",
        );
    }
    Ok(Some(text.to_owned()))
}

const STDIN: &str = "-";
