use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use http_body::Body;

use crate::error::{BoxError, Error};
use crate::request_id::request_id;
use crate::timer::Timer;
use crate::watch::Watch;

/// The one loop that reads: takes a body's bytes as they come, and hands them to a decoder.
///
/// It holds what the body delivered last and nothing more, and asks the body for more only when that is used up.
#[derive(Debug)]
pub(crate) struct BodyReader<B> {
    /// `None` once it ended, broke or was let go.
    body: Option<B>,
    current: Bytes,
    request_id: Option<Arc<str>>,
    watch: Option<Watch>,
}

/// What ends a call of [`BodyReader::poll_decode`] badly.
#[derive(Debug)]
pub(crate) enum ReadError<E> {
    Body(Error),
    Decode(E),
}

impl<B> BodyReader<B> {
    pub(crate) fn new(response: http::Response<B>) -> Self {
        let request_id = request_id(response.headers()).map(Arc::from);
        Self { body: Some(response.into_body()), current: Bytes::new(), request_id, watch: None }
    }

    pub(crate) fn set_watch(&mut self, mut watch: Watch) {
        watch.start_reading();
        self.watch = Some(watch);
    }

    pub(crate) fn timer(&self) -> Option<&Timer> {
        self.watch.as_ref().map(Watch::timer)
    }

    pub(crate) fn request_id(&self) -> Option<&Arc<str>> {
        self.request_id.as_ref()
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
    /// Decodes the next item. `decode` takes from the front of its input, and uses all of it before it gives `None`.
    /// `None`: the body ended.
    pub(crate) fn poll_decode<T, E>(
        &mut self,
        cx: &mut Context<'_>,
        mut decode: impl FnMut(&mut &[u8]) -> Result<Option<T>, E>,
    ) -> Poll<Option<Result<T, ReadError<E>>>> {
        loop {
            let mut input = &self.current[..];
            let decoded = decode(&mut input);
            let used = self.current.len() - input.len();
            self.current.advance(used);
            match decoded {
                Ok(Some(item)) => return Poll::Ready(Some(Ok(item))),
                Err(error) => return Poll::Ready(Some(Err(ReadError::Decode(error)))),
                Ok(None) => match ready!(self.poll_in_time(cx)) {
                    Some(Ok(bytes)) => self.current = bytes,
                    Some(Err(error)) => return Poll::Ready(Some(Err(ReadError::Body(error)))),
                    None => return Poll::Ready(None),
                },
            }
        }
    }

    /// Reads on and drops what comes, `allowed` bytes at most. Ready at the end of the body, at its error, or when no more
    /// is allowed; the body has been let go then.
    pub(crate) fn poll_drain(&mut self, cx: &mut Context<'_>, allowed: &mut usize) -> Poll<()> {
        self.current = Bytes::new();
        while let Some(Ok(bytes)) = ready!(self.poll_bytes(cx)) {
            *allowed = allowed.saturating_sub(bytes.len());
            if *allowed == 0 {
                break;
            }
        }
        self.close();
        Poll::Ready(())
    }

    /// The body's next bytes, or the deadline that passed.
    fn poll_in_time(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let next = self.poll_bytes(cx);
        let Some(watch) = &mut self.watch else {
            return next;
        };
        if next.is_ready() {
            watch.not_idle();
            return next;
        }
        let Some((deadline, after)) = watch.poll_passed(cx) else {
            return Poll::Pending;
        };
        self.body = None;
        Poll::Ready(Some(Err(Error::Deadline { deadline, after, request_id: self.request_id.clone() })))
    }

    /// The body's next bytes; trailers are passed over.
    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        loop {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(mut data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data.copy_to_bytes(data.remaining()))));
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    let request_id = self.request_id.clone();
                    return Poll::Ready(Some(Err(Error::Body { request_id, cause: error.into().into() })));
                }
                None => {
                    self.body = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}
