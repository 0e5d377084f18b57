//! Events to bytes.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Corpus, checksum_only, encode};
use bedrock_stream_core::converse::Event;
use bedrock_stream_core::frame::Message;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn write(criterion: &mut Criterion) {
    for corpus in Corpus::generated() {
        let decode = |bytes: &bytes::Bytes| Event::decode(&Message::parse(bytes).ok()??.0).ok();
        let events: Vec<Event> = corpus.messages.iter().filter_map(decode).collect();
        assert_eq!(events.len(), corpus.messages.len());
        let mut group = criterion.benchmark_group(format!("encode/{}", corpus.name));
        group.throughput(Throughput::Elements(events.len() as u64));
        group.bench_function("floor: checksum", |b| b.iter(|| checksum_only(&corpus.messages)));
        group.bench_function("events", |b| b.iter(|| encode(&events)));
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = write
}
criterion_main!(benches);
