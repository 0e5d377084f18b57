//! Each crate's README is what the front page of its documentation says, so that neither can fall behind the other.
//!
//! After a front page has changed, `UPDATE_READMES=1 cargo test -p bedrock-stream-tests --test crate_readmes` writes them anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

#[test]
fn every_crate_has_the_front_page_of_its_documentation_as_its_readme() {
    let update = env::var_os("UPDATE_READMES").is_some();
    let mut stale = Vec::new();
    for folder in crates() {
        let source = folder.join("src/lib.rs");
        if !source.is_file() {
            continue;
        }
        let readme = folder.join("README.md");
        let expected = readme_of(&name(&folder), &read(&source));
        if update {
            fs::write(&readme, &expected).expect("the README can be written");
        }
        if fs::read_to_string(&readme).ok().as_deref() != Some(&*expected) {
            stale.push(readme);
        }
    }
    assert!(
        stale.is_empty(),
        "run UPDATE_READMES=1 cargo test -p bedrock-stream-tests --test crate_readmes: {stale:#?}"
    );
}

#[test]
fn every_published_crate_has_a_whole_manifest() {
    for folder in crates() {
        let manifest = read(&folder.join("Cargo.toml"));
        let mut lines = vec![
            "edition.workspace = true",
            "rust-version.workspace = true",
            "license.workspace = true",
            "repository.workspace = true",
            "homepage.workspace = true",
            "readme = \"README.md\"",
        ];
        let at_docs_rs = format!("documentation = \"https://docs.rs/{}\"", name(&folder));
        if folder.join("src/lib.rs").is_file() {
            lines.extend([&*at_docs_rs, "[package.metadata.docs.rs]\nall-features = true"]);
        } else {
            // docs.rs documents libraries: the program's documentation is the book.
            lines.push("documentation.workspace = true");
        }
        for line in lines {
            assert!(manifest.contains(line), "{}: {line}", folder.display());
        }
        for key in ["name = \"", "description = \"", "version = \"", "categories = [", "keywords = ["] {
            assert!(manifest.lines().any(|line| line.starts_with(key)), "{}: {key}", folder.display());
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(folder.join(file).is_file(), "{}: {file}", folder.display());
        }
        let readme = read(&folder.join("README.md"));
        assert!(readme.starts_with(&format!("# {}\n", name(&folder))), "{}", folder.display());
        assert!(readme.ends_with(&footer()), "{}: the end is {:?}", folder.display(), footer());
        let prose = || readme.split("```").step_by(2).flat_map(str::lines);
        let target =
            prose().find(|line| line.starts_with('`') && line.contains("`: ") && line.contains("::"));
        assert_eq!(target, None, "{}: the target of a link that is none here", folder.display());
    }
}

#[test]
fn a_front_page_is_written_as_a_readme() {
    let source = "//! Reads [`frame`] by [`Decode`](crate::answer::Decode), or [`event`](mod@event), or\n\
        //! [how](https://example.com/how).\n//!\n//! ```\n//! fn main() {}\n//! ```\n//!\n//! ```no_run\n//! # Not a heading\n//! ```\n//!\n\
        #![cfg_attr(feature = \"a\", doc = \"```\")]\n#![cfg_attr(not(feature = \"a\"), doc = \"```ignore\")]\n\
        //! fn main() {}\n//! ```\n//!\n//! # Features\n\nmod a;\n//! no more\n";
    let expected = "Reads `frame` by `Decode`, or `event`, or\n[how](https://example.com/how).\n\n```rust\nfn main() {}\n```\n\n\
        ```rust,no_run\n# Not a heading\n```\n\n```rust\nfn main() {}\n```\n\n## Features\n";
    assert_eq!(readme_of("name", source), format!("# name\n\n{expected}{}", footer()));
}

/// The README of a crate: its name, the front page of its documentation, and where it belongs.
fn readme_of(name: &str, source: &str) -> String {
    let mut readme = format!("# {name}\n\n");
    let (mut in_code, mut is_after_targets) = (false, false);
    for line in source.lines() {
        let text = if let Some(text) = line.strip_prefix("//!") {
            text.strip_prefix(' ').unwrap_or(text)
        } else if line.starts_with("#![cfg_attr(not(") {
            // The other form of the fence before it.
            continue;
        } else if line.starts_with("#![cfg_attr(") && line.contains("doc = \"```\"") {
            "```"
        } else {
            break;
        };
        let line = match text.strip_prefix("```") {
            Some(language) => {
                in_code = !in_code;
                if in_code { fence(language) } else { text.to_owned() }
            }
            None if in_code => text.to_owned(),
            None if text.starts_with("[`") && text.contains("`]: ") => {
                // The target of a link to an item: the links themselves become plain names.
                is_after_targets = true;
                continue;
            }
            None if text.is_empty() && is_after_targets => {
                // The empty line before the targets is enough.
                is_after_targets = false;
                continue;
            }
            None if text.starts_with('#') => format!("#{text}"),
            None => without_item_links(text),
        };
        readme.push_str(&line);
        readme.push('\n');
    }
    readme.push_str(&footer());
    readme
}

/// A block of the documentation is Rust unless it says otherwise; elsewhere that must be said.
fn fence(language: &str) -> String {
    match language {
        "" => "```rust".to_owned(),
        "no_run" => "```rust,no_run".to_owned(),
        language => format!("```{language}"),
    }
}

/// Links to items lead nowhere outside of the documentation: `` [`Name`] `` and `` [`Name`](path) `` become `` `Name` ``.
fn without_item_links(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("[`") {
        plain.push_str(before);
        let Some((name, after)) = after.split_once("`]") else {
            plain.push_str("[`");
            rest = after;
            continue;
        };
        plain.push_str(&format!("`{name}`"));
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        rest = match target {
            Some((target, after)) if !target.contains("://") => after,
            _ => after,
        };
    }
    plain.push_str(rest);
    plain
}

fn footer() -> String {
    let manifest = read(&root().join("Cargo.toml"));
    let value = |key: &str| {
        let line = manifest.lines().find_map(|line| line.strip_prefix(key)).expect("the workspace has it");
        line.trim_matches('"').to_owned()
    };
    let (repository, rust) = (value("repository = "), value("rust-version = "));
    format!(
        "\n## bedrock-stream\n\nOne of the crates of [bedrock-stream]({repository}), whose README and guides say what the others are for. \
         Rust {rust} or newer. MIT or Apache-2.0, at your option.\n"
    )
}

/// The folders of the crates that are published.
fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("crates")).expect("there are crates");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    folders.sort();
    assert!(folders.len() >= 8, "{folders:?}");
    folders
}

fn name(folder: &Path) -> String {
    format!("bedrock-stream-{}", folder.file_name().expect("a folder has a name").to_string_lossy())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is in the repository").to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
