use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::futures::TaskLocalFuture;

/// How far the response on an HTTP/2 stream has been sent. The task that serves the stream and the response's body share it: the
/// body sees when a piece of it is taken, and the task can end the stream.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Counts the pieces that the body returned and those that the client's window had room for, so that it is odd while a piece
    /// waits for room.
    steps: AtomicU64,
}

tokio::task_local! {
    static CURRENT: Arc<Progress>;
}

impl Progress {
    /// That of the HTTP/2 stream which the running task serves; `None` over HTTP/1.1.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// Makes it [`current`](Self::current) for a future.
    pub(crate) fn of<F: Future>(self: Arc<Self>, future: F) -> TaskLocalFuture<Arc<Self>, F> {
        CURRENT.scope(self, future)
    }

    /// The body has returned a piece, which waits for room in the client's window.
    pub(crate) fn waits(&self) {
        self.steps.fetch_or(1, Ordering::Relaxed);
    }

    /// The body is asked for its next piece, so there was room for the one before.
    pub(crate) fn is_taken(&self) {
        let steps = self.steps.load(Ordering::Relaxed);
        self.steps.store(steps.wrapping_add(steps & 1), Ordering::Relaxed);
    }

    /// The piece that waits, by a number that no other piece has.
    pub(crate) fn waiting(&self) -> Option<u64> {
        let steps = self.steps.load(Ordering::Relaxed);
        (steps & 1 == 1).then_some(steps)
    }
}
