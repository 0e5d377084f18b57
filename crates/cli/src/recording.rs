use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::output::Failure;

/// The file that a response's body is written to, byte for byte.
#[derive(Debug)]
pub(crate) struct Recording {
    path: PathBuf,
    /// `None` once writing has failed.
    file: Option<File>,
}

impl Recording {
    /// Makes the file: before the request is sent, since answers cost money.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        match File::create(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file: Some(file) }),
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    /// Adds the body's next bytes. Fails once: the answer is worth more than its recording, and goes on without.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(bytes).map_err(|error| {
            self.file = None;
            cannot_write(&self.path, &error)
        })
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format_args!("cannot write {}: {error}", path.display()))
}
