//! Bytes to messages, in every split, compared with the floors and the AWS SDK's framer.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function without any")]

use std::time::Duration;

use bedrock_stream_benches::{Corpus, Split, checksum_only, copy_only, frames, frames_pushed, smithy_frames};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn decode(criterion: &mut Criterion) {
    let large = [
        Corpus::large("64 KiB", 64 << 10, 16),
        Corpus::large("1 MiB", 1 << 20, 2),
        Corpus::large("16 MiB", 16 << 20, 1),
    ];
    for corpus in Corpus::answers().into_iter().chain(large) {
        let mut group = criterion.benchmark_group(format!("frames/{}", corpus.name));
        group.throughput(Throughput::Bytes(corpus.bytes.len() as u64));
        group.bench_function("floor: checksum", |b| b.iter(|| checksum_only(&corpus.messages)));
        for cut in Split::ALL {
            // Megabytes read one byte at a time take minutes, and show nothing that the text corpus does not show.
            if cut == Split::Bytes && corpus.bytes.len() > 1 << 20 {
                continue;
            }
            let pieces = cut.pieces(&corpus);
            group.bench_function(BenchmarkId::new("floor: copy", cut.name()), |b| {
                b.iter(|| copy_only(&pieces));
            });
            group.bench_function(BenchmarkId::new("borrowed", cut.name()), |b| {
                b.iter(|| assert_eq!(frames(&pieces), corpus.messages.len()));
            });
            group.bench_function(BenchmarkId::new("pushed", cut.name()), |b| {
                b.iter(|| assert_eq!(frames_pushed(&pieces), corpus.messages.len()));
            });
        }
        let reads = Split::Reads.pieces(&corpus);
        group.bench_function("peer: aws-smithy-eventstream", |b| {
            b.iter(|| assert_eq!(smithy_frames(&reads), corpus.messages.len()));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    targets = decode
}
criterion_main!(benches);
