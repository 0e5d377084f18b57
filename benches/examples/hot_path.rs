//! Runs one stage of the hot path over the text corpus repeatedly, for a profiler, and prints the nanoseconds per
//! message.
//!
//! Build with `cargo build --release -p bedrock-stream-benches --example hot_path`, then run `valgrind --tool=callgrind
//! target/release/examples/hot_path chunks 10`. The difference between a run with 20 repetitions and one with 10 is the
//! cost of ten passes over 2,000 messages, without set-up. The stages are `floor`, `frames`, `events`, `chunks`, `lent`, `client`, `client-lent` and `request`; with `-tools` appended, the
//! corpus is tool input.

use std::hint::black_box;
use std::time::Instant;

use bedrock_stream_benches::{Client, Corpus, Split, checksum_only, chunks, events, frames, lent_chunks};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [stage, times] = &arguments[..] else {
        panic!("the arguments are the stage and the number of repetitions")
    };
    let times: usize = times.parse().expect("a number of times");
    let (stage, corpus) = match stage.strip_suffix("-tools") {
        Some(stage) => (stage, Corpus::tools(2_000)),
        None => (&**stage, Corpus::text(2_000)),
    };
    let reads = Split::Reads.pieces(&corpus);
    let client = Client::in_process(reads.clone());
    let short = Corpus::short();
    let short = Client::in_process(Split::Messages.pieces(&short));
    let work: &dyn Fn() -> usize = match stage {
        "floor" => &|| checksum_only(&corpus.messages) as usize,
        "frames" => &|| frames(&reads),
        "events" => &|| events(&reads),
        "chunks" => &|| chunks(&reads),
        "lent" => &|| lent_chunks(&reads),
        "client-lent" => &|| client.lent_chunks(),
        "client" => &|| client.chunks(),
        // As many short requests as the corpus has messages.
        "request" => &|| (0..corpus.messages.len()).map(|_| short.chunks()).sum(),
        _ => panic!("no such stage: {stage}"),
    };
    let begin = Instant::now();
    for _ in 0..times {
        black_box(work());
    }
    let messages = corpus.messages.len();
    let each = begin.elapsed().as_nanos() as f64 / (times * messages) as f64;
    println!("{stage}: {each:.1} ns a message of {} bytes", corpus.bytes.len() / messages);
}
