use std::panic::Location;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io, thread};

/// Whether a test that needs the shared data could run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The data was available.
    Ran,
    /// The data was missing.
    NotRun,
}

/// The tests that need the shared data and have run since the last [`LeftOut::take`]; `Display` is one line about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many ran.
    pub ran: usize,
    /// The names of those that were skipped, sorted: the package, the test program, the test.
    pub not_run: Vec<String>,
}

impl Outcome {
    /// Records the outcome for the test that is running on this thread.
    #[track_caller]
    pub(crate) fn note(self) {
        let location = Location::caller();
        let name =
            name(env::var("CARGO_PKG_NAME").ok(), thread::current().name(), location.file(), location.line());
        if let Some(folder) = folder() {
            self.write(&folder, &name)
                .unwrap_or_else(|error| panic!("cannot write to {}: {error}", folder.display()));
        }
        if self == Self::NotRun {
            println!("not run: {name} needs ../shared");
        }
    }

    fn write(self, folder: &Path, name: &str) -> io::Result<()> {
        let file: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let text = match self {
            Self::Ran => format!("{RAN}{name}"),
            Self::NotRun => name.to_owned(),
        };
        fs::create_dir_all(folder)?;
        // Written in one piece, since another process may read at the same time.
        let unfinished = folder.join(format!("{file}.{}", std::process::id()));
        fs::write(&unfinished, text)?;
        fs::rename(unfinished, folder.join(file))
    }
}

impl LeftOut {
    /// Returns the records so far, and clears them.
    ///
    /// # Errors
    ///
    /// If the records cannot be read.
    pub fn take() -> io::Result<Self> {
        match folder() {
            Some(folder) => Self::take_from(&folder),
            None => Ok(Self::default()),
        }
    }

    fn take_from(folder: &Path) -> io::Result<Self> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let mut all = Self::default();
        for entry in entries {
            let note = fs::read_to_string(entry?.path())?;
            match note.strip_prefix(RAN) {
                Some(_) => all.ran += 1,
                None => all.not_run.push(note),
            }
        }
        all.not_run.sort();
        fs::remove_dir_all(folder)?;
        Ok(all)
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.not_run.len() {
            0 => write!(f, "nothing was left out: {} tests read ../shared", self.ran),
            1 => write!(f, "1 test was not run, for lack of ../shared: {}", self.not_run[0]),
            count => {
                write!(f, "{count} tests were not run, for lack of ../shared: {}", self.not_run.join(", "))
            }
        }
    }
}

/// The name of the running test. A test that does not run on its own thread has no name, so its source location is
/// used.
fn name(package: Option<String>, thread: Option<&str>, file: &str, line: u32) -> String {
    let test = match thread {
        None | Some("main") => format!("{}:{line}", file.replace('\\', "/")),
        Some(test) => test.to_owned(),
    };
    let program = env::current_exe().ok().and_then(|path| {
        let program = path.file_stem()?.to_str()?;
        // Cargo appends a hash.
        Some(program.rsplit_once('-').map_or(program, |(program, _)| program).to_owned())
    });
    let package = package.map(|package| package.trim_start_matches("bedrock-stream-").to_owned());
    [package, program].into_iter().flatten().map(|part| part + " ").collect::<String>() + &test
}

/// Beside the test programs, so that each build has its own.
fn folder() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    Some(program.parent()?.parent()?.join("left-out"))
}

const RAN: &str = "ran ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_is_listed_once() {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        let notes = folder.path().join("notes");
        assert_eq!(LeftOut::take_from(&notes).expect("it can be read"), LeftOut::default());
        for (outcome, name) in [
            (Outcome::NotRun, "core frame vectors::b"),
            (Outcome::NotRun, "core frame vectors::a"),
            (Outcome::NotRun, "core frame vectors::a"),
            (Outcome::NotRun, "cli program cut::c"),
            // Since then the test has run.
            (Outcome::Ran, "cli program cut::c"),
        ] {
            outcome.write(&notes, name).expect("it can be written");
        }
        let taken = LeftOut::take_from(&notes).expect("it can be read");
        assert_eq!(
            taken.to_string(),
            "2 tests were not run, for lack of ../shared: core frame vectors::a, core frame vectors::b"
        );
        assert_eq!(taken.ran, 1);
        assert_eq!(LeftOut::take_from(&notes).expect("it can be read"), LeftOut::default());
    }

    #[test]
    fn names_locate_a_test() {
        let package = || Some("bedrock-stream-core".to_owned());
        assert_eq!(name(package(), Some("a::b"), "x.rs", 1), "core bedrock_stream_tests a::b");
        assert_eq!(name(package(), Some("main"), "tests\\x.rs", 7), "core bedrock_stream_tests tests/x.rs:7");
    }
}
