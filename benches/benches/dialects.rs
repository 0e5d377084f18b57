//! Payloads of the dialects other than Converse to chunks, from both carriers, compared with the decoders that most
//! programs use.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{
    Corpus, Split, decoded, naive_invoke, typed_chat, typed_messages, typed_responses,
};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Reads server-sent events, and returns how many there were.
type Peer = fn(&[Bytes]) -> usize;

fn decode(criterion: &mut Criterion) {
    for corpus in [Corpus::invoked_text(2_000), Corpus::invoked_mixed(20)] {
        let reads = Split::Reads.pieces(&corpus);
        let mut group = criterion.benchmark_group(format!("dialects/{}", corpus.name));
        group.throughput(Throughput::Elements(corpus.messages.len() as u64));
        let decoder = || InvokeDecoder::new(Some(Dialect::Messages));
        group.bench_function("chunks", |b| b.iter(|| decoded(decoder(), &reads)));
        group.bench_function("peer: base64, Value", |b| b.iter(|| naive_invoke(&reads)));
        group.finish();
    }
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
        let mut group = criterion.benchmark_group(format!("dialects/{}", corpus.name));
        group.throughput(Throughput::Elements(corpus.messages.len() as u64));
        group.bench_function("chunks", |b| b.iter(|| decoded(SseDecoder::new(Some(dialect)), &reads)));
        group.bench_function("peer: eventsource-stream, typed serde", |b| b.iter(|| typed(&reads)));
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = decode
}
criterion_main!(benches);
