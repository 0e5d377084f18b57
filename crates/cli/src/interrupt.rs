use std::future::{Future, pending, poll_fn};
use std::io::{self, Write as _};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::{process, thread};

use tokio::runtime::Runtime;

/// Ctrl-C. Once the program listens for it, it no longer ends the program by itself.
pub(crate) struct Interrupt {
    signal: Pin<Box<dyn Future<Output = ()> + Send>>,
    has_come: bool,
}

impl Interrupt {
    /// Starts to listen before it returns.
    pub(crate) async fn listen() -> Self {
        Self::of(interrupted()).await
    }

    /// The same, also for the signal that asks a server to end.
    pub(crate) async fn or_terminated() -> Self {
        Self::of(asked_to_end()).await
    }

    async fn of(signal: impl Future<Output = ()> + Send + 'static) -> Self {
        let mut interrupt = Self { signal: Box::pin(signal), has_come: false };
        // The first poll registers the listener.
        interrupt.or(async {}).await;
        interrupt
    }

    /// Waits for `future`; `None` if Ctrl-C was or is pressed first.
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

/// Makes Ctrl-C end the program immediately with the status of an interrupted run. For commands that read a file or a
/// pipe: everything read so far has already been shown.
pub(crate) fn exit_on_interrupt(runtime: Runtime) {
    let mut interrupt = runtime.block_on(Interrupt::listen());
    thread::spawn(move || {
        runtime.block_on(interrupt.or(pending::<()>()));
        exit();
    });
}

/// From now on, ends the program at once at the next such signal. For commands that finish their work after the first one.
pub(crate) async fn exit_on_next() {
    let mut next = Interrupt::or_terminated().await;
    tokio::spawn(async move {
        next.or(pending::<()>()).await;
        exit();
    });
}

fn exit() -> ! {
    // If standard error is closed, nobody reads it.
    let _ = writeln!(io::stderr(), "bedrock-stream: interrupted");
    process::exit(STATUS.into());
}

/// The exit status that shells give to a program that Ctrl-C ended.
pub(crate) const STATUS: u8 = 130;

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Ctrl-C cannot be handled, so the program runs until it is killed.
        pending::<()>().await;
    }
}

/// Ctrl-C, or the signal that asks a server to end.
async fn asked_to_end() {
    let (mut interrupted, mut terminated) = (pin!(interrupted()), pin!(terminated()));
    poll_fn(|cx| match interrupted.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => terminated.as_mut().poll(cx),
    })
    .await;
}

async fn terminated() {
    #[cfg(unix)]
    if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        signal.recv().await;
        return;
    }
    // It cannot be handled, so it ends the program.
    pending::<()>().await;
}
