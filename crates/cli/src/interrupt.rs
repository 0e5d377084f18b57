use std::future::{Future, pending, poll_fn};
use std::io::{self, Write as _};
use std::pin::{Pin, pin};
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;
use std::{process, thread};

use tokio::runtime::Runtime;
#[cfg(unix)]
use tokio::signal::unix::SignalKind;

/// Ctrl-C. Once the program listens for it, it no longer ends the program by itself.
pub(crate) struct Interrupt {
    /// Gives the status of a program that the signal ended.
    signal: Pin<Box<dyn Future<Output = u8> + Send>>,
    came: Option<u8>,
}

impl Interrupt {
    /// Starts to listen before it returns.
    pub(crate) async fn listen() -> Self {
        Self::of(interrupted()).await
    }

    /// The same, also for the signal that asks a server to end.
    pub(crate) async fn or_terminated() -> Self {
        Self::of(first(interrupted(), terminated())).await
    }

    /// The same, also for the signal of a terminal that is closed. For commands that leave nothing behind, however they end.
    pub(crate) async fn or_hung_up() -> Self {
        Self::of(first(first(interrupted(), terminated()), hung_up())).await
    }

    async fn of(signal: impl Future<Output = u8> + Send + 'static) -> Self {
        let mut interrupt = Self { signal: Box::pin(signal), came: None };
        // The first poll registers the listener.
        interrupt.or(async {}).await;
        interrupt
    }

    /// Waits for `future`; `None` if Ctrl-C was or is pressed first.
    pub(crate) async fn or<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if self.came.is_none() {
                match self.signal.as_mut().poll(cx) {
                    Poll::Ready(status) => self.came = Some(status),
                    Poll::Pending => return future.as_mut().poll(cx).map(Some),
                }
            }
            Poll::Ready(None)
        })
        .await
    }

    /// The exit status that shells give to a program that this signal ended.
    pub(crate) fn status(&self) -> u8 {
        self.came.unwrap_or(STATUS)
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
    let (told, is_told) = mpsc::channel();
    let tell = move || {
        // If standard error is closed, nobody reads it.
        let _ = writeln!(io::stderr(), "bedrock-stream: interrupted");
        let _ = told.send(());
    };
    // It may be a pipe that nobody reads.
    if thread::Builder::new().spawn(tell).is_ok() {
        let _ = is_told.recv_timeout(TELL);
    }
    process::exit(STATUS.into());
}

/// How long the end waits for standard error.
const TELL: Duration = Duration::from_secs(1);

/// The exit status that shells give to a program that Ctrl-C ended.
pub(crate) const STATUS: u8 = 130;

async fn interrupted() -> u8 {
    if tokio::signal::ctrl_c().await.is_err() {
        // Ctrl-C cannot be handled, so the program runs until it is killed.
        pending::<()>().await;
    }
    STATUS
}

/// Whichever comes first.
async fn first(one: impl Future<Output = u8>, other: impl Future<Output = u8>) -> u8 {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Ready(status) => Poll::Ready(status),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await
}

async fn terminated() -> u8 {
    #[cfg(unix)]
    return signaled(SignalKind::terminate()).await;
    #[cfg(not(unix))]
    pending().await
}

async fn hung_up() -> u8 {
    // `nohup` is there so that the program goes on.
    #[cfg(unix)]
    if !is_ignored(SignalKind::hangup()) {
        return signaled(SignalKind::hangup()).await;
    }
    pending().await
}

#[cfg(unix)]
async fn signaled(kind: SignalKind) -> u8 {
    match tokio::signal::unix::signal(kind) {
        Ok(mut signal) => drop(signal.recv().await),
        // It cannot be handled, so it ends the program.
        Err(_) => pending().await,
    }
    SIGNALED + u8::try_from(kind.as_raw_value()).unwrap_or_default()
}

/// Whether whoever started the program had it ignore a signal. Only Linux tells.
#[cfg(unix)]
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    ignored >> (kind.as_raw_value() - 1) & 1 == 1
}

/// What shells add to the number of a signal.
#[cfg(unix)]
const SIGNALED: u8 = 128;
