//! The last target of `cargo test`: it prints one line that lists the tests that were skipped for lack of data.

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs, io};

use bedrock_stream_tests::LeftOut;

fn main() -> Result<(), Box<dyn Error>> {
    // Listing the tests must not run any of them.
    if env::args().any(|argument| argument == "--list") {
        return Ok(());
    }
    let left_out = LeftOut::take()?;
    let program = env::current_exe()?;
    // For `.ci/run`, which adds the steps that it leaves out itself.
    let folder = program.parent().and_then(Path::parent).ok_or("the program is in no folder")?;
    let names: String = left_out.not_run.iter().map(|name| format!("{name}\n")).collect();
    fs::write(folder.join("not-run"), names)?;
    if left_out != LeftOut::default() {
        // Not with `eprintln!`, which some test harnesses capture.
        writeln!(io::stderr().lock(), "{left_out}")?;
    }
    Ok(())
}
