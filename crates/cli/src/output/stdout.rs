use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::failure::Failure;
use super::printable::{Printable, escape_json};
use crate::interrupt;

/// Standard output, or the file that the results go to instead, and whether the run has failed. An [`io::Error`] that it
/// gives is always its own.
pub(crate) struct Output {
    sink: Box<dyn Write>,
    /// Whether a terminal shows it.
    is_terminal: bool,
    /// What a person calls it.
    name: String,
    /// What was not written yet.
    buffer: Vec<u8>,
    failed: bool,
    interrupted: bool,
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        Self {
            sink: Box::new(stdout),
            is_terminal,
            name: "standard output".to_owned(),
            buffer: Vec::new(),
            failed: false,
            interrupted: false,
        }
    }

    /// From now on the results go to a file, which was opened at `path`.
    pub(crate) fn redirect(&mut self, file: File, path: &Path) {
        self.sink = Box::new(file);
        self.is_terminal = false;
        self.name = path.display().to_string();
    }

    /// Whether a terminal shows it.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Adds a line of JSON. On a terminal the characters in it that a terminal acts on are escaped.
    pub(crate) fn line<T: Serialize + ?Sized>(&mut self, value: &T) -> io::Result<()> {
        let is_terminal = self.is_terminal;
        self.write(|buffer| {
            let start = buffer.len();
            serde_json::to_writer(&mut *buffer, value)?;
            join_lines(&mut buffer[start..]);
            if is_terminal {
                escape_json(buffer, start);
            }
            buffer.push(b'\n');
            Ok(())
        })
    }

    /// Adds what `write` appends to the buffer; nothing of it, if that fails.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        let start = self.buffer.len();
        if let Err(error) = write(&mut self.buffer) {
            self.buffer.truncate(start);
            return Err(error);
        }
        if self.buffer.len() < MAX_BUFFERED { Ok(()) } else { self.flush() }
    }

    /// Writes what is buffered: before every wait for more input, so that nobody waits for what is known already.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written = self.sink.write_all(&self.buffer).and_then(|()| self.sink.flush());
        self.buffer.clear();
        written
    }

    /// Says something that is no result, on standard error.
    pub(crate) fn note(&mut self, note: &str) -> io::Result<()> {
        // Where both are a terminal, they are read in this order.
        let flushed = self.flush();
        // If standard error is closed there is nobody to tell.
        let _ = writeln!(io::stderr(), "{}", Printable::Sentence(note));
        flushed
    }

    /// Tells a failure in its place: a line among the results, and a sentence on standard error.
    pub(crate) fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        let written = self.line(failure);
        self.failure_to_stderr(failure).and(written)
    }

    /// Tells a failure on standard error alone: where the results are text.
    pub(crate) fn failure_to_stderr(&mut self, failure: &Failure) -> io::Result<()> {
        self.fail();
        let told = self.note(&format!("bedrock-stream: {}", failure.message()));
        match failure.advice() {
            Some(advice) => told.and(self.note(&format!("hint: {advice}"))),
            None => told,
        }
    }

    /// Whether nothing has failed so far, and nobody has interrupted it.
    pub(crate) const fn succeeded(&self) -> bool {
        !self.failed && !self.interrupted
    }

    /// Makes the run one that failed.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    /// Makes the run one that Ctrl-C ended.
    pub(crate) fn interrupt(&mut self) {
        self.interrupted = true;
    }

    /// The same with the failure's line: where the results are bytes, among which no line has a place.
    pub(crate) fn failure_line_to_stderr(&mut self, failure: &Failure) -> io::Result<()> {
        if let Ok(mut line) = serde_json::to_vec(failure) {
            if io::stderr().is_terminal() {
                escape_json(&mut line, 0);
            }
            line.push(b'\n');
            // If standard error is closed there is nobody to tell.
            let _ = io::stderr().write_all(&line);
        }
        self.failure_to_stderr(failure)
    }

    /// Ends the run that gave `result`: 0 if nothing failed, 130 if it was interrupted. Whoever closed the pipe has seen enough.
    pub(crate) fn end(mut self, result: io::Result<()>) -> ExitCode {
        match result.and_then(|()| self.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let _ = writeln!(io::stderr(), "bedrock-stream: cannot write to {}: {error}", self.name);
                ExitCode::FAILURE
            }
            _ if self.interrupted => ExitCode::from(interrupt::STATUS),
            _ if self.failed => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        }
    }
}

/// Makes one line of JSON that may have free JSON in it, which keeps its sender's layout. In a string a line break is
/// escaped, so these are white space.
fn join_lines(json: &mut [u8]) {
    for byte in json {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// How much is kept before it is written, in bytes.
const MAX_BUFFERED: usize = 64 * 1024;
