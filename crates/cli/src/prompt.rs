use std::io::{self, IsTerminal as _};
use std::path::Path;

use crate::args::{ConverseArgs, wrong_usage};
use crate::input::read_text;
use crate::output::Failure;

/// The prompt, from the arguments or from standard input; none if a request file is used alone.
pub(crate) fn prompt(args: &ConverseArgs) -> Result<Option<String>, Failure> {
    let mut words = args.prompt.clone();
    if words.is_empty() {
        if args.request.is_some() {
            return Ok(None);
        }
        if io::stdin().is_terminal() {
            wrong_usage(
                "no prompt: give it as an argument, or pipe it in; `bedrock-stream converse --help` has examples",
            );
        }
        words.push(STDIN.to_owned());
    }
    if !words.iter().any(|word| word == STDIN) {
        return Ok(Some(words.join(" ")));
    }
    if [&args.request, &args.tools].into_iter().flatten().any(|path| path == Path::new(STDIN)) {
        wrong_usage("standard input can be only one of the prompt, --request and --tools");
    }
    let text = read_text(Path::new(STDIN))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.trim().is_empty() {
        wrong_usage("no prompt: standard input is empty; `bedrock-stream converse --help` has examples");
    }
    for word in words.iter_mut().filter(|word| *word == STDIN) {
        text.clone_into(word);
    }
    Ok(Some(words.join(" ")))
}

const STDIN: &str = "-";
