use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::rt::Executor;

use crate::progress::Progress;

/// Runs the streams of an HTTP/2 connection. One whose client grants no window for too long is reset, which drops the response's
/// body; the connection, on which others may go on, stays open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamExecutor {
    write_timeout: Duration,
}

impl StreamExecutor {
    pub(crate) const fn new(write_timeout: Duration) -> Self {
        Self { write_timeout }
    }
}

impl<F> Executor<F> for StreamExecutor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let timeout = self.write_timeout;
        tokio::spawn(async move {
            let progress = Arc::<Progress>::default();
            let mut stream = pin!(Arc::clone(&progress).of(stream));
            let mut timer = pin!(tokio::time::sleep(timeout));
            let mut waiting = None;
            poll_fn(|cx| {
                if stream.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                let waits = progress.waiting();
                if waits != waiting {
                    waiting = waits;
                    timer.set(tokio::time::sleep(timeout));
                }
                if waiting.is_none() {
                    return Poll::Pending;
                }
                // Dropping the stream resets it.
                timer.as_mut().poll(cx)
            })
            .await;
        });
    }
}
