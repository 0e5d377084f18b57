use std::io;

use crate::args::EncodeArgs;
use crate::input::Input;
use crate::output::{Failure, MessageLine, Output};

/// `bedrock-stream encode`: encodes messages given as JSON lines. Stops at the first invalid line.
pub(crate) fn run(args: &EncodeArgs, out: &mut Output) -> io::Result<()> {
    let mut input = match Input::open_beside_stdout(args.file.as_deref()) {
        Ok(input) => input,
        Err(failure) => return out.failure_line_to_stderr(&failure),
    };
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        match input.line(&mut line) {
            Ok(Some(())) => {}
            Ok(None) => break,
            Err(failure) => return out.failure_line_to_stderr(&failure),
        }
        let text = line.trim_ascii();
        if !text.is_empty() {
            if let Err(failure) = encode(text, number, input.name(), out)? {
                return out.failure_line_to_stderr(&failure);
            }
        }
        if !input.has_line() {
            out.flush()?;
        }
    }
    Ok(())
}

fn encode(line: &[u8], number: u64, name: &str, out: &mut Output) -> io::Result<Result<(), Failure>> {
    let bad = |reason: &dyn std::fmt::Display| {
        Failure::input_line(number, format_args!("line {number} of {name} is not a message: {reason}"))
    };
    if !line.starts_with(b"{") {
        return Ok(Err(bad(&"it is not a JSON object")));
    }
    let message: MessageLine = match serde_json::from_slice(line) {
        Ok(message) => message,
        Err(error) => return Ok(Err(bad(&Column(&error)))),
    };
    let mut encoded = Ok(());
    out.write(|buffer| {
        // On an error nothing is appended.
        encoded = message.encode(buffer);
        Ok(())
    })?;
    Ok(encoded.map_err(|error| bad(&error)))
}

/// A JSON error without its line number, since each message is one line.
struct Column<'a>(&'a serde_json::Error);

impl std::fmt::Display for Column<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.to_string();
        let place = format!(" at line {} column {}", self.0.line(), self.0.column());
        match text.strip_suffix(&place) {
            Some(reason) => write!(f, "{reason} at column {}", self.0.column()),
            None => f.write_str(&text),
        }
    }
}
