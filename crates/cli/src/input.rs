use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::file_id::FileId;
use crate::output::Failure;

/// A file or standard input, read as the bytes arrive.
pub(crate) struct Input {
    reader: BufReader<Box<dyn Read>>,
    name: String,
    id: Option<FileId>,
}

impl Input {
    /// Opens a file, or standard input for `None` and `-`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let (source, name, id): (Box<dyn Read>, _, _) = match path.filter(|path| *path != Path::new("-")) {
            None => (Box::new(io::stdin().lock()), "standard input".to_owned(), FileId::of_stdin()),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(|error| cannot_read(&name, &error))?;
                let id = FileId::of_file(&file, path);
                (Box::new(file), name, id)
            }
        };
        Ok(Self { reader: BufReader::with_capacity(PIECE_LEN, source), name, id })
    }

    /// The same; fails if standard output is redirected to the file that is read.
    pub(crate) fn open_beside_stdout(path: Option<&Path>) -> Result<Self, Failure> {
        let input = Self::open(path)?;
        if input.id.is_some() && input.id == FileId::of_stdout() {
            return Err(Failure::input(format_args!(
                "{} is also standard output: writing would destroy what is read",
                input.name
            )));
        }
        Ok(input)
    }

    /// The identity of the file, if it is one.
    pub(crate) fn id(&self) -> Option<FileId> {
        self.id.clone()
    }

    /// The bytes that have arrived and were not consumed yet; waits if there are none. `None` at the end of the input.
    pub(crate) fn fill_buf(&mut self) -> Result<Option<&[u8]>, Failure> {
        while let Err(error) = self.reader.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(cannot_read(&self.name, &error));
            }
        }
        Ok(Some(self.reader.buffer()).filter(|piece| !piece.is_empty()))
    }

    /// Marks bytes as consumed.
    pub(crate) fn consume(&mut self, len: usize) {
        self.reader.consume(len);
    }

    /// Appends the next line to `line`, including its line break. `None` at the end of the input.
    pub(crate) fn line(&mut self, line: &mut Vec<u8>) -> Result<Option<()>, Failure> {
        let mut limited = self.reader.by_ref().take(MAX_LINE_LEN);
        match limited.read_until(b'\n', line) {
            Err(error) => Err(cannot_read(&self.name, &error)),
            Ok(0) => Ok(None),
            Ok(_) if limited.limit() == 0 => Err(Failure::input(format_args!(
                "{} has a line of more than {MAX_LINE_LEN} bytes: no message is that long",
                self.name
            ))),
            Ok(_) => Ok(Some(())),
        }
    }

    /// Whether a whole line is buffered.
    pub(crate) fn has_line(&self) -> bool {
        self.reader.buffer().contains(&b'\n')
    }

    /// The name to show.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// Reads a whole file, or standard input, up to a limit.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let input = Input::open(Some(path))?;
    let mut bytes = Vec::new();
    match input.reader.take(MAX_LINE_LEN).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(cannot_read(&input.name, &error)),
    }
}

/// The same, of a text.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let input = Input::open(Some(path))?;
    let mut text = String::new();
    match input.reader.take(MAX_LINE_LEN).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(cannot_read(&input.name, &error)),
    }
}

fn cannot_read(name: &str, error: &io::Error) -> Failure {
    Failure::input(format_args!("cannot read {name}: {error}"))
}

/// The size of a read, in bytes.
const PIECE_LEN: usize = 16 * 1024;
/// Longer than the longest message as JSON, in bytes: a payload of 24 MiB in base64, and its headers.
const MAX_LINE_LEN: u64 = 64 * 1024 * 1024;
