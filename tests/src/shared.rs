use std::path::{Path, PathBuf};

use crate::left_out::Outcome;

/// A folder of the shared data, for the test that calls this. `None` where there is no such data: the test has nothing
/// to do then, and the summary at the end names it.
///
/// # Panics
///
/// If the data is there, and this folder of it is not.
#[must_use]
#[track_caller]
pub fn shared(folder: &str) -> Option<PathBuf> {
    let found = find_shared(folder);
    let outcome = if found.is_some() { Outcome::Ran } else { Outcome::NotRun };
    outcome.note();
    found
}

/// The same for what is no test.
///
/// # Panics
///
/// If the data is there, and this folder of it is not.
#[must_use]
pub fn find_shared(folder: &str) -> Option<PathBuf> {
    find(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), folder)
}

fn find(shared: &Path, folder: &str) -> Option<PathBuf> {
    // Another folder of this name may stand beside a clone.
    if !KNOWN.iter().any(|known| shared.join(known).is_dir()) {
        return None;
    }
    let path = shared.join(folder);
    assert!(path.is_dir(), "{} is missing, and the rest of the shared data is there", path.display());
    Some(path)
}

/// What distinguishes the shared data from any other folder.
const KNOWN: [&str; 2] = ["recordings", "vectors"];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_there_is_found() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        assert_eq!(find(&folder.path().join("none"), "recordings"), None);
        fs::create_dir(folder.path().join("photos")).expect("there is room for a folder");
        assert_eq!(find(folder.path(), "recordings"), None, "it is somebody else's");
        let path = folder.path().join("recordings");
        fs::create_dir(&path).expect("there is room for a folder");
        assert_eq!(find(folder.path(), "recordings"), Some(path));
    }

    #[test]
    #[should_panic(expected = "vectors is missing")]
    fn a_part_is_not_enough() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        fs::create_dir(folder.path().join("recordings")).expect("there is room for a folder");
        let _ = find(folder.path(), "vectors");
    }
}
