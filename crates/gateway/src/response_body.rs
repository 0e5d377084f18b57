use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use crate::answer_body::AnswerBody;
use crate::full_body::FullBody;
use crate::native_body::NativeBody;
use crate::pass_through_body::PassThroughBody;
use crate::watch::Watch;

/// The body of a response.
pub struct ResponseBody(Kind);

enum Kind {
    Full(Box<FullBody>),
    Answer(Box<AnswerBody>),
    Native(Box<NativeBody>),
    PassThrough(Box<PassThroughBody>),
    /// Of a service around the gateway.
    Other(UnsyncBoxBody<Bytes, BoxError>),
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl ResponseBody {
    pub(crate) fn full(bytes: impl Into<Bytes>, watch: Watch) -> Self {
        Self(Kind::Full(Box::new(FullBody::new(bytes.into(), watch))))
    }

    pub(crate) fn answer(body: AnswerBody) -> Self {
        Self(Kind::Answer(Box::new(body)))
    }

    pub(crate) fn native(body: NativeBody) -> Self {
        Self(Kind::Native(Box::new(body)))
    }

    pub(crate) fn pass_through(body: PassThroughBody) -> Self {
        Self(Kind::PassThrough(Box::new(body)))
    }

    pub(crate) fn other<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(Kind::Other(body.map_err(Into::into).boxed_unsync()))
    }

    /// Whether the piece that was returned last may have been the last one.
    pub(crate) fn may_have_ended(&self) -> bool {
        match &self.0 {
            Kind::Full(body) => body.has_ended(),
            Kind::Answer(body) => body.has_ended(),
            Kind::Native(body) => body.has_ended(),
            Kind::PassThrough(_) | Kind::Other(_) => true,
        }
    }

    pub(crate) fn status(&mut self, status: StatusCode) {
        match &mut self.0 {
            Kind::Full(body) => {
                if let Some(watch) = body.watch() {
                    watch.status(status);
                }
            }
            Kind::Answer(body) => body.watch().status(status),
            Kind::Native(body) => body.watch().status(status),
            Kind::PassThrough(body) => body.watch().status(status),
            // The gateway's own answer in it has its status.
            Kind::Other(_) => {}
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let next = match &mut self.0 {
            Kind::Full(body) => Poll::Ready(body.next().map(Ok)),
            Kind::Answer(body) => body.poll(cx),
            Kind::Native(body) => body.poll(cx),
            Kind::PassThrough(body) => body.poll(cx),
            Kind::Other(body) => return Pin::new(body).poll_frame(cx),
        };
        next.map(|next| next.map(|bytes| bytes.map(Frame::data).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(body) => body.has_ended(),
            Kind::Other(body) => body.is_end_stream(),
            Kind::Answer(_) | Kind::Native(_) | Kind::PassThrough(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(body) => SizeHint::with_exact(body.len() as u64),
            Kind::Other(body) => body.size_hint(),
            Kind::Answer(_) | Kind::Native(_) | Kind::PassThrough(_) => SizeHint::default(),
        }
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}
