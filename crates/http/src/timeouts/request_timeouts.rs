use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use crate::timeouts::timeout_state::{Elapsed, TimeoutState};
use crate::timeouts::timeouts::{Timeout, Timeouts};
use crate::timeouts::timer::{Sleep, Timer};

/// Enforces the timeouts of one request: a [`TimeoutState`] driven by a [`Timer`].
pub(crate) struct RequestTimeouts {
    timer: Timer,
    state: TimeoutState,
    /// The sleep that wakes the task, and when it ends. It may end too early but never too late: most reads postpone a
    /// timeout, and need no new sleep for that.
    sleep: Option<(Instant, Sleep)>,
}

impl RequestTimeouts {
    /// At the start of the request.
    pub(crate) fn new(timer: Timer, timeouts: Timeouts) -> Self {
        let state = TimeoutState::new(timeouts, timer.now());
        Self { timer, state, sleep: None }
    }

    /// For one attempt of a request, starting now. The transport enforces the connect timeout.
    pub(crate) fn attempt(timer: &Timer, mut state: TimeoutState) -> Self {
        state.attempt(timer.now());
        state.connected();
        Self { timer: timer.clone(), state, sleep: None }
    }

    /// The head has arrived: from now on, reads are timed.
    pub(crate) fn start_reading(&mut self) {
        self.state.responded();
    }

    /// A read returned bytes or the end of the body.
    pub(crate) fn received(&mut self) {
        self.state.received();
    }

    /// Whether the answer is proven complete.
    pub(crate) fn proven(&mut self, is_proven: bool) {
        self.state.proven(is_proven);
    }

    /// The total timeout, if it has elapsed although a read returned bytes: only the total runs while no read is pending.
    pub(crate) fn total_elapsed(&self) -> Option<Elapsed> {
        self.state.on_elapsed(self.timer.now()).filter(|elapsed| elapsed.timeout == Timeout::Total)
    }

    /// While the head or a read is pending: the timeout that has elapsed, if any.
    pub(crate) fn poll_elapsed(&mut self, cx: &mut Context<'_>) -> Option<Elapsed> {
        let mut now = self.timer.now();
        self.state.pending(now);
        loop {
            let next = self.state.next_deadline()?;
            match &mut self.sleep {
                Some((until, sleep)) if *until <= next => {
                    if sleep.as_mut().poll(cx).is_pending() {
                        return None;
                    }
                    // The sleep has ended, so the time has come, whatever the clock says.
                    now = self.timer.now().max(*until);
                    self.sleep = None;
                }
                _ => {}
            }
            if let Some(elapsed) = self.state.on_elapsed(now) {
                return Some(elapsed);
            }
            if self.sleep.as_ref().is_none_or(|(until, _)| *until > next) {
                self.sleep = Some((next, self.timer.sleep(next.saturating_duration_since(now))));
            }
        }
    }

    /// Waits for `future` until a timeout elapses.
    pub(crate) async fn in_time<F: Future>(&mut self, future: F) -> Result<F::Output, Elapsed> {
        let mut future = core::pin::pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll_elapsed(cx).map_or(Poll::Pending, |elapsed| Poll::Ready(Err(elapsed))),
        })
        .await
    }

    /// The time since the request started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.timer.now().saturating_duration_since(self.state.began())
    }

    /// The timer, for other sleeps.
    pub(crate) const fn timer(&self) -> &Timer {
        &self.timer
    }
}

impl fmt::Debug for RequestTimeouts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestTimeouts").field("state", &self.state).finish_non_exhaustive()
    }
}
