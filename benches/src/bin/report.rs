//! Prints each figure as a ratio to its floor or peer: pairs run interleaved, medians of their ratios.
//!
//! `cargo run --release -p bedrock-stream-benches --bin report [ROUNDS]`; 3 rounds are a smoke test, 15 a measurement.

use std::hint::black_box;
use std::time::Instant;

use bedrock_stream_benches::{
    Corpus, assemble, checksum_only, chunks, frames, frames_bytewise, reads, smithy_frames,
};

fn main() {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(15);
    println!("| what | against | figure | target | |");
    println!("|---|---|---|---|---|");

    let text = Corpus::text(20_000);
    let messages = text.split();
    let stream = &text.bytes;
    let floor = || u64::from(checksum_only(&messages));
    let smithy_reads = reads(stream, READ);
    let ours = || frames(stream, READ) as u64;
    at_most("messages, 16 KiB reads", "checksum", 1.6, ratio(rounds, ours, floor));
    at_least("the same, speed", "aws-smithy-eventstream", 15.0, {
        ratio(rounds, || smithy_frames(&smithy_reads) as u64, ours)
    });
    at_most(
        "allocations a message",
        "none",
        0.0,
        allocations_each(&text, || _ = black_box(frames(stream, READ))),
    );
    let to_chunks = || chunks(stream, READ) as u64;
    at_most("bytes to chunks, text", "checksum", 5.0, ratio(rounds, to_chunks, floor));
    at_most(
        "allocations a chunk",
        "one",
        1.0,
        allocations_each(&text, || _ = black_box(chunks(stream, READ))),
    );
    at_most("one byte a push", "one push", 40.0, {
        ratio(rounds, || frames_bytewise(stream) as u64, || frames(stream, stream.len()) as u64)
    });

    let (few, many) = (Corpus::tool_call(1_000), Corpus::tool_call(100_000));
    let assemble_few = || (0..100).map(|_| assemble(&few.bytes) as u64).sum();
    let assemble_many = || assemble(&many.bytes) as u64;
    at_most(
        "a tool call of 100,000 pieces, a piece",
        "of 1,000",
        3.0,
        ratio(rounds, assemble_many, assemble_few),
    );

    for (name, len, count) in [("64 KiB messages", 64 << 10, 64), ("1 MiB messages", 1 << 20, 8)] {
        let large = Corpus::large(name, len, count);
        let messages = large.split();
        let floor = || u64::from(checksum_only(&messages));
        let whole = || frames(&large.bytes, large.bytes.len()) as u64;
        let cut = || frames(&large.bytes, READ) as u64;
        at_most(&format!("{name}, whole in the read"), "checksum", 1.3, ratio(rounds, whole, floor));
        at_most(&format!("{name}, 16 KiB reads"), "checksum", 2.5, ratio(rounds, cut, floor));
    }
}

/// The median over the rounds of the time of `ours` divided by that of `theirs` right after it.
fn ratio(rounds: usize, ours: impl Fn() -> u64, theirs: impl Fn() -> u64) -> f64 {
    let mut ratios: Vec<f64> = (0..rounds.max(1)).map(|_| seconds(&ours) / seconds(&theirs)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn seconds(work: &impl Fn() -> u64) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64()
}

/// Allocations for each message, beyond the first few that set the decoder up.
fn allocations_each(corpus: &Corpus, work: impl FnOnce()) -> f64 {
    let count = allocation_counter::measure(work).count_total;
    count.saturating_sub(SET_UP) as f64 / corpus.messages as f64
}

fn at_most(what: &str, against: &str, target: f64, figure: f64) {
    row(what, against, &format!("at most {target}"), figure, figure <= target);
}

fn at_least(what: &str, against: &str, target: f64, figure: f64) {
    row(what, against, &format!("at least {target}"), figure, figure >= target);
}

fn row(what: &str, against: &str, target: &str, figure: f64, reached: bool) {
    println!("| {what} | {against} | {figure:.2} | {target} | {} |", if reached { "pass" } else { "miss" });
}

/// What a read from a socket gives, in bytes.
const READ: usize = 16 << 10;
/// Allocations of a decoder that do not come again: its buffer and its queue as they grow.
const SET_UP: u64 = 16;
