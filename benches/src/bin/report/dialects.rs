use allocation_counter::measure as count;
use bedrock_stream_benches::{
    Corpus, Split, decoded, decoded_lent, naive_invoke, typed_chat, typed_messages, typed_responses,
};
use bedrock_stream_core::answer::Decode;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bytes::Bytes;

use crate::pair::Pair;
use crate::table::Table;

/// Reads server-sent events, and returns how many there were.
type Peer = fn(&[Bytes]) -> usize;
/// Reads an answer with a decoder, and returns how many chunks there were.
type Reader<D> = fn(D, &[Bytes]) -> usize;
/// Writes an answer of this many deltas.
type Writer = fn(usize) -> Corpus;

/// Payloads of the other dialects to chunks, from both carriers.
pub(crate) fn measure(table: &Table) {
    for corpus in [Corpus::invoked_text(2_000), Corpus::invoked_mixed(20)] {
        let reads = Split::Reads.pieces(&corpus);
        let ours = || decoded(InvokeDecoder::new(Some(Dialect::Messages)), &reads);
        let what = format!("{}, speed", corpus.name);
        let pair = Pair::thread_cpu_time(5);
        table.at_least(&what, "base64 + `Value`", 4.0, pair, ours, || naive_invoke(&reads));
    }
    let decoder = || InvokeDecoder::new(Some(Dialect::Messages));
    allocations(table, Corpus::invoked_text, decoder);
    let sse: [(_, _, Peer); 6] = [
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
    }
    let texts: [(Writer, _); 3] = [
        (Corpus::messages_text, Dialect::Messages),
        (Corpus::chat_text, Dialect::Chat),
        (Corpus::responses_text, Dialect::Responses),
    ];
    for (text, dialect) in texts {
        allocations(table, text, || SseDecoder::new(Some(dialect)));
    }
}

/// The allocations of each further chunk of a text, owned and lent.
fn allocations<D: Decode>(table: &Table, text: impl Fn(usize) -> Corpus, decoder: impl Fn() -> D) {
    let forms: [(_, _, Reader<D>); 2] = [("chunk", 1.0, decoded), ("lent chunk", 0.0, decoded_lent)];
    for (form, target, read) in forms {
        let what = format!("allocations a further {form}, {}", text(1).name);
        table.further_allocations(&what, target, |deltas| {
            let reads = Split::Reads.pieces(&text(deltas));
            let mut chunks = 0;
            (count(|| chunks = read(decoder(), &reads)).count_total, chunks)
        });
    }
}
