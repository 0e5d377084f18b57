use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::file_id::FileId;
use crate::output::Failure;

/// A file or standard input, read as it comes.
pub(crate) struct Input {
    reader: BufReader<Box<dyn Read>>,
    name: String,
    id: Option<FileId>,
}

impl Input {
    /// Opens a file; standard input for none, and for `-`.
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

    /// The same for a file that is read while standard output is written, which must be another one.
    pub(crate) fn open_beside_stdout(path: Option<&Path>) -> Result<Self, Failure> {
        let input = Self::open(path)?;
        if input.id.is_some() && input.id == FileId::of_stdout() {
            return Err(Failure::input(format_args!(
                "{} is standard output too: what is written would destroy what is read",
                input.name
            )));
        }
        Ok(input)
    }

    /// Which file it is, if it is one.
    pub(crate) fn id(&self) -> Option<FileId> {
        self.id.clone()
    }

    /// Gives what has arrived and was not used yet, and waits if that is nothing. `None`: the input has ended.
    pub(crate) fn fill_buf(&mut self) -> Result<Option<&[u8]>, Failure> {
        while let Err(error) = self.reader.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(cannot_read(&self.name, &error));
            }
        }
        Ok(Some(self.reader.buffer()).filter(|piece| !piece.is_empty()))
    }

    /// Marks bytes of the piece as used.
    pub(crate) fn consume(&mut self, len: usize) {
        self.reader.consume(len);
    }

    /// Reads a line to the end of `line`, its line break included. `None`: the input has ended.
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

    /// Whether the next line is here already.
    pub(crate) fn has_line(&self) -> bool {
        self.reader.buffer().contains(&b'\n')
    }

    /// What a person calls it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// Reads a whole file, or standard input; it must be small.
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

/// How much is asked for at a time, in bytes.
const PIECE_LEN: usize = 16 * 1024;
/// More than the longest message needs as JSON, in bytes: a payload of 24 MiB in base64, and its headers.
const MAX_LINE_LEN: u64 = 64 * 1024 * 1024;
