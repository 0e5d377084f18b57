//! Bytes to events.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Corpus, Split, checksum_only, events};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn decode(criterion: &mut Criterion) {
    for corpus in Corpus::answers() {
        let reads = Split::Reads.pieces(&corpus);
        let mut group = criterion.benchmark_group(format!("events/{}", corpus.name));
        group.throughput(Throughput::Elements(corpus.messages.len() as u64));
        group.bench_function("floor: checksum", |b| b.iter(|| checksum_only(&corpus.messages)));
        group.bench_function("events", |b| b.iter(|| events(&reads)));
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = decode
}
criterion_main!(benches);
