use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use bedrock_stream_testkit::ArrivalTimes;

use crate::output::{Failure, grouped};

/// The file that a response's body is written to, byte for byte, and beside it the one with the times of its reads.
#[derive(Debug)]
pub(crate) struct Recording {
    body: Sink,
    times: Sink,
    start: Instant,
    len: u64,
}

#[derive(Debug)]
struct Sink {
    path: PathBuf,
    /// `None` once writing has failed.
    file: Option<File>,
}

impl Recording {
    /// Makes the files: before the request is sent, since answers cost money.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let body = Sink::create(path.to_owned())?;
        // What is no file, as /dev/null, has none beside it.
        let is_file = body.file.as_ref().is_some_and(|file| file.metadata().is_ok_and(|data| data.is_file()));
        let times = ArrivalTimes::path_beside(path);
        let times = if is_file { Sink::create(times)? } else { Sink { path: times, file: None } };
        Ok(Self { body, times, start: Instant::now(), len: 0 })
    }

    /// The request is sent now.
    pub(crate) fn start(&mut self) {
        self.start = Instant::now();
    }

    /// Adds the body's next bytes. Fails once for each file: the answer is worth more than its recording, and goes on
    /// without.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (offset, time) = (self.len, self.start.elapsed());
        self.len += bytes.len() as u64;
        let body = self.body.write(|file| file.write_all(bytes));
        // Times of bytes that are not there would be of no use.
        if self.body.file.is_none() {
            self.times.file = None;
        }
        let times = self.times.write(|file| ArrivalTimes::write_line(file, offset, time));
        body.and(times)
    }

    /// What was kept of an answer that breaks off.
    pub(crate) fn kept(&self) -> String {
        format!("{} bytes were saved to {}", grouped(self.len), self.body.path.display())
    }
}

impl Sink {
    fn create(path: PathBuf) -> Result<Self, Failure> {
        match File::create(&path) {
            Ok(file) => Ok(Self { path, file: Some(file) }),
            Err(error) => Err(cannot_write(&path, &error)),
        }
    }

    fn write(&mut self, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        write(file).map_err(|error| {
            self.file = None;
            cannot_write(&self.path, &error)
        })
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format_args!("cannot write {}: {error}", path.display()))
}
