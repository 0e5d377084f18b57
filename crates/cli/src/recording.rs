use std::fs::File;
use std::io::{self, Write as _};
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
    len: u64,
}

#[derive(Debug)]
struct Sink {
    path: PathBuf,
    /// `None` once writing has failed.
    file: Option<File>,
}

impl Recording {
    /// Creates the files, before the request is sent, since answers cost money. Fails where [`NewFile`] does.
    pub(crate) fn create(path: &Path, force: bool, read: &[FileId]) -> Result<Self, Failure> {
        let body = NewFile::open(path, force, read)?;
        let times_path = ArrivalTimes::path_beside(path);
        // Only a regular file has a file of times beside it; `/dev/null`, for example, does not.
        let times = if body.is_regular() {
            match NewFile::open(&times_path, force, read) {
                Ok(times) => Some(times.begin()?),
                Err(failure) => {
                    body.discard();
                    return Err(failure);
                }
            }
        } else {
            None
        };
        let body = Sink { path: path.to_owned(), file: Some(body.begin()?) };
        Ok(Self { body, times: Sink { path: times_path, file: times }, start: Instant::now(), len: 0 })
    }

    /// Starts the clock: the request is sent now.
    pub(crate) fn start(&mut self) {
        self.start = Instant::now();
    }

    /// Appends the next bytes of the body. Fails once per file; the answer continues without its recording.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (offset, time) = (self.len, self.start.elapsed());
        self.len += bytes.len() as u64;
        let body = self.body.write(|file| file.write_all(bytes));
        // Times without their bytes are useless.
        if self.body.file.is_none() {
            self.times.file = None;
        }
        let times = self.times.write(|file| ArrivalTimes::write_line(file, offset, time));
        body.and(times)
    }

    /// How much was saved of an interrupted answer.
    pub(crate) fn kept(&self) -> String {
        format!("{} bytes were saved to {}", format_count(self.len), self.body.path.display())
    }
}

impl Sink {
    fn write(&mut self, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        write(file).map_err(|error| {
            self.file = None;
            cannot_write(&self.path, &error)
        })
    }
}
