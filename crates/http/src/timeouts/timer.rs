use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

/// The timer of the caller's runtime; this crate has none of its own.
///
/// With tokio: `Timer::new(tokio::time::sleep)`. In tests that pause tokio's clock, pass that clock too:
/// `.with_clock(|| tokio::time::Instant::now().into_std())`.
///
/// ```
/// use bedrock_stream_http::{ChunkStream, Timeouts, Timer};
/// use bedrock_stream_testkit::answer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let response = answer().text("Hello").http_response()?;
/// let chunks = ChunkStream::new(response).with_timer(Timer::new(tokio::time::sleep), Timeouts::default());
/// // With a timer there are timeouts, and statistics.
/// assert!(chunks.collect().await?.stats.time_to_first_content.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Timer {
    sleep: Arc<dyn Fn(Duration) -> Sleep + Send + Sync>,
    now: fn() -> Instant,
}

/// A boxed sleep future.
pub(crate) type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Timer {
    /// A timer that waits with `sleep`, which takes a duration, and reads the system clock.
    pub fn new<F>(sleep: impl Fn(Duration) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { sleep: Arc::new(move |duration| Box::pin(sleep(duration))), now: Instant::now }
    }

    /// The same timer with another clock, which must be the one that `sleep` uses.
    #[must_use]
    pub fn with_clock(mut self, now: fn() -> Instant) -> Self {
        self.now = now;
        self
    }

    pub(crate) fn sleep(&self, duration: Duration) -> Sleep {
        (self.sleep)(duration)
    }

    pub(crate) fn now(&self) -> Instant {
        (self.now)()
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer(..)")
    }
}
