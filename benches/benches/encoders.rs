//! Chunks to the server-sent events of each dialect.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Corpus, Encoded};
use bedrock_stream_dialects::Dialect;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn write(criterion: &mut Criterion) {
    for (kind, corpus) in [("text", Corpus::messages_text(2_000)), ("mixed", Corpus::messages_mixed(20))] {
        for dialect in [Dialect::Chat, Dialect::Responses, Dialect::Messages] {
            let answer = Encoded::new(&corpus, dialect);
            let mut group = criterion.benchmark_group(format!("encoders/{dialect}, {kind}"));
            group.throughput(Throughput::Elements(answer.chunks() as u64));
            group.bench_function("ours", |b| b.iter(|| answer.write()));
            group.bench_function("typed serde_json", |b| b.iter(|| answer.write_typed()));
            group.finish();
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = write
}
criterion_main!(benches);
