use std::hint::black_box;

use bedrock_stream_benches::{Client, Corpus, Split, chunks};
use rustix::time::{ClockId, clock_gettime};

/// One thing that grows, and what a byte costs at each of its sizes.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<Point>,
}

/// One size of a series.
pub(crate) struct Point {
    /// The size in words.
    pub(crate) label: String,
    /// How many times the smallest size.
    pub(crate) growth: f64,
    /// The cost of a byte, as a ratio to that at the smallest size.
    pub(crate) cost: f64,
}

/// A size to measure: how many bytes a round reads, and the work.
struct Size<'a> {
    label: String,
    growth: f64,
    bytes: usize,
    work: Box<dyn Fn() + 'a>,
}

impl Series {
    /// Answers of 10 KB to 10 MB, which one decoder reads.
    pub(crate) fn answers(rounds: usize) -> Self {
        let sizes = [53, 530, 5_300, 53_000].map(|deltas| {
            let corpus = Corpus::text(deltas);
            let reads = Split::Reads.pieces(&corpus);
            let bytes = corpus.bytes.len();
            // Each round reads about 10 MB.
            let times = 53_000 / deltas;
            Size {
                label: format!("{} KB", bytes / 1_000),
                growth: deltas as f64 / 53.0,
                bytes: bytes * times,
                work: Box::new(move || {
                    for _ in 0..times {
                        black_box(chunks(&reads));
                    }
                }),
            }
        });
        Self::measure("the length of an answer: 10 KB to 10 MB", rounds, &sizes)
    }

    /// 1 to 10,000 streams of a client, open at once in one thread, of which each in turn gives a chunk.
    pub(crate) fn streams(rounds: usize) -> Self {
        let corpus = Corpus::text(50);
        let client = Client::in_process(Split::Messages.pieces(&corpus));
        let client = &client;
        let sizes = [1, 10, 100, 1_000, 10_000].map(|streams| {
            let times = 10_000 / streams;
            Size {
                label: format!("{streams} streams"),
                growth: streams as f64,
                bytes: corpus.bytes.len() * 10_000,
                work: Box::new(move || {
                    for _ in 0..times {
                        black_box(client.in_turn(streams));
                    }
                }),
            }
        });
        Self::measure("streams at once: 1 to 10,000", rounds, &sizes)
    }

    /// 300,000 deltas, of which each belongs to the next of 1 to 1,024 open blocks.
    pub(crate) fn open_blocks(rounds: usize) -> Self {
        let sizes = [1, 4, 16, 64, 256, 1_024].map(|blocks| {
            let corpus = Corpus::open_blocks(blocks, 300_000);
            let reads = Split::Reads.pieces(&corpus);
            Size {
                label: format!("{blocks} blocks"),
                growth: f64::from(blocks),
                bytes: corpus.bytes.len(),
                work: Box::new(move || _ = black_box(chunks(&reads))),
            }
        });
        Self::measure("open content blocks: 1 to 1,024", rounds, &sizes)
    }

    fn measure(name: &'static str, rounds: usize, sizes: &[Size<'_>]) -> Self {
        let mut costs = vec![Vec::with_capacity(rounds); sizes.len()];
        for _ in 0..rounds.max(1) {
            let round: Vec<f64> = sizes.iter().map(Size::cost).collect();
            for (costs, cost) in costs.iter_mut().zip(&round) {
                costs.push(cost / round[0]);
            }
        }
        let points = sizes.iter().zip(costs).map(|(size, mut costs)| {
            costs.sort_unstable_by(f64::total_cmp);
            Point { label: size.label.clone(), growth: size.growth, cost: costs[costs.len() / 2] }
        });
        Self { name, points: points.collect() }
    }
}

impl Size<'_> {
    /// The CPU time of a byte, in seconds.
    fn cost(&self) -> f64 {
        let begin = now();
        (self.work)();
        (now() - begin) / self.bytes as f64
    }
}

fn now() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}
