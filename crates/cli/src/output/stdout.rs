use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::failure::Failure;
use super::printable::{Printable, escape_json};
use crate::interrupt;

/// Standard output, or the file that replaces it, and whether the run has failed. Every [`io::Error`] it returns is an error
/// of writing to it.
pub(crate) struct Output {
    sink: Box<dyn Write>,
    /// Whether it is a terminal.
    is_terminal: bool,
    /// Its name in messages.
    name: String,
    /// Bytes that were not written yet.
    buffer: Vec<u8>,
    failed: bool,
    /// The exit status of an interrupted run.
    interrupted: Option<u8>,
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
            interrupted: None,
        }
    }

    /// Redirects the results to a file, which was opened at `path`.
    pub(crate) fn redirect(&mut self, file: File, path: &Path) {
        self.sink = Box::new(file);
        self.is_terminal = false;
        self.name = path.display().to_string();
    }

    /// Whether it is a terminal.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Adds a line of JSON. On a terminal, control characters in it are escaped.
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

    /// Adds lines that hold JSON. On a terminal, control characters in them are escaped.
    pub(crate) fn json_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        let is_terminal = self.is_terminal;
        self.write(|buffer| {
            for line in lines.split_inclusive(|byte| *byte == b'\n') {
                let start = buffer.len();
                let text = line.strip_suffix(b"\n").unwrap_or(line);
                buffer.extend_from_slice(text);
                if is_terminal {
                    escape_json(buffer, start);
                }
                buffer.extend_from_slice(&line[text.len()..]);
            }
            Ok(())
        })
    }

    /// Adds what `write` appends to the buffer, or nothing if it fails.
    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        let start = self.buffer.len();
        if let Err(error) = write(&mut self.buffer) {
            self.buffer.truncate(start);
            return Err(error);
        }
        if self.buffer.len() < MAX_BUFFERED { Ok(()) } else { self.flush() }
    }

    /// Writes what is buffered. Called before every wait for input, so that results are never held back.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written = self.sink.write_all(&self.buffer).and_then(|()| self.sink.flush());
        self.buffer.clear();
        written
    }

    /// Prints a note to standard error.
    pub(crate) fn note(&mut self, note: &str) -> io::Result<()> {
        // On a terminal, this keeps the results before the note.
        let flushed = self.flush();
        // If standard error is closed, nobody reads it.
        let _ = writeln!(io::stderr(), "{}", Printable::Sentence(note));
        flushed
    }

    /// Reports a failure: a line among the results, and a sentence on standard error.
    pub(crate) fn failure(&mut self, failure: &Failure) -> io::Result<()> {
        let written = self.line(failure);
        self.failure_to_stderr(failure).and(written)
    }

    /// Reports a failure on standard error only, when the results are text.
    pub(crate) fn failure_to_stderr(&mut self, failure: &Failure) -> io::Result<()> {
        self.fail();
        let told = self.note(&format!("bedrock-stream: {}", failure.message()));
        match failure.advice() {
            Some(advice) => told.and(self.note(&format!("hint: {advice}"))),
            None => told,
        }
    }

    /// Whether nothing has failed and the run was not interrupted so far.
    pub(crate) const fn succeeded(&self) -> bool {
        !self.failed && self.interrupted.is_none()
    }

    /// Marks the run as failed.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    /// Marks the run as interrupted by Ctrl-C.
    pub(crate) fn interrupt(&mut self) {
        self.interrupt_with(interrupt::STATUS);
    }

    /// Marks the run as interrupted by a signal that has this exit status.
    pub(crate) fn interrupt_with(&mut self, status: u8) {
        self.interrupted = Some(status);
    }

    /// Reports a failure as a line and a sentence on standard error, when the results are bytes.
    pub(crate) fn failure_line_to_stderr(&mut self, failure: &Failure) -> io::Result<()> {
        if let Ok(mut line) = serde_json::to_vec(failure) {
            if io::stderr().is_terminal() {
                escape_json(&mut line, 0);
            }
            line.push(b'\n');
            // If standard error is closed, nobody reads it.
            let _ = io::stderr().write_all(&line);
        }
        self.failure_to_stderr(failure)
    }

    /// Ends the run: status 0 if nothing failed, 130 if it was interrupted by Ctrl-C. A closed pipe is not a failure.
    pub(crate) fn end(mut self, result: io::Result<()>) -> ExitCode {
        match result.and_then(|()| self.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let _ = writeln!(io::stderr(), "bedrock-stream: cannot write to {}: {error}", self.name);
                ExitCode::FAILURE
            }
            _ => match (self.interrupted, self.failed) {
                (Some(status), _) => ExitCode::from(status),
                (None, true) => ExitCode::FAILURE,
                (None, false) => ExitCode::SUCCESS,
            },
        }
    }
}

/// Puts JSON into one line. Free JSON keeps its sender's layout; line breaks in strings are escaped, so all others are
/// white space.
fn join_lines(json: &mut [u8]) {
    for byte in json {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// The size at which the buffer is written, in bytes.
const MAX_BUFFERED: usize = 64 * 1024;
