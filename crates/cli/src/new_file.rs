use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::file_id::FileId;
use crate::output::Failure;

/// A file that the program is about to write. Its old content is kept until [`NewFile::begin`].
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    file: File,
    is_new: bool,
}

impl NewFile {
    /// Opens the file, or creates it. Fails if it is one of the files that are `read`, or, without `force`, if it exists.
    /// Anything but a regular file, such as a pipe or `/dev/null`, is just opened.
    pub(crate) fn open(path: &Path, force: bool, read: &[FileId]) -> Result<Self, Failure> {
        match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file, is_new: true }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::open_existing(path, force, read)
            }
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a regular file.
    pub(crate) fn is_regular(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.is_file())
    }

    /// Truncates the file, and returns it.
    pub(crate) fn begin(self) -> Result<File, Failure> {
        if self.is_regular() {
            self.file.set_len(0).map_err(|error| cannot_write(&self.path, &error))?;
        }
        Ok(self.file)
    }

    /// Removes the file again if it was created.
    pub(crate) fn discard(self) {
        if self.is_new {
            // If this fails, an empty file remains.
            let _ = fs::remove_file(&self.path);
        }
    }

    fn open_existing(path: &Path, force: bool, read: &[FileId]) -> Result<Self, Failure> {
        // A symbolic link may point to a file that does not exist yet.
        let is_new = !path.exists();
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(|error| cannot_write(path, &error))?;
        // The link is the user's.
        let file = Self { path: path.to_owned(), file, is_new: false };
        let Some(id) = FileId::of_file(&file.file, path).filter(|_| !is_new) else { return Ok(file) };
        if read.contains(&id) {
            return Err(is_read(path));
        }
        if !force {
            return Err(Failure::input(format_args!(
                "{} already exists: choose another name, or use --force to overwrite it",
                path.display()
            )));
        }
        Ok(file)
    }
}

/// The failure of writing to a file that is also read.
pub(crate) fn is_read(path: &Path) -> Failure {
    Failure::input(format_args!("{} is read by this command, so it is not overwritten", path.display()))
}

/// The failure of a write.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format_args!("cannot write {}: {error}", path.display()))
}
