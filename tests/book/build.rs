//! Makes modules of the programs in `docs/*.md`, so that they are compiled once, all together, and any of them can be run by its
//! name: `PAGE.N`, where `N` counts the page's blocks of Rust from 1. Blocks with `ignore` are left out. A `#[tokio::test]` is the `main`
//! of its block.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut pages: Vec<PathBuf> = fs::read_dir(&docs)
        .expect("the guides are there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();

    let (mut modules, mut arms) = (String::new(), String::new());
    for page in pages {
        let text = fs::read_to_string(&page).expect("a guide is text");
        let stem = page.file_stem().expect("it has a name").to_string_lossy().into_owned();
        for (number, program) in (1..).zip(programs(&text)) {
            if program.is_ignored {
                continue;
            }
            let (code, main) = match program.code.split_once("#[tokio::test]\nasync fn ") {
                Some((before, test)) => {
                    let main = test.split('(').next().expect("a function has parentheses");
                    let test =
                        format!("{before}#[tokio::main(flavor = \"current_thread\")]\nasync fn {test}");
                    (Cow::Owned(test), main)
                }
                None => (Cow::Borrowed(program.code), "main"),
            };
            let module = format!("{}_{number}", stem.replace('-', "_").to_lowercase());
            write!(
                modules,
                "mod {module} {{\n{code}\n    pub(super) fn run_program() -> std::process::ExitCode {{\n        \
                 std::process::Termination::report({main}())\n    }}\n}}\n"
            )
            .expect("a string takes everything");
            writeln!(arms, "    (\"{stem}.{number}\", {module}::run_program),")
                .expect("a string takes everything");
        }
    }
    let table = format!(
        "type Program = (&'static str, fn() -> std::process::ExitCode);\nconst PROGRAMS: &[Program] = &[\n{arms}];\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("programs.rs"), modules + &table).expect("there is room");
}

struct Program<'a> {
    code: &'a str,
    is_ignored: bool,
}

/// The blocks of Rust in a page, in their order.
fn programs(page: &str) -> Vec<Program<'_>> {
    page.split("```")
        .enumerate()
        .filter(|(number, _)| number % 2 == 1)
        .filter_map(|(_, block)| block.split_once('\n'))
        .filter(|(language, _)| *language == "rust" || language.starts_with("rust,"))
        .map(|(language, code)| Program { code, is_ignored: language.contains("ignore") })
        .collect()
}
