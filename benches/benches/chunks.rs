//! Bytes to chunks, in every split, compared with the decoder that most projects write.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Corpus, Split, checksum_only, chunks, naive_chunks};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn decode(criterion: &mut Criterion) {
    // The recordings contain many answers, and a decoder reads only one.
    for corpus in Corpus::generated() {
        let mut group = criterion.benchmark_group(format!("chunks/{}", corpus.name));
        group.throughput(Throughput::Elements(corpus.messages.len() as u64));
        group.bench_function("floor: checksum", |b| b.iter(|| checksum_only(&corpus.messages)));
        for cut in Split::ALL {
            let pieces = cut.pieces(&corpus);
            group.bench_function(BenchmarkId::new("chunks", cut.name()), |b| b.iter(|| chunks(&pieces)));
        }
        let reads = Split::Reads.pieces(&corpus);
        group.bench_function("peer: Vec, HashMap, Value", |b| b.iter(|| naive_chunks(&reads)));
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = decode
}
criterion_main!(benches);
