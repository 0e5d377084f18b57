//! Frames and chunks from memory: `cargo bench -p bedrock-stream-benches`.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use bedrock_stream_benches::{Corpus, checksum_only, chunks, frames, frames_bytewise, reads, smithy_frames};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn decode(criterion: &mut Criterion) {
    for corpus in [
        Corpus::text(2_000),
        Corpus::tool_call(2_000),
        Corpus::large("64 KiB", 64 << 10, 16),
        Corpus::large("1 MiB", 1 << 20, 2),
    ] {
        let messages = corpus.split();
        let mut group = criterion.benchmark_group(corpus.name);
        group.throughput(Throughput::Bytes(corpus.bytes.len() as u64));
        group.bench_function("floor: checksum", |b| b.iter(|| checksum_only(&messages)));
        for read in [corpus.bytes.len(), 16 << 10, 1400] {
            group.bench_function(BenchmarkId::new("frames", read), |b| {
                b.iter(|| assert_eq!(frames(&corpus.bytes, read), corpus.messages));
            });
        }
        group.bench_function("frames, a byte a push", |b| {
            b.iter(|| assert_eq!(frames_bytewise(&corpus.bytes), corpus.messages));
        });
        group.bench_function("peer: aws-smithy-eventstream", |b| {
            let reads = reads(&corpus.bytes, 16 << 10);
            b.iter(|| assert_eq!(smithy_frames(&reads), corpus.messages));
        });
        if corpus.name == "text" || corpus.name == "tool call" {
            group.bench_function("chunks", |b| {
                b.iter(|| assert_eq!(chunks(&corpus.bytes, 16 << 10), corpus.messages));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
