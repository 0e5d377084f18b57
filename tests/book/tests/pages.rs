//! The guides as a book: every page is in the table of contents, and every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_page_is_in_the_table_of_contents() {
    let summary = read(&root().join("docs/SUMMARY.md"));
    let listed: BTreeSet<String> =
        links(&summary).into_iter().filter(|link| link.ends_with(".md")).map(str::to_owned).collect();
    let found: BTreeSet<String> = fs::read_dir(root().join("docs"))
        .expect("the guides are there")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect();
    assert_eq!(listed, found);
}

#[test]
fn every_page_is_on_the_books_first_page() {
    let first = read(&root().join("docs/README.md"));
    let listed: BTreeSet<&str> = links(&first).into_iter().collect();
    let summary = read(&root().join("docs/SUMMARY.md"));
    let missing: Vec<&str> = links(&summary)
        .into_iter()
        .filter(|link| link.ends_with(".md") && *link != "README.md" && !listed.contains(link))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_link_leads_somewhere() {
    let (mut count, mut broken) = (0, Vec::new());
    for page in &pages() {
        for link in links(&read(page)) {
            if link.contains("://") {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                page.clone()
            } else {
                page.parent().expect("it is in a folder").join(path)
            };
            // The book has only what is in its folder.
            let leaves_the_book = path.starts_with("../") && page.starts_with(root().join("docs"));
            let leads = match (target.exists() && !leaves_the_book, anchor) {
                (true, "") => true,
                (true, anchor) => anchors(&read(&target)).any(|known| known == anchor),
                (false, _) => false,
            };
            if !leads {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(count > 60, "only {count} links were found");
}

#[test]
fn every_picture_is_small_and_has_a_text_instead() {
    let mut shown = BTreeSet::new();
    for page in &pages() {
        let text = read(page);
        let prose = text.split("```").step_by(2);
        for picture in prose.flat_map(|prose| prose.split("![").skip(1)) {
            let (instead, rest) = picture.split_once("](").expect("a picture has a source");
            let source = rest.split(')').next().unwrap_or_default();
            assert!(instead.split(' ').count() > 3, "{}: {source} needs a text instead", page.display());
            let file = page.parent().expect("it is in a folder").join(source);
            let len = fs::metadata(&file).unwrap_or_else(|error| panic!("{source}: {error}")).len();
            assert!(len < 150_000, "{source} has {len} bytes");
            shown.insert(file.file_name().expect("it is a file").to_owned());
        }
    }
    let is_picture =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "svg" || extension == "png");
    for file in entries("docs").into_iter().filter(is_picture) {
        assert!(shown.contains(file.file_name().expect("it is a file")), "nothing shows {}", file.display());
    }
}

/// The pages of the repository and of the crates.
fn pages() -> Vec<PathBuf> {
    let mut pages = entries("");
    pages.extend(entries("docs"));
    pages.extend(entries(".github"));
    pages.extend(entries("crates").into_iter().map(|folder| folder.join("README.md")));
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    assert!(pages.len() > 30, "{pages:?}");
    pages
}

/// The paths in a folder of the repository.
fn entries(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
    entries.map(|entry| entry.expect("it can be read").path()).collect()
}

/// The targets of a page's links, outside of code.
fn links(page: &str) -> Vec<&str> {
    let prose = page.split("```").step_by(2);
    prose.flat_map(|text| text.split("](").skip(1)).filter_map(|rest| rest.split([')', ' ']).next()).collect()
}

/// The anchors of a page's headings, as GitHub and mdbook both make them.
fn anchors(page: &str) -> impl Iterator<Item = String> + '_ {
    let headings = page.lines().filter_map(|line| line.strip_prefix('#'));
    headings.map(|heading| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
        kept.map(|char| if char == ' ' { '-' } else { char }).collect()
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
