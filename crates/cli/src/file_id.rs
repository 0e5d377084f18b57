use std::fs::{File, Metadata};
use std::path::Path;

/// The identity of a file, independent of how it is named: by another path, a link, or a redirected stream. Only
/// regular files have one, since pipes and devices have no content to lose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileId(Id);

#[cfg(unix)]
type Id = (u64, u64);
#[cfg(not(unix))]
type Id = std::path::PathBuf;

impl FileId {
    /// The identity of the file at a path, if it exists.
    pub(crate) fn of_path(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        Self::new(&metadata, path)
    }

    /// The identity of a file that was opened at `path`.
    pub(crate) fn of_file(file: &File, path: &Path) -> Option<Self> {
        Self::new(&file.metadata().ok()?, path)
    }

    /// The identity of the file that standard input is redirected from.
    pub(crate) fn of_stdin() -> Option<Self> {
        Self::of_stream(std::io::stdin())
    }

    /// The identity of the file that standard output is redirected to.
    pub(crate) fn of_stdout() -> Option<Self> {
        Self::of_stream(std::io::stdout())
    }

    #[cfg(unix)]
    fn of_stream(stream: impl std::os::fd::AsFd) -> Option<Self> {
        // A duplicate handle, closed when it is dropped.
        let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
        Self::of_file(&file, Path::new(""))
    }

    /// The standard library cannot tell on other systems.
    #[cfg(not(unix))]
    fn of_stream<T>(_: T) -> Option<Self> {
        None
    }

    #[cfg(unix)]
    fn new(metadata: &Metadata, _: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        metadata.is_file().then(|| Self((metadata.dev(), metadata.ino())))
    }

    #[cfg(not(unix))]
    fn new(metadata: &Metadata, path: &Path) -> Option<Self> {
        metadata.is_file().then(|| path.canonicalize().ok().map(Self)).flatten()
    }
}
