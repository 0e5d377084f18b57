use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use http_body::Body;

use crate::error::attempts::Attempts;
use crate::error::cause::BoxError;
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::error::secrets::Secrets;
use crate::error::transport_error::TransportError;
use crate::stream::stats_recorder::StatsRecorder;
use crate::telemetry::Telemetry;
use crate::timeouts::request_timeouts::RequestTimeouts;
use crate::timeouts::timer::Timer;

/// The read loop: takes a body's bytes as they arrive, and hands them to a decoder.
///
/// It holds only the last buffer, and reads from the body again only when that is used up.
pub(crate) struct BodyReader<B> {
    /// `None` once it has ended, failed or been dropped.
    body: Option<B>,
    current: Bytes,
    /// Whether `current` has not been decoded yet.
    fresh: bool,
    request_id: Option<Arc<str>>,
    /// What no error may contain.
    secrets: Secrets,
    /// The attempts before the one that got this body.
    earlier: Attempts,
    timeouts: Option<RequestTimeouts>,
    recorder: StatsRecorder,
}

/// The outcome of one decoding step.
#[derive(Debug)]
pub(crate) enum Decoded<T> {
    Item(T),
    /// All input was used. `is_proven`: the answer is complete so far, and only its usage can follow.
    NeedsMore {
        is_proven: bool,
    },
}

/// Why [`BodyReader::poll_decode`] failed.
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
            timeouts: None,
            recorder: StatsRecorder::default(),
        }
    }

    pub(crate) fn with_timeouts(mut self, mut timeouts: Option<RequestTimeouts>) -> Self {
        if let Some(timeouts) = &mut timeouts {
            timeouts.start_reading();
        }
        self.timeouts = timeouts;
        self
    }

    /// Sets the context of this body: the attempts that failed before it, and what the operation tells observers.
    pub(crate) fn set_call(&mut self, earlier: Attempts, telemetry: Telemetry) {
        self.earlier = earlier;
        self.recorder.set_telemetry(telemetry);
    }

    pub(crate) const fn recorder(&self) -> &StatsRecorder {
        &self.recorder
    }

    pub(crate) const fn recorder_mut(&mut self) -> &mut StatsRecorder {
        &mut self.recorder
    }

    pub(crate) fn timer(&self) -> Option<&Timer> {
        self.timeouts.as_ref().map(RequestTimeouts::timer)
    }

    pub(crate) fn request_id(&self) -> Option<&Arc<str>> {
        self.request_id.as_ref()
    }

    /// Records that content arrived, so the answer is not proven complete until the decoder reports it again.
    pub(crate) fn unproven(&mut self) {
        if let Some(timeouts) = &mut self.timeouts {
            timeouts.proven(false);
        }
    }

    /// Completes an error with the request id and the earlier attempts, and redacts secrets.
    pub(crate) fn error(&self, error: impl Into<Error>) -> Error {
        let mut error = error.into();
        if let Some(id) = &self.request_id {
            error = error.with_request_id(Arc::clone(id));
        }
        self.secrets.hide(error).with_earlier(&self.earlier)
    }

    /// Drops the body, which closes its connection or HTTP/2 stream unless it was read to the end.
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
    /// Decodes the next item. `decode` consumes its input from the front, and all of it before it needs more; its second
    /// argument is whether the input is new. `None`: the body ended.
    pub(crate) fn poll_decode<T, E>(
        &mut self,
        cx: &mut Context<'_>,
        mut decode: impl FnMut(&mut &[u8], bool, &mut StatsRecorder) -> Result<Decoded<T>, E>,
    ) -> Poll<Option<Result<T, ReadError<E>>>> {
        let mut frames = MAX_FRAMES_PER_POLL;
        loop {
            let mut input = &self.current[..];
            let decoded = decode(&mut input, core::mem::take(&mut self.fresh), &mut self.recorder);
            let used = self.current.len() - input.len();
            self.current.advance(used);
            match decoded {
                Ok(Decoded::Item(item)) => return Poll::Ready(Some(Ok(item))),
                Err(error) => return Poll::Ready(Some(Err(ReadError::Decode(error)))),
                Ok(Decoded::NeedsMore { is_proven }) => {
                    if let Some(timeouts) = &mut self.timeouts {
                        timeouts.proven(is_proven);
                    }
                    // Even an empty slice would keep its whole buffer alive while the read is pending.
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

    /// The whole body, at most `limit` bytes.
    pub(crate) async fn read_to_end(&mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let mut whole = Vec::new();
        poll_fn(|cx| {
            let mut frames = MAX_FRAMES_PER_POLL;
            while let Some(bytes) = ready!(self.poll_in_time(cx, &mut frames)).transpose()? {
                if bytes.len() > limit - whole.len() {
                    self.close();
                    return Poll::Ready(Err(self.error(ErrorDetail::TooLong { limit })));
                }
                whole.extend_from_slice(&bytes);
            }
            Poll::Ready(Ok(()))
        })
        .await?;
        Ok(whole)
    }

    /// Reads and discards at most `allowed` bytes. Ready at the end of the body, on an error, or when the allowance is used
    /// up; the body is dropped then.
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

    /// The body's next bytes, or an error if a timeout elapsed.
    fn poll_in_time(&mut self, cx: &mut Context<'_>, frames: &mut u32) -> Poll<Option<Result<Bytes, Error>>> {
        let next = self.poll_bytes(cx, frames);
        let Some(timeouts) = &mut self.timeouts else {
            return next;
        };
        if next.is_ready() {
            timeouts.received();
        }
        let elapsed = match &next {
            Poll::Pending => timeouts.poll_elapsed(cx),
            Poll::Ready(Some(Ok(_))) => timeouts.total_elapsed(),
            // Timeouts do not override the end of a body.
            Poll::Ready(None | Some(Err(_))) => None,
        };
        let Some(elapsed) = elapsed else {
            return next;
        };
        self.body = None;
        Poll::Ready(Some(Err(self.error(Error::timeout(elapsed)))))
    }

    /// The body's next bytes. Empty frames and trailers are skipped. After `frames` frames of any kind it yields: a body that
    /// is always ready must not starve the executor.
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
                        self.recorder
                            .bytes(bytes.len(), self.timeouts.as_ref().map(RequestTimeouts::elapsed));
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    let error = TransportError::from(error.into());
                    return Poll::Ready(Some(Err(self.error(ErrorDetail::Body { error, retryable: true }))));
                }
                None => {
                    self.body = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

/// How many frames of a body are read in one poll.
pub(crate) const MAX_FRAMES_PER_POLL: u32 = 128;
