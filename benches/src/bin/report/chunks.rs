use allocation_counter::measure as count;
use bedrock_stream_benches::{
    Client, Corpus, Split, checksum_only, chunks, events, frames, lent_chunks, naive_chunks, respond,
};
use bytes::Bytes;

use crate::pair::Pair;
use crate::table::Table;

/// Bytes to chunks.
pub(crate) fn measure(table: &Table) {
    // The peer is the checksum of the same messages.
    let corpora = [(Corpus::text(2_000), 4.3, 3.3), (Corpus::tools(2_000), 4.8, 4.0)];
    for (corpus, owned, lent) in &corpora {
        let reads = Split::Reads.pieces(corpus);
        let name = &corpus.name;
        let floor = || checksum_only(&corpus.messages);
        let pair = Pair::thread_cpu_time(10);
        let what = format!("bytes to chunks, {name}, 16 KiB reads");
        table.at_most(&what, "the checksum", *owned, pair, || chunks(&reads), floor);
        let what = format!("bytes to lent chunks, {name}");
        table.at_most(&what, "the checksum", *lent, pair, || lent_chunks(&reads), floor);
    }
    if let Some(recorded) = Corpus::recordings() {
        let reads = Split::Reads.pieces(&recorded);
        let floor = || checksum_only(&recorded.messages);
        let pair = Pair::thread_cpu_time(10);
        table.figure("messages, recorded answers", "the checksum", pair, || frames(&reads), floor);
        table.figure("events, recorded answers", "the checksum", pair, || events(&reads), floor);
    }
    let allocations = |what: &str, target, read: &dyn Fn(&[Bytes]) -> usize| {
        table.further_allocations(what, target, |words| {
            let reads = Split::Reads.pieces(&Corpus::text(words));
            let mut chunks = 0;
            (count(|| chunks = read(&reads)).count_total, chunks)
        });
    };
    allocations("allocations a further chunk", 1.0, &|reads| chunks(reads));
    allocations("allocations a further lent chunk", 0.0, &|reads| lent_chunks(reads));

    let text = &corpora[0].0;
    let reads = Split::Reads.pieces(text);
    let floor = || checksum_only(&text.messages);
    let pair = Pair::thread_cpu_time(10);
    let what = "bytes to chunks, time";
    let peer = "`Vec` + `HashMap` + `Value`";
    table.figure(what, peer, pair, || chunks(&reads), || naive_chunks(&reads));
    let client = Client::in_process(reads.clone());
    let what = "a client's `ChunkStream`";
    table.figure(what, "the checksum", pair, || client.chunks(), floor);
    let what = "a client's `ChunkStream`, lent";
    table.figure(what, "the checksum", pair, || client.lent_chunks(), floor);
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
    // The block's start has no event of its own.
    assert_eq!(client.chunks(), sdk.chunks() + 1, "the two read the same");
    assert_eq!(client.lent_chunks(), client.chunks());
    let pair = Pair::thread_cpu_time(1);
    let theirs = || sdk.chunks();
    let peer = "aws-sdk-bedrockruntime";
    table.at_least("client in process to chunks, speed", peer, 9.0, pair, || client.chunks(), theirs);
    let ours = || client.lent_chunks();
    table.at_least("client in process to lent chunks, speed", peer, 13.0, pair, ours, theirs);
    let allocations = count(|| _ = sdk.chunks()).count_total as f64 / text.messages.len() as f64;
    println!("| allocations an event | aws-sdk-bedrockruntime's own | {allocations:.2} | | | | |");
}

#[cfg(not(feature = "aws-sdk"))]
fn compare(table: &Table) {
    table.needs_sdk("client in process to chunks, speed", "at least 9x");
    table.needs_sdk("client in process to lent chunks, speed", "at least 13x");
}
