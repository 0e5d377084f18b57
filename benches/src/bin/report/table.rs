use std::cell::Cell;
use std::fmt;
use std::time::Instant;

use crate::pair::{Pair, Ratio};

/// The table, printed row by row.
#[derive(Debug)]
pub(crate) struct Table {
    rounds: usize,
    begin: Instant,
    rows: Cell<usize>,
    misses: Cell<usize>,
    /// How many of them are counts, which do not depend on the machine's load.
    counted_misses: Cell<usize>,
}

impl Table {
    pub(crate) fn begin(rounds: usize) -> Self {
        println!("{rounds} rounds; load {}", load());
        println!();
        println!("| what | against | median | quartiles of the rounds | fastest | target | |");
        println!("|---|---|---|---|---|---|---|");
        Self {
            rounds,
            begin: Instant::now(),
            rows: Cell::new(0),
            misses: Cell::new(0),
            counted_misses: Cell::new(0),
        }
    }

    /// Prints the sum. Returns how many counts miss their targets.
    pub(crate) fn end(&self) -> usize {
        let (rows, misses) = (self.rows.get(), self.misses.get());
        println!();
        println!(
            "{misses} of {rows} figures miss; {:.0} s; load {}",
            self.begin.elapsed().as_secs_f64(),
            load()
        );
        self.counted_misses.get()
    }

    /// A row with an upper bound for the ratio of times.
    pub(crate) fn at_most<A, B>(
        &self,
        what: &str,
        against: &str,
        target: f64,
        pair: Pair,
        ours: impl Fn() -> A,
        theirs: impl Fn() -> B,
    ) {
        let ratio = pair.ratio(self.rounds, ours, theirs);
        self.ratio(what, against, ratio, &format!("at most {target}x"), ratio.median <= target);
    }

    /// A row with a lower bound for the speed relative to the peer.
    pub(crate) fn at_least<A, B>(
        &self,
        what: &str,
        against: &str,
        target: f64,
        pair: Pair,
        ours: impl Fn() -> A,
        theirs: impl Fn() -> B,
    ) {
        let speed = pair.ratio(self.rounds, ours, theirs).inverse();
        self.ratio(what, against, speed, &format!("at least {target}x"), speed.median >= target);
    }

    /// A row for a figure without a target.
    pub(crate) fn figure<A, B>(
        &self,
        what: &str,
        against: &str,
        pair: Pair,
        ours: impl Fn() -> A,
        theirs: impl Fn() -> B,
    ) {
        let ratio = pair.ratio(self.rounds, ours, theirs);
        println!("| {what} | {against} | {ratio} | | |");
    }

    /// A row for the allocations of each further chunk of a text, of which there may be `target`. `of` returns the
    /// allocations and the chunks of an answer of that many deltas. Two answers are compared, one twice as long as the
    /// other, because the start and the end of an answer have costs of their own.
    pub(crate) fn further_allocations(&self, what: &str, target: f64, of: impl Fn(usize) -> (u64, usize)) {
        let (one, two) = (of(2_000), of(4_000));
        let figure = (two.0 - one.0) as f64 / (two.1 - one.1) as f64;
        // Longer answers occasionally need a longer buffer.
        self.count(what, "", (figure * 100.0).round() / 100.0, target);
    }

    /// A row for something counted.
    pub(crate) fn count(&self, what: &str, against: &str, figure: f64, target: f64) {
        let is_reached = figure <= target;
        self.counted_misses.set(self.counted_misses.get() + usize::from(!is_reached));
        self.verdict(is_reached, |verdict| {
            println!("| {what} | {against} | {figure:.2} | | | at most {target} | {verdict} |");
        });
    }

    /// A row for something counted, compared with the peer's count.
    #[cfg(feature = "aws-sdk")]
    pub(crate) fn share(&self, what: &str, ours: f64, theirs: f64, unit: &str, target: f64) {
        let share = ours / theirs;
        self.verdict(share <= target, |verdict| {
            println!("| {what}: {ours:.1} {unit} | the SDK's: {theirs:.1} {unit} | {share:.2}x | | | at most {target}x | {verdict} |");
        });
    }

    /// A row without figures, because they need the AWS SDK.
    #[cfg(not(feature = "aws-sdk"))]
    pub(crate) fn needs_sdk(&self, what: &str, target: &str) {
        println!("| {what} | the AWS SDK | build with --features aws-sdk | | | {target} | |");
    }

    fn ratio(&self, what: &str, against: &str, ratio: Ratio, target: &str, reached: bool) {
        self.verdict(reached, |verdict| {
            println!("| {what} | {against} | {ratio} | {target} | {verdict} |");
        });
    }

    fn verdict(&self, reached: bool, print: impl FnOnce(&str)) {
        self.rows.set(self.rows.get() + 1);
        if !reached {
            self.misses.set(self.misses.get() + 1);
        }
        print(if reached { "pass" } else { "miss" });
    }
}

/// The three columns of a ratio.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, quartiles: (low, high), best } = self;
        write!(f, "{median:.2}x | {low:.2}x to {high:.2}x | {best:.2}x")
    }
}

/// The load of the machine, if known.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown").to_owned()
}
