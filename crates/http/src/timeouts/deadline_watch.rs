use core::time::Duration;
use std::time::Instant;

use crate::timeouts::deadlines::{Deadline, Deadlines};

/// The [`Deadlines`] of one request as pure state: it is told what happens and when, and says when to look again and what
/// has passed. It reads no clock and waits for nothing.
///
/// `total` runs all the time. `connect` and `first_byte` run from [`attempt`](Self::attempt) on, until
/// [`connected`](Self::connected) and [`responded`](Self::responded). `idle` runs from [`pending`](Self::pending) to
/// [`received`](Self::received), and so only while a read is pending. `tail` runs from the first [`pending`](Self::pending)
/// after [`proven`](Self::proven) on, whatever is received.
#[derive(Clone, Copy, Debug)]
pub struct DeadlineWatch {
    deadlines: Deadlines,
    began: Instant,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Before the first attempt, and between two.
    Waiting,
    Connecting {
        since: Instant,
    },
    Connected {
        since: Instant,
    },
    Reading {
        pending_since: Option<Instant>,
        tail: Tail,
    },
}

/// What is waited for once the answer is proven complete.
#[derive(Clone, Copy, Debug)]
enum Tail {
    /// It is not.
    Unproven,
    /// No read has been pending since.
    Proven,
    Pending {
        since: Instant,
    },
}

/// A deadline that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Passed {
    /// Which one.
    pub deadline: Deadline,
    /// How long it was.
    pub limit: Duration,
    /// How long the request has taken, all attempts included.
    pub elapsed: Duration,
}

impl DeadlineWatch {
    /// The request begins.
    #[must_use]
    pub const fn new(deadlines: Deadlines, now: Instant) -> Self {
        Self { deadlines, began: now, phase: Phase::Waiting }
    }

    /// When the request began.
    #[must_use]
    pub const fn began(&self) -> Instant {
        self.began
    }

    /// An attempt begins.
    pub fn attempt(&mut self, now: Instant) {
        self.phase = Phase::Connecting { since: now };
    }

    /// A connection is there.
    pub fn connected(&mut self) {
        if let Phase::Connecting { since } = self.phase {
            self.phase = Phase::Connected { since };
        }
    }

    /// The head of the response is there.
    pub fn responded(&mut self) {
        self.phase = Phase::Reading { pending_since: None, tail: Tail::Unproven };
    }

    /// Whether the answer is proven complete, as far as it has been read. Content that follows takes the proof back.
    pub fn proven(&mut self, is_proven: bool) {
        if let Phase::Reading { tail, .. } = &mut self.phase {
            *tail = match (is_proven, *tail) {
                (false, _) => Tail::Unproven,
                (true, Tail::Unproven) => Tail::Proven,
                (true, tail) => tail,
            };
        }
    }

    /// A read is pending.
    pub fn pending(&mut self, now: Instant) {
        if let Phase::Reading { pending_since, tail } = &mut self.phase {
            pending_since.get_or_insert(now);
            if matches!(tail, Tail::Proven) {
                *tail = Tail::Pending { since: now };
            }
        }
    }

    /// A read brought bytes, or the end.
    pub fn received(&mut self) {
        if let Phase::Reading { pending_since, .. } = &mut self.phase {
            *pending_since = None;
        }
    }

    /// The attempt failed, and another may follow.
    pub fn failed(&mut self) {
        self.phase = Phase::Waiting;
    }

    /// When the first of the running deadlines passes. `None`: none runs.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.running().into_iter().filter_map(|running| Some(running?.1)).min()
    }

    /// Which of the running deadlines has passed by `now`; of several, the one that passed first.
    #[must_use]
    pub fn on_elapsed(&self, now: Instant) -> Option<Passed> {
        let passed = self.running().into_iter().flatten().filter(|(_, at, _)| *at <= now);
        let (deadline, _, limit) = passed.min_by_key(|(_, at, _)| *at)?;
        Some(Passed { deadline, limit, elapsed: now.saturating_duration_since(self.began) })
    }

    /// The deadlines that run, when they pass, and how long they are. One too far off for the clock never passes.
    fn running(&self) -> [Option<(Deadline, Instant, Duration)>; 3] {
        let Deadlines { connect, first_byte, idle, tail: after, total } = self.deadlines;
        let running = |deadline, since: Instant, limit: Option<Duration>| {
            limit.and_then(|limit| Some((deadline, since.checked_add(limit)?, limit)))
        };
        let total = running(Deadline::Total, self.began, total);
        match self.phase {
            Phase::Waiting => [total, None, None],
            Phase::Connecting { since } => [
                total,
                running(Deadline::Connect, since, connect),
                running(Deadline::FirstByte, since, first_byte),
            ],
            Phase::Connected { since } => [total, running(Deadline::FirstByte, since, first_byte), None],
            Phase::Reading { pending_since, tail } => [
                total,
                pending_since.and_then(|since| running(Deadline::Idle, since, idle)),
                match tail {
                    Tail::Pending { since } => running(Deadline::Tail, since, after),
                    Tail::Unproven | Tail::Proven => None,
                },
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn deadlines() -> Deadlines {
        Deadlines::none().connect(2 * SECOND).first_byte(5 * SECOND).idle(3 * SECOND).total(20 * SECOND)
    }

    /// What passes, and how many seconds after the beginning, if nothing happens any more.
    fn next(watch: &DeadlineWatch) -> Option<(Deadline, u64)> {
        let at = watch.next_deadline()?;
        assert_eq!(watch.on_elapsed(at - Duration::from_nanos(1)), None);
        let passed = watch.on_elapsed(at).unwrap();
        assert_eq!(passed.elapsed, at - watch.began());
        Some((passed.deadline, passed.elapsed.as_secs()))
    }

    #[test]
    fn each_deadline_runs_in_its_own_part() {
        let begin = Instant::now();
        let mut watch = DeadlineWatch::new(deadlines(), begin);
        assert_eq!(next(&watch), Some((Deadline::Total, 20)));
        watch.attempt(begin + SECOND);
        assert_eq!(next(&watch), Some((Deadline::Connect, 3)));
        watch.connected();
        assert_eq!(next(&watch), Some((Deadline::FirstByte, 6)));
        watch.responded();
        assert_eq!(next(&watch), Some((Deadline::Total, 20)));
        watch.pending(begin + 4 * SECOND);
        watch.pending(begin + 6 * SECOND);
        assert_eq!(next(&watch), Some((Deadline::Idle, 7)));
        watch.received();
        assert_eq!(next(&watch), Some((Deadline::Total, 20)));
        watch.pending(begin + 18 * SECOND);
        assert_eq!(next(&watch), Some((Deadline::Total, 20)));
    }

    #[test]
    fn what_follows_a_proven_answer_has_a_deadline_of_its_own() {
        let begin = Instant::now();
        let mut watch = DeadlineWatch::new(deadlines().idle(6 * SECOND).tail(4 * SECOND), begin);
        watch.attempt(begin);
        watch.responded();
        watch.proven(true);
        assert_eq!(next(&watch), Some((Deadline::Total, 20)), "nobody has had to wait so far");
        watch.pending(begin + SECOND);
        assert_eq!(next(&watch), Some((Deadline::Tail, 5)));
        // Bytes do not move it; only content does, which takes the proof back.
        watch.received();
        watch.proven(true);
        assert_eq!(next(&watch), Some((Deadline::Tail, 5)));
        watch.proven(false);
        watch.pending(begin + 2 * SECOND);
        assert_eq!(next(&watch), Some((Deadline::Idle, 8)));
        watch.received();
        watch.proven(true);
        watch.pending(begin + 6 * SECOND);
        assert_eq!(next(&watch), Some((Deadline::Tail, 10)));
    }

    #[test]
    fn the_total_is_one_for_all_attempts() {
        let begin = Instant::now();
        let mut watch = DeadlineWatch::new(deadlines(), begin);
        watch.attempt(begin);
        watch.failed();
        assert_eq!(next(&watch), Some((Deadline::Total, 20)));
        watch.attempt(begin + 16 * SECOND);
        watch.connected();
        assert_eq!(next(&watch), Some((Deadline::Total, 20)));
    }

    #[test]
    fn what_passed_first_is_told() {
        let begin = Instant::now();
        let mut watch = DeadlineWatch::new(deadlines(), begin);
        watch.attempt(begin);
        let passed = watch.on_elapsed(begin + 60 * SECOND).unwrap();
        assert_eq!(passed, Passed { deadline: Deadline::Connect, limit: 2 * SECOND, elapsed: 60 * SECOND });
    }

    #[test]
    fn no_deadline_never_passes() {
        let begin = Instant::now();
        for deadlines in [Deadlines::none(), Deadlines::none().total(Duration::MAX).first_byte(Duration::MAX)]
        {
            let mut watch = DeadlineWatch::new(deadlines, begin);
            watch.attempt(begin);
            assert_eq!(next(&watch), None);
        }
    }
}
