use std::hint::black_box;

use allocation_counter::opt_out;
use rustix::time::{ClockId, clock_gettime};

/// Two functions to compare: two that do the same, or one and its floor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    clock: ClockId,
    /// How often each runs in a round, so that a round is long enough for the clock.
    repeats: usize,
}

/// The time of the first divided by that of the second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    /// The median of the rounds' ratios.
    pub(crate) median: f64,
    /// Their quartiles: half of the rounds lie between the two.
    pub(crate) quartiles: (f64, f64),
    /// The ratio of the fastest rounds.
    pub(crate) best: f64,
}

impl Pair {
    /// Measured in the CPU time of this thread.
    pub(crate) const fn thread_cpu_time(repeats: usize) -> Self {
        Self { clock: ClockId::ThreadCPUTime, repeats }
    }

    /// Measured in wall time.
    pub(crate) const fn wall_clock(repeats: usize) -> Self {
        Self { clock: ClockId::Monotonic, repeats }
    }

    /// Runs both alternately, for this many rounds.
    pub(crate) fn ratio<A, B>(self, rounds: usize, first: impl Fn() -> A, second: impl Fn() -> B) -> Ratio {
        self.seconds(&first);
        self.seconds(&second);
        let times: Vec<_> =
            (0..rounds.max(1)).map(|_| (self.seconds(&first), self.seconds(&second))).collect();
        let mut ratios: Vec<f64> = times.iter().map(|(first, second)| first / second).collect();
        ratios.sort_by(f64::total_cmp);
        let fastest = |times: &mut dyn Iterator<Item = f64>| times.fold(f64::INFINITY, f64::min);
        Ratio {
            median: ratios[ratios.len() / 2],
            quartiles: (ratios[ratios.len() / 4], ratios[ratios.len() * 3 / 4]),
            best: fastest(&mut times.iter().map(|pair| pair.0))
                / fastest(&mut times.iter().map(|pair| pair.1)),
        }
    }

    /// The time of one round, with as little allocation counting as possible.
    fn seconds<T>(self, work: &impl Fn() -> T) -> f64 {
        let begin = self.now();
        opt_out(|| {
            for _ in 0..self.repeats {
                black_box(work());
            }
        });
        self.now() - begin
    }

    fn now(self) -> f64 {
        let now = clock_gettime(self.clock);
        now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
    }
}

impl Ratio {
    /// The inverse ratio.
    pub(crate) fn inverse(self) -> Self {
        let (low, high) = self.quartiles;
        Self { median: 1.0 / self.median, quartiles: (1.0 / high, 1.0 / low), best: 1.0 / self.best }
    }
}
