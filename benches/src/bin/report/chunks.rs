use allocation_counter::measure as count;
use bedrock_stream_benches::{Client, Corpus, Split, checksum_only, chunks, naive_chunks, respond};

use crate::pair::Pair;
use crate::table::Table;

/// Bytes to chunks.
pub(crate) fn measure(table: &Table) {
    let text = Corpus::text(2_000);
    let reads = Split::Reads.pieces(&text);
    let floor = || checksum_only(&text.messages);
    let pair = Pair::thread_cpu_time(10);
    table.at_most("bytes to chunks, text, 16 KiB reads", "the checksum", 5.0, pair, || chunks(&reads), floor);
    let allocations = count(|| _ = chunks(&reads)).count_total.saturating_sub(SET_UP);
    table.count("allocations a chunk", "", allocations as f64 / text.messages.len() as f64, 1.0);
    table.figure(
        "the same, time",
        "`Vec` + `HashMap` + `Value`",
        pair,
        || chunks(&reads),
        || naive_chunks(&reads),
    );
    let client = Client::in_process(reads.clone());
    table.figure(
        "the same through a client's `ChunkStream`",
        "the checksum",
        pair,
        || client.chunks(),
        floor,
    );
    compare(table);

    let (few, many) = (Corpus::tool_call(1_000), Corpus::tool_call(100_000));
    let (few, many) = (Split::Reads.pieces(&few), Split::Reads.pieces(&many));
    let few = || (0..100).map(|_| respond(&few).tool_calls().count()).sum::<usize>();
    let pair = Pair::thread_cpu_time(1);
    table.at_most("a tool call of 100,000 pieces, a piece", "of 1,000", 3.0, pair, || respond(&many), few);
}

/// Long enough that the requests do not matter.
#[cfg(feature = "aws-sdk")]
fn compare(table: &Table) {
    let text = Corpus::text(20_000);
    let reads = Split::Reads.pieces(&text);
    let (client, sdk) = (Client::in_process(reads.clone()), bedrock_stream_benches::Sdk::in_process(reads));
    // `messageStop` and `metadata` are one chunk.
    assert_eq!(client.chunks() + 1, sdk.chunks(), "the two read the same");
    let pair = Pair::thread_cpu_time(1);
    let (ours, theirs) = (|| client.chunks(), || sdk.chunks());
    table.at_least("client in process to chunks, speed", "aws-sdk-bedrockruntime", 10.0, pair, ours, theirs);
    let allocations = count(|| _ = sdk.chunks()).count_total as f64 / text.messages.len() as f64;
    println!("| allocations an event | aws-sdk-bedrockruntime's own | {allocations:.2} | | | |");
}

#[cfg(not(feature = "aws-sdk"))]
fn compare(table: &Table) {
    table.needs_sdk("client in process to chunks, speed", "at least 10x");
}

/// One-time allocations: growth of the decoder's buffer and queue, and the content of `Done`.
const SET_UP: u64 = 24;
