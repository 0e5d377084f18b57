use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use http_body::Body;

use crate::error::attempts::Attempts;
use crate::error::error::{BoxError, Error};
use crate::error::secrets::Secrets;
use crate::stream::meter::Meter;
use crate::timeouts::timer::Timer;
use crate::timeouts::watch::Watch;
use crate::trace::Trace;

/// The one loop that reads: takes a body's bytes as they come, and hands them to a decoder.
///
/// It holds what the body delivered last and nothing more, and asks the body for more only when that is used up.
pub(crate) struct BodyReader<B> {
    /// `None` once it ended, broke or was let go.
    body: Option<B>,
    current: Bytes,
    /// Whether nobody has seen `current` so far.
    fresh: bool,
    request_id: Option<Arc<str>>,
    /// What no error may repeat.
    secrets: Secrets,
    /// The attempts before the one whose body this is.
    earlier: Attempts,
    watch: Option<Watch>,
    meter: Meter,
}

/// What decoding comes to.
#[derive(Debug)]
pub(crate) enum Decoded<T> {
    Item(T),
    /// All of the input was used. `is_proven`: so far it is a complete answer, and what follows can only be its usage.
    NeedsMore {
        is_proven: bool,
    },
}

/// What ends a call of [`BodyReader::poll_decode`] badly.
#[derive(Debug)]
pub(crate) enum ReadError<E> {
    Body(Error),
    Decode(E),
}

impl<B> BodyReader<B> {
    pub(crate) fn new(mut response: http::Response<B>) -> Self {
        let secrets = response.extensions_mut().remove::<Secrets>().unwrap_or_default();
        let request_id = secrets.request_id(response.headers()).map(Arc::from);
        Self {
            body: Some(response.into_body()),
            current: Bytes::new(),
            fresh: false,
            request_id,
            secrets,
            earlier: Attempts::default(),
            watch: None,
            meter: Meter::default(),
        }
    }

    pub(crate) fn watched(mut self, mut watch: Option<Watch>) -> Self {
        if let Some(watch) = &mut watch {
            watch.start_reading();
        }
        self.watch = watch;
        self
    }

    /// Says what there was before this body: the attempts that failed, and the trace of the call.
    pub(crate) fn set_call(&mut self, earlier: Attempts, trace: Trace) {
        self.earlier = earlier;
        self.meter.set_trace(trace);
    }

    pub(crate) fn earlier(&self) -> Attempts {
        self.earlier.clone()
    }

    pub(crate) const fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(crate) const fn meter_mut(&mut self) -> &mut Meter {
        &mut self.meter
    }

    pub(crate) fn timer(&self) -> Option<&Timer> {
        self.watch.as_ref().map(Watch::timer)
    }

    pub(crate) fn request_id(&self) -> Option<&Arc<str>> {
        self.request_id.as_ref()
    }

    /// An error that may be shown.
    pub(crate) fn hide(&self, error: Error) -> Error {
        self.secrets.hide(error)
    }

    /// Lets go of the body, which closes its connection or its HTTP/2 stream if there is more of it.
    pub(crate) fn close(&mut self) {
        self.body = None;
        self.current = Bytes::new();
    }
}

impl<B> BodyReader<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    /// Decodes the next item. `decode` takes from the front of its input, and uses all of it before it needs more; it is
    /// told when it is given bytes for the first time. `None`: the body ended.
    pub(crate) fn poll_decode<T, E>(
        &mut self,
        cx: &mut Context<'_>,
        mut decode: impl FnMut(&mut &[u8], bool, &mut Meter) -> Result<Decoded<T>, E>,
    ) -> Poll<Option<Result<T, ReadError<E>>>> {
        let mut frames = MAX_FRAMES_PER_POLL;
        loop {
            let mut input = &self.current[..];
            let decoded = decode(&mut input, core::mem::take(&mut self.fresh), &mut self.meter);
            let used = self.current.len() - input.len();
            self.current.advance(used);
            match decoded {
                Ok(Decoded::Item(item)) => return Poll::Ready(Some(Ok(item))),
                Err(error) => return Poll::Ready(Some(Err(ReadError::Decode(error)))),
                Ok(Decoded::NeedsMore { is_proven }) => {
                    if let Some(watch) = &mut self.watch {
                        watch.proven(is_proven);
                    }
                    // Even an empty rest would keep the whole buffer that it was read into, however long nothing comes.
                    self.current = Bytes::new();
                    match ready!(self.poll_in_time(cx, &mut frames)) {
                        Some(Ok(bytes)) => (self.current, self.fresh) = (bytes, true),
                        Some(Err(error)) => return Poll::Ready(Some(Err(ReadError::Body(error)))),
                        None => return Poll::Ready(None),
                    }
                }
            }
        }
    }

    /// The whole body, `limit` bytes at most.
    pub(crate) async fn read_to_end(&mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let mut whole = Vec::new();
        poll_fn(|cx| {
            let mut frames = MAX_FRAMES_PER_POLL;
            while let Some(bytes) = ready!(self.poll_in_time(cx, &mut frames)).transpose()? {
                if bytes.len() > limit - whole.len() {
                    self.close();
                    let request_id = self.request_id.clone();
                    return Poll::Ready(Err(Error::TooLong { request_id, limit, earlier: self.earlier() }));
                }
                whole.extend_from_slice(&bytes);
            }
            Poll::Ready(Ok(()))
        })
        .await?;
        Ok(whole)
    }

    /// Reads on and drops what comes, `allowed` bytes at most. Ready at the end of the body, at its error, or when no more
    /// is allowed; the body has been let go then.
    pub(crate) fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        allowed: &mut usize,
        mut see: impl FnMut(&[u8]),
    ) -> Poll<()> {
        self.current = Bytes::new();
        let mut frames = MAX_FRAMES_PER_POLL;
        while let Some(Ok(bytes)) = ready!(self.poll_bytes(cx, &mut frames)) {
            see(&bytes);
            *allowed = allowed.saturating_sub(bytes.len());
            if *allowed == 0 {
                break;
            }
        }
        self.close();
        Poll::Ready(())
    }

    /// The body's next bytes, or the deadline that passed.
    fn poll_in_time(&mut self, cx: &mut Context<'_>, frames: &mut u32) -> Poll<Option<Result<Bytes, Error>>> {
        let next = self.poll_bytes(cx, frames);
        let Some(watch) = &mut self.watch else {
            return next;
        };
        if next.is_ready() {
            watch.not_idle();
        }
        let passed = match &next {
            Poll::Pending => watch.poll_passed(cx),
            Poll::Ready(Some(Ok(_))) => watch.passed(),
            // How a body ended, no deadline changes.
            Poll::Ready(None | Some(Err(_))) => None,
        };
        let Some(passed) = passed else {
            return next;
        };
        self.body = None;
        let error = Error::deadline(passed, self.request_id.clone());
        Poll::Ready(Some(Err(error.with_earlier(&self.earlier))))
    }

    /// The body's next bytes. Empty frames and trailers are skipped. After `frames` of them, or of any others, the task's
    /// turn is over: a body that always has one more must not keep the executor from everything else.
    fn poll_bytes(&mut self, cx: &mut Context<'_>, frames: &mut u32) -> Poll<Option<Result<Bytes, Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        loop {
            let Some(left) = frames.checked_sub(1) else {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            };
            *frames = left;
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Some(mut data) = frame.into_data().ok().filter(Buf::has_remaining) {
                        let bytes = data.copy_to_bytes(data.remaining());
                        self.meter.bytes(bytes.len(), self.watch.as_ref().map(Watch::elapsed));
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    let request_id = self.request_id.clone();
                    let cause = error.into().into();
                    return Poll::Ready(Some(Err(self.hide(Error::Body {
                        request_id,
                        cause,
                        repeatable: true,
                        earlier: self.earlier.clone(),
                    }))));
                }
                None => {
                    self.body = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

/// How many frames of a body are taken in one poll.
pub(crate) const MAX_FRAMES_PER_POLL: u32 = 128;
