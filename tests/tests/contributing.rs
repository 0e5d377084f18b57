//! Every path that CONTRIBUTING.md names must exist: outdated paths are worse than none.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_path_of_the_table_exists() {
    let mut count = 0;
    let mut missing = Vec::new();
    for row in table("| to add | in crate |") {
        let [_, crate_name, cells @ ..] = &row[..] else { panic!("a row has four cells: {row:?}") };
        // "core", "`fuzz`", or "a crate like `hyper`".
        let name = crate_name
            .trim_matches('`')
            .rsplit_once('`')
            .map_or(crate_name.trim_matches('`'), |(_, name)| name);
        let crates = root().join("crates").join(name);
        let mut folder = if crates.is_dir() { crates } else { root().join(name) };
        assert!(folder.is_dir(), "there is no crate {name:?}");
        let own = folder.clone();
        for path in cells.iter().flat_map(|cell| paths(cell)) {
            count += 1;
            match find(&folder, &path).or_else(|| find(&own, &path)) {
                Some(found) if found.is_dir() => folder = found,
                Some(found) => folder = found.parent().expect("a file is in a folder").to_owned(),
                None => missing.push(format!("{name}: {path}")),
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(count > 80, "only {count} paths were found in the table");
}

#[test]
fn every_path_of_our_own_code_exists() {
    let own: Vec<String> = table("| own code |").iter().flat_map(|row| paths(&row[0])).collect();
    let missing: Vec<&String> =
        own.iter().filter(|path| !root().join("crates").join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(own.len() > 5, "only {own:?}");
}

#[test]
fn every_file_on_the_way_of_a_delta_exists() {
    let text = text();
    let (_, way) = text.split_once("Nine files ").expect("it names them");
    let (way, _) = way.split_once("\n\n").expect("the paragraph ends");
    let crates = root().join("crates");
    let folders = [crates.clone(), crates.join("core/src"), crates.join("dialects/src")];
    let way = paths(way);
    let missing: Vec<&String> =
        way.iter().filter(|path| !folders.iter().any(|folder| folder.join(path).is_file())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(way.len() > 13, "only {way:?}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in the repository").to_owned()
}

fn text() -> String {
    fs::read_to_string(root().join("CONTRIBUTING.md")).expect("the repository has one")
}

/// The cells of each row of the table that starts with this heading.
fn table(heading: &str) -> Vec<Vec<String>> {
    let text = text();
    let (_, table) = text.split_once(heading).expect("there is such a table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The paths in backticks, with `{a,b}` expanded, and without those in which `NAME` is a placeholder.
fn paths(text: &str) -> Vec<String> {
    let code = text.split('`').skip(1).step_by(2).filter(|code| !code.contains([' ', '!', ':']));
    let is_path =
        |code: &&str| code.contains('/') || [".rs", ".py", ".md"].iter().any(|end| code.ends_with(end));
    code.filter(is_path).filter(|code| !code.contains("NAME")).flat_map(expand).collect()
}

fn expand(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let (choices, after) = rest.split_once('}').expect("a brace is closed");
    choices.split(',').flat_map(|choice| expand(&format!("{before}{choice}{after}"))).collect()
}

/// A path is relative to the last folder named in its row or to one of its ancestors, such as the crate or the
/// repository. If that folder is in another crate, the path may also be relative to the row's own crate.
fn find(folder: &Path, path: &str) -> Option<PathBuf> {
    let root = root();
    let above = folder.ancestors().take_while(|folder| folder.starts_with(&root));
    above.chain([&*root.join("crates")]).map(|folder| folder.join(path)).find(|path| path.exists())
}
