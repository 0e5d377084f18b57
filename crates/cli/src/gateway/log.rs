use std::fmt::Display;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::timestamp::Timestamp;

/// The log of a running gateway. A thread of its own writes it, so that a pipe that nobody reads holds up no request: lines
/// wait in a queue of at most [`MAX_QUEUE_LEN`] bytes, and those that find no room are dropped and counted.
///
/// Cheap to clone; clones share the queue.
#[derive(Clone)]
pub(super) struct Log(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    /// There is something to write, or everything is written.
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    lines: Vec<u8>,
    /// How many lines found no room after those.
    dropped: usize,
    is_writing: bool,
}

impl Log {
    /// Starts the thread, which runs until the process ends. Fails if the system has no room for one.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        thread::Builder::new().name("log".to_owned()).spawn(move || of_thread.write_all(out))?;
        Ok(Self(shared))
    }

    /// Queues a line, given without its time and its end. Never waits for whoever reads the log.
    pub(super) fn write(&self, line: impl Display) {
        let line = format!("{} {line}\n", Timestamp::now());
        let mut queue = self.0.lock();
        // Once a line is dropped, so are the following ones, even short ones: the count stands where they are missing.
        if queue.dropped > 0 || queue.lines.len() + line.len() > MAX_QUEUE_LEN {
            queue.dropped += 1;
        } else {
            queue.lines.extend_from_slice(line.as_bytes());
        }
        drop(queue);
        self.0.changed.notify_all();
    }

    /// Waits until everything is written, or the limit has passed.
    pub(super) fn flush(&self, limit: Duration) {
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), limit, |queue| !queue.is_written());
        drop(waited);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole whenever it is unlocked.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is queued, for ever.
    fn write_all(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        loop {
            let waited = self.changed.wait_while(self.lock(), |queue| queue.is_empty());
            let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
            mem::swap(&mut batch, &mut queue.lines);
            let dropped = mem::take(&mut queue.dropped);
            queue.is_writing = true;
            drop(queue);
            if dropped > 0 {
                let lines = if dropped == 1 { "line was" } else { "lines were" };
                let told = format!("{} {dropped} {lines} dropped\n", Timestamp::now());
                batch.extend_from_slice(told.as_bytes());
            }
            // If it is closed, nobody reads it.
            let _ = out.write_all(&batch).and_then(|()| out.flush());
            batch.clear();
            self.lock().is_writing = false;
            self.changed.notify_all();
        }
    }
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.dropped == 0
    }

    fn is_written(&self) -> bool {
        self.is_empty() && !self.is_writing
    }
}

/// What waits for a reader, in bytes; as many again are being written.
const MAX_QUEUE_LEN: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use super::{Log, MAX_QUEUE_LEN};

    /// Passes on what is written, each time only once it is let.
    struct Gate {
        open: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.open.recv().map_err(io::Error::other)?;
            self.written.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn gated() -> (Log, Sender<()>, Receiver<Vec<u8>>) {
        let ((opener, open), (written, reader)) = (channel(), channel());
        (Log::start(Gate { open, written }).unwrap(), opener, reader)
    }

    /// The lines without their times.
    fn lines(text: &[u8]) -> Vec<&str> {
        let text = std::str::from_utf8(text).unwrap();
        assert!(text.ends_with('\n'));
        text.lines().map(|line| line.split_once(' ').unwrap().1).collect()
    }

    #[test]
    fn lines_are_written_in_their_order() {
        let (log, opener, written) = gated();
        let mut text = Vec::new();
        for number in 0..1_000 {
            log.write(number);
        }
        while !text.ends_with(b" 999\n") {
            opener.send(()).unwrap();
            text.extend(written.recv().unwrap());
        }
        let expected: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
        assert_eq!(lines(&text), expected);
    }

    #[test]
    fn what_finds_no_room_is_counted_in_its_place() {
        let (log, opener, written) = gated();
        let half = "x".repeat(MAX_QUEUE_LEN / 2);
        log.write("first");
        // The thread is held up by it until then.
        while !log.0.lock().is_writing {
            std::thread::yield_now();
        }
        log.write(&half);
        log.write(&half);
        log.write("short");
        for _ in 0..2 {
            opener.send(()).unwrap();
        }
        assert_eq!(lines(&written.recv().unwrap()), ["first"]);
        assert_eq!(lines(&written.recv().unwrap()), [&*half, "2 lines were dropped"]);
        log.write("last");
        opener.send(()).unwrap();
        assert_eq!(lines(&written.recv().unwrap()), ["last"]);
    }

    #[test]
    fn a_flush_waits_for_the_writer_and_not_longer() {
        let (log, opener, written) = gated();
        log.write("a");
        log.flush(Duration::from_millis(1));
        assert!(written.try_recv().is_err());
        opener.send(()).unwrap();
        log.flush(Duration::from_secs(60));
        assert_eq!(lines(&written.try_recv().unwrap()), ["a"]);
    }
}
