use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use crate::timeouts::deadline_watch::{DeadlineWatch, Passed};
use crate::timeouts::deadlines::{Deadline, Deadlines};
use crate::timeouts::timer::{Sleep, Timer};

/// A [`DeadlineWatch`] that a [`Timer`] drives.
pub(crate) struct Watch {
    timer: Timer,
    state: DeadlineWatch,
    /// The wait that wakes the task, and when it is over. It may be over too early, never too late: most reads move a
    /// deadline, and need no new timer for that.
    sleep: Option<(Instant, Sleep)>,
}

impl Watch {
    /// At the start of the request.
    pub(crate) fn new(timer: Timer, deadlines: Deadlines) -> Self {
        let state = DeadlineWatch::new(deadlines, timer.now());
        Self { timer, state, sleep: None }
    }

    /// For one attempt of a request, which begins now. The connection is the transport's to watch.
    pub(crate) fn attempt(timer: &Timer, mut state: DeadlineWatch) -> Self {
        state.attempt(timer.now());
        state.connected();
        Self { timer: timer.clone(), state, sleep: None }
    }

    /// The head is there: from here on, reads are watched.
    pub(crate) fn start_reading(&mut self) {
        self.state.responded();
    }

    /// A read brought something.
    pub(crate) fn not_idle(&mut self) {
        self.state.received();
    }

    /// Whether the answer is proven complete.
    pub(crate) fn proven(&mut self, is_proven: bool) {
        self.state.proven(is_proven);
    }

    /// When a read brought something: whether the deadline for the total has passed all the same. It alone runs on while
    /// nobody has to wait.
    pub(crate) fn passed(&self) -> Option<Passed> {
        self.state.on_elapsed(self.timer.now()).filter(|passed| passed.deadline == Deadline::Total)
    }

    /// While the head, or a read, is pending: which deadline has passed, if one has.
    pub(crate) fn poll_passed(&mut self, cx: &mut Context<'_>) -> Option<Passed> {
        let mut now = self.timer.now();
        self.state.pending(now);
        loop {
            let next = self.state.next_deadline()?;
            match &mut self.sleep {
                Some((until, sleep)) if *until <= next => {
                    if sleep.as_mut().poll(cx).is_pending() {
                        return None;
                    }
                    // Where a wait is over, the time has come, whatever the clock says.
                    now = self.timer.now().max(*until);
                    self.sleep = None;
                }
                _ => {}
            }
            if let Some(passed) = self.state.on_elapsed(now) {
                return Some(passed);
            }
            if self.sleep.as_ref().is_none_or(|(until, _)| *until > next) {
                self.sleep = Some((next, self.timer.sleep(next.saturating_duration_since(now))));
            }
        }
    }

    /// Waits for `future`, as long as no deadline passes.
    pub(crate) async fn in_time<F: Future>(&mut self, future: F) -> Result<F::Output, Passed> {
        let mut future = core::pin::pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll_passed(cx).map_or(Poll::Pending, |passed| Poll::Ready(Err(passed))),
        })
        .await
    }

    /// How long the request has taken so far.
    pub(crate) fn elapsed(&self) -> Duration {
        self.timer.now().saturating_duration_since(self.state.began())
    }

    /// The timer, for other waits.
    pub(crate) const fn timer(&self) -> &Timer {
        &self.timer
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("state", &self.state).finish_non_exhaustive()
    }
}
