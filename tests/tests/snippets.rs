//! The programs in the README, the guides and the crates' front pages can be copied and run: each has a `main` or is a test, hides
//! no line, and prints its output immediately. The documentation tests check that they compile, and `book` those in the guides.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_program_can_be_copied_and_run() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut programs = 0;
    for path in pages(root) {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let text = if is_source { front_page(&text) } else { text };
        for program in programs_in(&text) {
            let at = || format!("{}:\n{program}", path.display());
            let runs = program.contains("fn main()") || program.contains("#[tokio::test]");
            assert!(runs, "without `main`: {}", at());
            assert!(
                !program.lines().any(|line| line == "#" || line.starts_with("# ")),
                "with hidden lines: {}",
                at()
            );
            let prints = program.matches("print!(").count() - program.matches("eprint!(").count();
            assert!(prints == 0 || program.contains(".flush()"), "without a flush: {}", at());
            programs += 1;
        }
    }
    assert!(programs >= 12, "{programs}");
}

fn pages(root: &Path) -> Vec<PathBuf> {
    let in_folder = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).expect("the folder is there");
        entries.map(|entry| entry.expect("the folder can be read").path()).collect::<Vec<_>>()
    };
    let is_guide = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let crates = in_folder("crates").into_iter().map(|path| path.join("src/lib.rs"));
    let mut pages = vec![root.join("README.md")];
    pages.extend(in_folder("docs").into_iter().filter(is_guide));
    // The program is not a library.
    pages.extend(crates.filter(|path| path.is_file()));
    pages
}

/// A crate's own documentation, as Markdown.
fn front_page(source: &str) -> String {
    let line = |line: &str| {
        let text = line.strip_prefix("//!").map(|text| text.strip_prefix(' ').unwrap_or(text).to_owned());
        // The code fence of the core depends on its features.
        let is_fence = line.starts_with("#![cfg_attr(feature") && line.contains("doc = \"```\"");
        text.or_else(|| is_fence.then(|| "```".to_owned()))
    };
    source
        .lines()
        .map_while(|text| line(text).or_else(|| text.starts_with("#![cfg_attr(not").then(String::new)))
        .fold(String::new(), |mut page, line| {
            page.push_str(&line);
            page.push('\n');
            page
        })
}

/// The blocks of Rust code. A block without a language is Rust on a front page; the guides have no such blocks.
fn programs_in(page: &str) -> Vec<&str> {
    let mut programs = Vec::new();
    for (number, block) in page.split("```").enumerate() {
        let Some((language, code)) = block.split_once('\n') else { continue };
        if number % 2 == 1 && (language.is_empty() || language.starts_with("rust") || language == "no_run") {
            programs.push(code);
        }
    }
    programs
}
