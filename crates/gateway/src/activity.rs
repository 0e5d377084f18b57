use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Whether a connection is in use. Its requests, which run in tasks of their own, and the task that serves it share this.
#[derive(Clone, Debug)]
pub(crate) struct Activity(Arc<Mutex<Uses>>);

#[derive(Debug)]
struct Uses {
    open: usize,
    /// When the last one ended.
    idle_since: Instant,
    /// Whether there has been one.
    has_had_request: bool,
    /// Whether its requests come over HTTP/2.
    is_http2: bool,
}

/// The connection is in use until this is dropped.
#[derive(Debug)]
pub(crate) struct InUse(Activity);

impl Activity {
    /// That of a connection that begins now, and is not in use yet.
    pub(crate) fn new() -> Self {
        let idle_since = Instant::now();
        Self(Arc::new(Mutex::new(Uses { open: 0, idle_since, has_had_request: false, is_http2: false })))
    }

    pub(crate) fn begin(&self) -> InUse {
        let mut uses = self.uses();
        uses.open += 1;
        uses.has_had_request = true;
        drop(uses);
        InUse(self.clone())
    }

    /// Since when the connection has not been in use; `None` while it is.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let uses = self.uses();
        (uses.open == 0).then_some(uses.idle_since)
    }

    /// Whether there has been a request.
    pub(crate) fn has_had_request(&self) -> bool {
        self.uses().has_had_request
    }

    /// It speaks HTTP/2, or does not.
    pub(crate) fn set_http2(&self, is_http2: bool) {
        self.uses().is_http2 = is_http2;
    }

    /// Whether it is known to speak HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        self.uses().is_http2
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut uses = self.0.uses();
        uses.open -= 1;
        uses.idle_since = Instant::now();
    }
}
