use allocation_counter::measure as count;
use bedrock_stream_benches::{
    Corpus, Split, decoded, naive_invoke, typed_chat, typed_messages, typed_responses,
};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bytes::Bytes;

use crate::pair::Pair;
use crate::table::Table;

/// Payloads of the other dialects to chunks, by both carriers.
pub(crate) fn measure(table: &Table) {
    for corpus in [Corpus::invoked_text(2_000), Corpus::invoked_mixed(20)] {
        let reads = Split::Reads.pieces(&corpus);
        let ours = || decoded(InvokeDecoder::new(Some(Dialect::Messages)), &reads);
        let what = format!("{}, speed", corpus.name);
        let pair = Pair::thread_cpu_time(5);
        table.at_least(&what, "base64 + `Value`", 4.0, pair, ours, || naive_invoke(&reads));
        allocations(table, &corpus, ours);
    }
    let sse: [(_, _, fn(&[Bytes]) -> usize); 6] = [
        (Corpus::messages_text(2_000), Dialect::Messages, typed_messages),
        (Corpus::messages_mixed(20), Dialect::Messages, typed_messages),
        (Corpus::chat_text(2_000), Dialect::Chat, typed_chat),
        (Corpus::chat_mixed(20), Dialect::Chat, typed_chat),
        (Corpus::responses_text(2_000), Dialect::Responses, typed_responses),
        (Corpus::responses_mixed(20), Dialect::Responses, typed_responses),
    ];
    for (corpus, dialect, typed) in sse {
        let reads = Split::Reads.pieces(&corpus);
        let ours = || decoded(SseDecoder::new(Some(dialect)), &reads);
        assert_eq!(typed(&reads), corpus.messages.len(), "the peer reads every event");
        let what = format!("{} as server-sent events, speed", corpus.name);
        let pair = Pair::thread_cpu_time(5);
        table.at_least(&what, "eventsource-stream + typed serde", 3.0, pair, ours, || typed(&reads));
        allocations(table, &corpus, ours);
    }
}

/// A text needs one a chunk. What blocks and calls need besides is allowed for: a tenth, of an answer in which every third
/// chunk is of a call.
fn allocations(table: &Table, corpus: &Corpus, ours: impl Fn() -> usize) {
    let mut chunks = 0;
    let allocations = count(|| chunks = ours()).count_total.saturating_sub(SET_UP);
    let target = if corpus.name.ends_with("text") { 1.0 } else { 1.5 };
    table.count("allocations a chunk", "", allocations as f64 / chunks as f64, target);
}

/// One-time allocations: the decoder itself, growth of its buffers and queue, and the content of `Done`.
const SET_UP: u64 = 64;
