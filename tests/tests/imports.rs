//! No two files of a crate import each other in a circle, directly or by way of others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files that each file imports, by their module paths: `stream::chunk_stream`.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The libraries. `.ci/import_circles` also follows names that a module re-exports, and covers the other crates.
const CRATES: [&str; 4] = ["core", "http", "hyper", "reqwest"];

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut count = 0;
    for name in CRATES {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("src");
        let mut files = BTreeMap::new();
        read(&source, "", &mut files);
        let imports = imports(&files);
        count += imports.values().map(BTreeSet::len).sum::<usize>();
        let circles = circles(imports);
        assert!(circles.is_empty(), "{name}: {circles:#?}");
    }
    assert!(count >= 300, "only {count} imports were found");
}

#[test]
fn a_circle_is_found() {
    let files = [
        ("a", "use crate::b::{B, C};"),
        ("b", "use super::folder::c::C;"),
        ("folder", "use crate::outside::D;\nmod c;"),
        ("folder::c", "fn f(_: crate::a::A) {}"),
        ("outside", "use crate::a::A;"),
        ("alone", "// use crate::alone2;\n#[cfg(test)]\nmod tests {\n    use crate::alone2::X;\n}"),
        ("alone2", "use crate::alone::Y;"),
    ];
    let files = files.map(|(module, text)| (module.to_owned(), text.to_owned())).into();
    let circles = circles(imports(&files));
    let found: Vec<&str> = circles.keys().map(|module| &**module).collect();
    assert_eq!(found, ["a", "b", "folder::c"]);
}

/// Reads the files of a folder: their texts by their module paths.
fn read(folder: &Path, module: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let inner = if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") };
        if path.is_dir() {
            read(&path, &inner, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("the file can be read");
            files.insert(if name == "mod" { module.to_owned() } else { inner }, text);
        }
    }
}

/// Resolves the paths that begin with `crate::`, `super::` or `self::`, tests aside. A path into a folder counts for the file that it
/// names, and for the folder's `mod.rs` only where that is all it names.
fn imports(files: &BTreeMap<String, String>) -> Imports {
    let mut imports = Imports::new();
    for (module, text) in files {
        let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        let text = text.split("\n#[cfg(all(test").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = lines.collect::<Vec<_>>().join("\n");
        let imported = paths(&code, module).filter_map(|path| file(&path, files));
        imports.insert(module.clone(), imported.filter(|import| import != module).collect());
    }
    imports
}

fn paths(code: &str, module: &str) -> impl Iterator<Item = String> {
    let rest = |at: usize, prefix: &str| {
        let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let rest = &code[at + prefix.len()..];
        rest[..rest.find(|c| !is_path(c)).unwrap_or(rest.len())].trim_end_matches(':').to_owned()
    };
    let parent = module.rsplit_once("::").map_or(String::new(), |(parent, _)| format!("{parent}::"));
    let from_crate = code.match_indices("crate::").map(|(at, prefix)| rest(at, prefix));
    let from_super =
        code.match_indices("super::").map(|(at, prefix)| format!("{parent}{}", rest(at, prefix)));
    let from_self =
        code.match_indices("self::").map(|(at, prefix)| format!("{module}::{}", rest(at, prefix)));
    from_crate.chain(from_super).chain(from_self).collect::<Vec<_>>().into_iter()
}

/// The file that a path leads into: the longest beginning of it that is one.
fn file(path: &str, files: &BTreeMap<String, String>) -> Option<String> {
    let mut path = path;
    while !files.contains_key(path) {
        path = path.rsplit_once("::")?.0;
    }
    Some(path.to_owned())
}

/// What is left of the imports when what imports nothing, and what nothing imports, is taken away until there is none:
/// the circles, and nothing else of interest.
fn circles(mut imports: Imports) -> Imports {
    loop {
        let imported: BTreeSet<String> = imports.values().flatten().cloned().collect();
        let count = imports.len();
        imports.retain(|module, imported_here| !imported_here.is_empty() && imported.contains(module));
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        for imported_here in imports.values_mut() {
            imported_here.retain(|import| left.contains(import));
        }
        if imports.len() == count {
            return imports;
        }
    }
}
