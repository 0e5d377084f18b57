use std::path::{Path, PathBuf};

use crate::left_out::Outcome;

/// A folder of the shared data, for the calling test. Returns `None` if the data is missing: then the test should
/// return, and the summary at the end lists it.
///
/// # Panics
///
/// If the data is available but this folder is missing.
#[must_use]
#[track_caller]
pub fn shared(folder: &str) -> Option<PathBuf> {
    let found = find_shared(folder);
    let outcome = if found.is_some() { Outcome::Ran } else { Outcome::NotRun };
    outcome.note();
    found
}

/// The same for code that is not a test.
///
/// # Panics
///
/// If the data is available but this folder is missing.
#[must_use]
pub fn find_shared(folder: &str) -> Option<PathBuf> {
    find(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), folder)
}

fn find(shared: &Path, folder: &str) -> Option<PathBuf> {
    // A clone may have an unrelated folder of the same name beside it.
    if !KNOWN.iter().any(|known| shared.join(known).is_dir()) {
        return None;
    }
    let path = shared.join(folder);
    assert!(
        path.is_dir(),
        "{} is missing, although the rest of the shared data is available",
        path.display()
    );
    Some(path)
}

/// What distinguishes the shared data from any other folder.
const KNOWN: [&str; 2] = ["recordings", "vectors"];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn existing_folders_are_found() {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        assert_eq!(find(&folder.path().join("none"), "recordings"), None);
        fs::create_dir(folder.path().join("photos")).expect("a temporary folder can be created");
        assert_eq!(find(folder.path(), "recordings"), None, "the folder is unrelated");
        let path = folder.path().join("recordings");
        fs::create_dir(&path).expect("a temporary folder can be created");
        assert_eq!(find(folder.path(), "recordings"), Some(path));
    }

    #[test]
    #[should_panic(expected = "vectors is missing")]
    fn an_unrelated_folder_is_ignored() {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        fs::create_dir(folder.path().join("recordings")).expect("a temporary folder can be created");
        let _ = find(folder.path(), "vectors");
    }
}
