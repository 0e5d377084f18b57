use core::task::{Context, Poll, ready};
use core::time::Duration;

use http_body::Body;

use crate::error::cause::BoxError;
use crate::stream::body_reader::BodyReader;
use crate::timeouts::timer::Sleep;

/// Reads what little may be left of a body after `Done`, so that its connection can be reused.
pub(crate) struct Drain {
    /// How many bytes may still be read.
    allowed: usize,
    until: Option<Sleep>,
}

impl Default for Drain {
    fn default() -> Self {
        Self { allowed: MAX_BYTES, until: None }
    }
}

impl Drain {
    /// Reads what has arrived and, with `wait` and if there is a timer, what arrives soon. Ready: no more is read.
    pub(crate) fn poll<B>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut BodyReader<B>,
        see: impl FnMut(&[u8]),
        wait: bool,
    ) -> Poll<()>
    where
        B: Body + Unpin,
        B::Error: Into<BoxError>,
    {
        if reader.poll_drain(cx, &mut self.allowed, see).is_pending() {
            match reader.timer() {
                _ if !wait => return Poll::Pending,
                Some(timer) => {
                    ready!(self.until.get_or_insert_with(|| timer.sleep(MAX_TIME)).as_mut().poll(cx));
                }
                None => {}
            }
        }
        Poll::Ready(())
    }
}

const MAX_BYTES: usize = 64 * 1024;
const MAX_TIME: Duration = Duration::from_millis(100);
