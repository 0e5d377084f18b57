use core::fmt;
use core::task::Context;
use core::time::Duration;

use crate::deadlines::{Deadline, Deadlines};
use crate::timer::{Sleep, Timer};

/// Watches the deadlines of one request, by a [`Timer`].
pub(crate) struct Watch {
    timer: Timer,
    deadlines: Deadlines,
    /// Runs until the head of the response is there.
    first_byte: Option<Sleep>,
    /// Runs while a read is pending.
    idle: Option<Sleep>,
    total: Option<Sleep>,
}

impl Watch {
    /// At the start of the request.
    pub(crate) fn new(timer: Timer, deadlines: Deadlines) -> Self {
        let sleep = |duration: Duration| timer.sleep(duration);
        let first_byte = deadlines.first_byte.map(sleep);
        let total = deadlines.total.map(sleep);
        Self { timer, deadlines, first_byte, idle: None, total }
    }

    /// The head is there: from here on, reads are watched.
    pub(crate) fn start_reading(&mut self) {
        self.first_byte = None;
    }

    /// A read brought something.
    pub(crate) fn not_idle(&mut self) {
        self.idle = None;
    }

    /// While the head, or a read, is pending: which deadline has passed, if one has, and how long it was.
    pub(crate) fn poll_passed(&mut self, cx: &mut Context<'_>) -> Option<(Deadline, Duration)> {
        let Self { timer, deadlines, first_byte, idle, total } = self;
        if first_byte.is_none() && idle.is_none() {
            *idle = deadlines.idle.map(|duration| timer.sleep(duration));
        }
        [
            (total, Deadline::Total, deadlines.total),
            (first_byte, Deadline::FirstByte, deadlines.first_byte),
            (idle, Deadline::Idle, deadlines.idle),
        ]
        .into_iter()
        .find_map(|(sleep, deadline, duration)| {
            sleep.as_mut()?.as_mut().poll(cx).is_ready().then_some((deadline, duration?))
        })
    }

    /// The timer, for waits that are no deadline.
    pub(crate) const fn timer(&self) -> &Timer {
        &self.timer
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("deadlines", &self.deadlines).finish_non_exhaustive()
    }
}
