use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// The user's wish to end the program: Ctrl-C. Once it is listened for, it does not end the program by itself.
pub(crate) struct Interrupt {
    signal: Pin<Box<dyn Future<Output = ()>>>,
    has_come: bool,
}

impl Interrupt {
    /// Begins to listen, before it returns.
    pub(crate) async fn listen() -> Self {
        let mut interrupt = Self { signal: Box::pin(interrupted()), has_come: false };
        // The first poll is what listens.
        interrupt.or(async {}).await;
        interrupt
    }

    /// Waits for what `future` gives; `None` if the interrupt has come, or comes first.
    pub(crate) async fn or<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if self.has_come || self.signal.as_mut().poll(cx).is_ready() {
                self.has_come = true;
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
        .await
    }
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // It cannot be interrupted in an orderly way, so it goes on until the process is ended.
        pending::<()>().await;
    }
}
