//! Bytes to the assembled response.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Corpus, Split, chunks, respond};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn assemble(criterion: &mut Criterion) {
    for corpus in Corpus::generated() {
        let reads = Split::Reads.pieces(&corpus);
        let mut group = criterion.benchmark_group(format!("responses/{}", corpus.name));
        group.throughput(Throughput::Elements(corpus.messages.len() as u64));
        group.bench_function("floor: chunks", |b| b.iter(|| chunks(&reads)));
        group.bench_function("response", |b| b.iter(|| respond(&reads)));
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = assemble
}
criterion_main!(benches);
