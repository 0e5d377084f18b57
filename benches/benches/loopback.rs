//! HTTP/1.1 over loopback, to chunks; with `--features aws-sdk`, compared with the AWS SDK.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Client, Corpus, Server, Split};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn read(criterion: &mut Criterion) {
    let long = Corpus { name: "long text".to_owned(), ..Corpus::text(20_000) };
    for corpus in [Corpus::short(), long] {
        let mut group = criterion.benchmark_group(format!("loopback/{}", corpus.name));
        group.throughput(Throughput::Bytes(corpus.bytes.len() as u64));
        let server = Server::whole(&Split::Reads.pieces(&corpus));
        let hyper = Client::hyper(server.url());
        group.bench_function("floor: hyper, body dropped", |b| b.iter(|| hyper.drop_body()));
        group.bench_function("hyper", |b| b.iter(|| hyper.chunks()));
        let client = Client::reqwest(server.url());
        group.bench_function("floor: reqwest, body dropped", |b| b.iter(|| client.drop_body()));
        group.bench_function("reqwest", |b| b.iter(|| client.chunks()));
        #[cfg(feature = "aws-sdk")]
        {
            let sdk = bedrock_stream_benches::Sdk::over(server.url());
            group.bench_function("peer: aws-sdk", |b| b.iter(|| sdk.chunks()));
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
