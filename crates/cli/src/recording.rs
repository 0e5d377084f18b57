use std::fs::File;
use std::io::{self, Write as _};
use std::mem;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bedrock_stream_testkit::ArrivalTimes;

use crate::file_id::FileId;
use crate::new_file::{NewFile, cannot_write};
use crate::output::{Failure, format_count};

/// The file that a response body is written to, byte for byte, and the file with the arrival times beside it.
#[derive(Debug)]
pub(crate) struct Recording {
    body: Sink,
    times: Sink,
    start: Instant,
    /// How many bytes were saved.
    len: u64,
}

#[derive(Debug)]
struct Sink {
    path: PathBuf,
    state: SinkState,
}

#[derive(Debug)]
enum SinkState {
    /// Nothing has been written, and what was in the file still is.
    Waiting(NewFile),
    Writing(File),
    /// Writing has failed, or there is no such file.
    Closed,
}

impl Recording {
    /// Creates the files, before the request is sent, since answers cost money. Those that are there keep their contents until the first
    /// byte of an answer has come. Fails where [`NewFile`] does.
    pub(crate) fn create(path: &Path, force: bool, read: &[FileId]) -> Result<Self, Failure> {
        let body = NewFile::open(path, force, read)?;
        let times_path = ArrivalTimes::path_beside(path);
        // Only a regular file has a file of times beside it; `/dev/null`, for example, does not.
        let times = if body.is_regular() {
            match NewFile::open(&times_path, force, read) {
                Ok(times) => SinkState::Waiting(times),
                Err(failure) => {
                    body.discard();
                    return Err(failure);
                }
            }
        } else {
            SinkState::Closed
        };
        let body = Sink { path: path.to_owned(), state: SinkState::Waiting(body) };
        Ok(Self { body, times: Sink { path: times_path, state: times }, start: Instant::now(), len: 0 })
    }

    /// Starts the clock: the request is sent now.
    pub(crate) fn start(&mut self) {
        self.start = Instant::now();
    }

    /// Appends the next bytes of the body. Fails once per file; the answer continues without its recording.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (offset, time) = (self.len, self.start.elapsed());
        let body = self.body.write(|file| file.write_all(bytes));
        match &self.body.state {
            SinkState::Writing(_) => self.len += bytes.len() as u64,
            // Times without their bytes are useless.
            _ => self.times.close(),
        }
        let times = self.times.write(|file| ArrivalTimes::write_line(file, offset, time));
        body.and(times)
    }

    /// Standard output was closed in the middle of the answer. That is no failure, but nobody would look for the rest of the recording.
    pub(crate) fn warn_of_closed_output(&self, error: &io::Error) {
        if error.kind() == io::ErrorKind::BrokenPipe {
            let kept = self.kept();
            // If standard error is closed, nobody reads it.
            let _ = writeln!(
                io::stderr(),
                "bedrock-stream: standard output was closed before the answer ended; {kept}"
            );
        }
    }

    /// How much was saved of an interrupted answer.
    pub(crate) fn kept(&self) -> String {
        format!("{} bytes were saved to {}", format_count(self.len), self.body.path.display())
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.body.close();
        self.times.close();
    }
}

impl Sink {
    fn write(&mut self, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Failure> {
        let mut file = match mem::replace(&mut self.state, SinkState::Closed) {
            SinkState::Waiting(file) => file.begin()?,
            SinkState::Writing(file) => file,
            SinkState::Closed => return Ok(()),
        };
        write(&mut file).map_err(|error| cannot_write(&self.path, &error))?;
        self.state = SinkState::Writing(file);
        Ok(())
    }

    /// Removes a file that was created and not written.
    fn close(&mut self) {
        if let SinkState::Waiting(file) = mem::replace(&mut self.state, SinkState::Closed) {
            file.discard();
        }
    }
}
