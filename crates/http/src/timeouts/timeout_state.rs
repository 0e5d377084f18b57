use core::time::Duration;
use std::time::Instant;

use crate::timeouts::timeouts::{Timeout, Timeouts};

/// The [`Timeouts`] of one request as pure state: its methods record what happens and when, and return when to check
/// again and which timeout has elapsed. It reads no clock and does not wait.
///
/// `total` always runs. `connect` and `first_byte` run from [`attempt`](Self::attempt) until
/// [`connected`](Self::connected) and [`responded`](Self::responded). `idle` runs from [`pending`](Self::pending) to
/// [`received`](Self::received), so only while a read is pending. `tail` runs from the first [`pending`](Self::pending)
/// after [`proven`](Self::proven), whatever is received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeoutState {
    timeouts: Timeouts,
    began: Instant,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Before the first attempt, and between attempts.
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

/// The wait for the rest once the answer is proven complete.
#[derive(Clone, Copy, Debug)]
enum Tail {
    /// The answer is not proven complete.
    Unproven,
    /// It is proven complete, and no read has been pending since.
    Proven,
    Pending {
        since: Instant,
    },
}

/// A timeout that has elapsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elapsed {
    /// Which one.
    pub(crate) timeout: Timeout,
    /// How long it was.
    pub(crate) limit: Duration,
    /// How long the request has taken, all attempts included.
    pub(crate) elapsed: Duration,
}

impl TimeoutState {
    /// The request starts.
    #[must_use]
    pub(crate) const fn new(timeouts: Timeouts, now: Instant) -> Self {
        Self { timeouts, began: now, phase: Phase::Waiting }
    }

    /// When the request started.
    #[must_use]
    pub(crate) const fn began(&self) -> Instant {
        self.began
    }

    /// An attempt starts.
    pub(crate) fn attempt(&mut self, now: Instant) {
        self.phase = Phase::Connecting { since: now };
    }

    /// The connection is established.
    pub(crate) fn connected(&mut self) {
        if let Phase::Connecting { since } = self.phase {
            self.phase = Phase::Connected { since };
        }
    }

    /// The head of the response has arrived.
    pub(crate) fn responded(&mut self) {
        self.phase = Phase::Reading { pending_since: None, tail: Tail::Unproven };
    }

    /// Whether what has been read so far proves the answer complete. More content withdraws the proof.
    pub(crate) fn proven(&mut self, is_proven: bool) {
        if let Phase::Reading { tail, .. } = &mut self.phase {
            *tail = match (is_proven, *tail) {
                (false, _) => Tail::Unproven,
                (true, Tail::Unproven) => Tail::Proven,
                (true, tail) => tail,
            };
        }
    }

    /// A read is pending.
    pub(crate) fn pending(&mut self, now: Instant) {
        if let Phase::Reading { pending_since, tail } = &mut self.phase {
            pending_since.get_or_insert(now);
            if matches!(tail, Tail::Proven) {
                *tail = Tail::Pending { since: now };
            }
        }
    }

    /// A read returned bytes or the end of the body.
    pub(crate) fn received(&mut self) {
        if let Phase::Reading { pending_since, .. } = &mut self.phase {
            *pending_since = None;
        }
    }

    /// When the first running timeout elapses. `None`: none is running.
    #[must_use]
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.running().into_iter().filter_map(|running| Some(running?.1)).min()
    }

    /// Which running timeout has elapsed by `now`; of several, the first.
    #[must_use]
    pub(crate) fn on_elapsed(&self, now: Instant) -> Option<Elapsed> {
        let elapsed = self.running().into_iter().flatten().filter(|(_, at, _)| *at <= now);
        let (timeout, _, limit) = elapsed.min_by_key(|(_, at, _)| *at)?;
        Some(Elapsed { timeout, limit, elapsed: now.saturating_duration_since(self.began) })
    }

    /// The running timeouts: when each elapses, and how long it is. One beyond the clock's range never elapses.
    fn running(&self) -> [Option<(Timeout, Instant, Duration)>; 3] {
        let Timeouts { connect, first_byte, idle, tail: after, total } = self.timeouts;
        let running = |timeout, since: Instant, limit: Option<Duration>| {
            limit.and_then(|limit| Some((timeout, since.checked_add(limit)?, limit)))
        };
        let total = running(Timeout::Total, self.began, total);
        match self.phase {
            Phase::Waiting => [total, None, None],
            Phase::Connecting { since } => [
                total,
                running(Timeout::Connect, since, connect),
                running(Timeout::FirstByte, since, first_byte),
            ],
            Phase::Connected { since } => [total, running(Timeout::FirstByte, since, first_byte), None],
            Phase::Reading { pending_since, tail } => [
                total,
                pending_since.and_then(|since| running(Timeout::Idle, since, idle)),
                match tail {
                    Tail::Pending { since } => running(Timeout::Tail, since, after),
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

    fn timeouts() -> Timeouts {
        Timeouts::none().connect(2 * SECOND).first_byte(5 * SECOND).idle(3 * SECOND).total(20 * SECOND)
    }

    /// Which timeout elapses if nothing more happens, and how many seconds after the start.
    fn next(state: &TimeoutState) -> Option<(Timeout, u64)> {
        let at = state.next_deadline()?;
        assert_eq!(state.on_elapsed(at - Duration::from_nanos(1)), None);
        let elapsed = state.on_elapsed(at).unwrap();
        assert_eq!(elapsed.elapsed, at - state.began());
        Some((elapsed.timeout, elapsed.elapsed.as_secs()))
    }

    #[test]
    fn each_timeout_runs_only_in_its_phase() {
        let begin = Instant::now();
        let mut state = TimeoutState::new(timeouts(), begin);
        assert_eq!(next(&state), Some((Timeout::Total, 20)));
        state.attempt(begin + SECOND);
        assert_eq!(next(&state), Some((Timeout::Connect, 3)));
        state.connected();
        assert_eq!(next(&state), Some((Timeout::FirstByte, 6)));
        state.responded();
        assert_eq!(next(&state), Some((Timeout::Total, 20)));
        state.pending(begin + 4 * SECOND);
        state.pending(begin + 6 * SECOND);
        assert_eq!(next(&state), Some((Timeout::Idle, 7)));
        state.received();
        assert_eq!(next(&state), Some((Timeout::Total, 20)));
        state.pending(begin + 18 * SECOND);
        assert_eq!(next(&state), Some((Timeout::Total, 20)));
    }

    #[test]
    fn the_tail_has_its_own_timeout() {
        let begin = Instant::now();
        let mut state = TimeoutState::new(timeouts().idle(6 * SECOND).tail(4 * SECOND), begin);
        state.attempt(begin);
        state.responded();
        state.proven(true);
        assert_eq!(next(&state), Some((Timeout::Total, 20)), "no read was pending yet");
        state.pending(begin + SECOND);
        assert_eq!(next(&state), Some((Timeout::Tail, 5)));
        // Bytes do not reset it; only content does, which withdraws the proof.
        state.received();
        state.proven(true);
        assert_eq!(next(&state), Some((Timeout::Tail, 5)));
        state.proven(false);
        state.pending(begin + 2 * SECOND);
        assert_eq!(next(&state), Some((Timeout::Idle, 8)));
        state.received();
        state.proven(true);
        state.pending(begin + 6 * SECOND);
        assert_eq!(next(&state), Some((Timeout::Tail, 10)));
    }

    #[test]
    fn the_total_covers_all_attempts() {
        let begin = Instant::now();
        let mut state = TimeoutState::new(timeouts(), begin);
        // Each attempt has a copy of the state.
        let mut failed = state;
        failed.attempt(begin);
        assert_eq!(next(&state), Some((Timeout::Total, 20)));
        state.attempt(begin + 16 * SECOND);
        state.connected();
        assert_eq!(next(&state), Some((Timeout::Total, 20)));
    }

    #[test]
    fn the_first_to_elapse_is_reported() {
        let begin = Instant::now();
        let mut state = TimeoutState::new(timeouts(), begin);
        state.attempt(begin);
        let elapsed = state.on_elapsed(begin + 60 * SECOND).unwrap();
        assert_eq!(elapsed, Elapsed { timeout: Timeout::Connect, limit: 2 * SECOND, elapsed: 60 * SECOND });
    }

    #[test]
    fn timeouts_of_none_never_elapse() {
        let begin = Instant::now();
        for timeouts in [Timeouts::none(), Timeouts::none().total(Duration::MAX).first_byte(Duration::MAX)] {
            let mut state = TimeoutState::new(timeouts, begin);
            state.attempt(begin);
            assert_eq!(next(&state), None);
        }
    }
}
