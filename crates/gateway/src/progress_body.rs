use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::activity::InUse;
use crate::progress::Progress;
use crate::response_body::ResponseBody;

/// A response's body that reports its [`Progress`].
///
/// An HTTP/2 stream is over for hyper when it has passed on the body's last piece, of which the client's window may have had room
/// for one byte: the rest would be kept for as long as the client likes. The last byte of a body is therefore a piece of its own.
#[derive(Debug)]
pub(crate) struct ProgressBody {
    body: ResponseBody,
    last_byte: Bytes,
    progress: Option<Arc<Progress>>,
    /// Its connection is.
    _in_use: InUse,
}

impl ProgressBody {
    /// Must be called in the task that serves the stream.
    pub(crate) fn new(body: ResponseBody, in_use: InUse) -> Self {
        Self { body, last_byte: Bytes::new(), progress: Progress::current(), _in_use: in_use }
    }
}

impl Body for ProgressBody {
    type Data = Bytes;
    type Error = <ResponseBody as Body>::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Self { body, last_byte, progress, .. } = self.get_mut();
        let Some(progress) = progress else { return Pin::new(body).poll_frame(cx) };
        progress.is_taken();
        let next = if last_byte.is_empty() {
            Pin::new(&mut *body).poll_frame(cx)
        } else {
            Poll::Ready(Some(Ok(Frame::data(std::mem::take(last_byte)))))
        };
        next.map_ok(|frame| {
            frame.map_data(|mut data| {
                if data.len() > 1 && body.may_have_ended() {
                    *last_byte = data.split_off(data.len() - 1);
                }
                if !data.is_empty() {
                    progress.waits();
                }
                data
            })
        })
    }

    fn is_end_stream(&self) -> bool {
        self.last_byte.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Asked for before the first piece.
        self.body.size_hint()
    }
}
