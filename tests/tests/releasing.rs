//! The command of docs/RELEASING.md that finds what turns false with the first release finds it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_command_finds_what_turns_false_with_the_first_release() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in the repository");
    let page = read(&root.join("docs/RELEASING.md"));
    let command =
        page.lines().find_map(|line| line.trim_start().strip_prefix("grep -rnE '")).expect("it is there");
    let (pattern, rest) = command.split_once("' ").expect("the pattern ends");
    // No other part of the pattern means anything but itself.
    let words: Vec<String> = pattern.split('|').map(|word| word.replace("\\.", ".")).collect();
    assert!(words.iter().all(|word| !word.contains(['\\', '[', '(', '*', '+', '?', '^', '$'])), "{words:?}");
    let (paths, exclude) = rest.split_once(" --exclude=").expect("it leaves itself out");
    let files: Vec<PathBuf> = paths.split(' ').flat_map(|path| named(root, path)).collect();

    let mut found = BTreeSet::new();
    let mut used = BTreeSet::new();
    for file in files.iter().filter(|file| !file.ends_with(exclude)) {
        let name =
            file.strip_prefix(root).expect("it is in the repository").to_string_lossy().replace('\\', "/");
        for line in String::from_utf8_lossy(&fs::read(file).expect("it can be read")).lines() {
            let hits: Vec<&String> = words.iter().filter(|word| line.contains(&**word)).collect();
            if !hits.is_empty() {
                found.insert((name.clone(), line.trim().to_owned()));
            }
            used.extend(hits);
        }
    }
    for (name, part) in KNOWN {
        assert!(
            found.iter().any(|(file, line)| file == name && line.contains(part)),
            "{name}: {part:?} is not found by {command}"
        );
    }
    let unused: Vec<&String> = words.iter().filter(|word| !used.contains(word)).collect();
    assert!(unused.is_empty(), "found nowhere: {unused:?}");
}

/// The files that a path of the command names: a file, a folder with all that is in it, or `crates/*/FILE`.
fn named(root: &Path, path: &str) -> Vec<PathBuf> {
    match path.split_once("/*/") {
        Some((folder, file)) => {
            entries(&root.join(folder)).into_iter().map(|folder| folder.join(file)).collect()
        }
        None => below(&root.join(path)),
    }
}

fn below(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        entries(path).iter().flat_map(|path| below(path)).collect()
    } else {
        vec![path.to_owned()]
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("it can be read").path()).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Places that are known to turn false, or to be placeholders.
const KNOWN: [(&str, &str); 16] = [
    ("README.md", "not yet on crates.io"),
    ("README.md", "until the crates are published"),
    ("README.md", "path = \"../bedrock-stream/crates/reqwest\""),
    ("README.md", "`cargo install --path crates/cli`"),
    ("docs/chat.md", "(Until the crates are published"),
    ("docs/chat.md", "cargo install --path ../bedrock-stream/crates/cli"),
    ("docs/installing.md", "Until there are releases"),
    ("crates/reqwest/README.md", "version = \"0.1\""),
    (".github/workflows/ci.yml", "not run there yet"),
    (".github/workflows/pages.yml", "not run there yet"),
    (".github/ISSUE_TEMPLATE/config.yml", "https://"),
    ("Cargo.toml", "until there is a public home"),
    ("Cargo.toml", "repository = "),
    ("crates/cli/Cargo.toml", "maintainer = "),
    ("crates/cli/README.md", "https://"),
    ("SECURITY.md", "@example.com"),
];
