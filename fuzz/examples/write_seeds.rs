//! Writes the seeds of every target to `corpus/TARGET`, where the fuzzer starts from them.

use std::path::Path;
use std::{fs, io};

use bedrock_stream_fuzz::{TARGETS, seeds};

fn main() -> io::Result<()> {
    for (target, _) in TARGETS {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&dir)?;
        let seeds = seeds(target);
        for (index, seed) in seeds.iter().enumerate() {
            fs::write(dir.join(format!("seed-{index:03}")), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    Ok(())
}
