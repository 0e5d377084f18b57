use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

/// Waits, as the caller's runtime does it. This crate has no clock of its own.
///
/// With tokio: `Timer::new(tokio::time::sleep)`.
#[derive(Clone)]
pub struct Timer(Arc<dyn Fn(Duration) -> Sleep + Send + Sync>);

/// A wait that is over some time after it was begun.
pub(crate) type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Timer {
    /// A timer that waits by `sleep`, which takes how long.
    pub fn new<F>(sleep: impl Fn(Duration) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |duration| Box::pin(sleep(duration))))
    }

    pub(crate) fn sleep(&self, duration: Duration) -> Sleep {
        (self.0)(duration)
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer(..)")
    }
}
