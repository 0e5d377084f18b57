//! A client's `ChunkStream` without a network, including the request; with `--features aws-sdk`, compared with the AWS
//! SDK's.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Client, Corpus, Split, chunks};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn read(criterion: &mut Criterion) {
    for corpus in Corpus::generated().into_iter().chain([Corpus::short()]) {
        let mut group = criterion.benchmark_group(format!("streams/{}", corpus.name));
        group.throughput(Throughput::Elements(corpus.messages.len() as u64));
        for cut in [Split::Reads, Split::Messages] {
            let pieces = cut.pieces(&corpus);
            group.bench_function(BenchmarkId::new("floor: chunks", cut.name()), |b| {
                b.iter(|| chunks(&pieces));
            });
            let client = Client::in_process(pieces.clone());
            group.bench_function(BenchmarkId::new("client", cut.name()), |b| b.iter(|| client.chunks()));
            #[cfg(feature = "aws-sdk")]
            {
                let sdk = bedrock_stream_benches::Sdk::in_process(pieces);
                group.bench_function(BenchmarkId::new("peer: aws-sdk", cut.name()), |b| {
                    b.iter(|| sdk.chunks());
                });
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = read
}
criterion_main!(benches);
