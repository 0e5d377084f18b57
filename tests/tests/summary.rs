//! The last that `cargo test` runs: it says in one line which tests were not run for lack of data.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

use bedrock_stream_tests::LeftOut;

fn main() -> Result<(), Box<dyn Error>> {
    // Listing the tests runs none of them.
    if env::args().any(|argument| argument == "--list") {
        return Ok(());
    }
    let left_out = LeftOut::take()?;
    let program = env::current_exe()?;
    // For `.ci/run`, which adds what it leaves out itself.
    let folder = program.parent().and_then(Path::parent).ok_or("the program is in no folder")?;
    let names: String = left_out.not_run.iter().map(|name| format!("{name}\n")).collect();
    fs::write(folder.join("not-run"), names)?;
    if left_out != LeftOut::default() {
        // Not by `eprintln!`, which some harnesses catch.
        writeln!(io::stderr().lock(), "{left_out}")?;
    }
    Ok(())
}
