use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Decode, Error as StreamError, Tail};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_dialects::InvokeDecoder;
use bedrock_stream_dialects::encode::Failure;
use bedrock_stream_http::{BoxBody, Timeouts};
use bytes::{Buf as _, Bytes};
use http_body::Body as _;
use tokio::time::{Sleep, sleep};

use crate::torn::Torn;
use crate::watch::Watch;

/// Bedrock's bytes on their way to the client.
#[derive(Debug)]
pub(crate) struct PassThroughBody {
    body: Option<BoxBody>,
    decoder: Decoder,
    is_decided: bool,
    /// Whether the client can tell from the bytes what became of the answer: it is proven complete, or ended by an exception.
    is_told: bool,
    watch: Watch,
    timeouts: Timeouts,
    /// Runs while Bedrock is silent.
    idle: Option<Pin<Box<Sleep>>>,
    /// Runs until the answer must have ended.
    total: Option<Pin<Box<Sleep>>>,
}

/// Watches the bytes.
#[derive(Debug)]
pub(crate) enum Decoder {
    Converse(Box<ChunkDecoder>),
    Invoke(Box<InvokeDecoder>),
}

impl PassThroughBody {
    /// `elapsed`: the time since the request began.
    pub(crate) fn new(
        body: BoxBody,
        decoder: Decoder,
        watch: Watch,
        timeouts: Timeouts,
        elapsed: Duration,
    ) -> Self {
        let total = timeouts.total.map(|total| Box::pin(sleep(total.saturating_sub(elapsed))));
        Self {
            body: Some(body),
            decoder,
            is_decided: false,
            is_told: false,
            watch,
            timeouts,
            idle: None,
            total,
        }
    }

    pub(crate) const fn watch(&mut self) -> &mut Watch {
        &mut self.watch
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Torn>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        if self.total.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready()) {
            let total = self.timeouts.total.unwrap_or_default();
            return self.break_off(format!("the answer was not complete within {total:?}"));
        }
        for _ in 0..MAX_FRAMES_PER_POLL {
            match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Pending => return self.poll_idle(cx),
                Poll::Ready(None) => {
                    self.body = None;
                    self.finish(None);
                    // AWS's SDKs take the end of the connection for that of the answer, whatever is missing.
                    return Poll::Ready((!self.is_told).then_some(Err(Torn)));
                }
                Poll::Ready(Some(Err(error))) => {
                    self.body = None;
                    self.finish(Some(Tail::new(ErrorKind::Transport, error.to_string())));
                    // The client's connection breaks as Bedrock's did.
                    return Poll::Ready(Some(Err(Torn)));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(mut data) = frame.into_data() else { continue };
                    let bytes = data.copy_to_bytes(data.remaining());
                    if bytes.is_empty() {
                        continue;
                    }
                    self.idle = None;
                    self.read(&bytes);
                    return Poll::Ready(Some(Ok(bytes)));
                }
            }
        }
        // A body that is always ready, and has nothing, keeps no other answers waiting, and is as good as silent.
        cx.waker().wake_by_ref();
        self.poll_idle(cx)
    }

    /// Ends an answer that has stalled.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Torn>>> {
        let Some(idle) = self.timeouts.idle else { return Poll::Pending };
        let timer = self.idle.get_or_insert_with(|| Box::pin(sleep(idle)));
        if timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.break_off(format!("no data received for {idle:?}"))
    }

    /// Ends an answer whose time is up. No error can be written among Bedrock's own bytes.
    fn break_off(&mut self, message: String) -> Poll<Option<Result<Bytes, Torn>>> {
        self.body = None;
        self.finish(Some(Tail::new(ErrorKind::Timeout, message)));
        Poll::Ready(Some(Err(Torn)))
    }

    fn read(&mut self, mut bytes: &[u8]) {
        while !self.is_decided {
            match self.decoder.decode().next_from(&mut bytes) {
                Ok(Some(chunk)) => self.chunk(&chunk),
                Ok(None) => break,
                Err(error) => self.error(&error),
            }
        }
    }

    /// The end of the bytes, which may be broken.
    fn finish(&mut self, broken: Option<Tail>) {
        while !self.is_decided {
            let next = match &broken {
                Some(tail) => match self.decoder.decode().finish_broken(tail.clone()) {
                    Some(chunk) => Ok(Some(chunk)),
                    None => {
                        self.watch.failed(&Failure::new(tail.kind, tail.message.clone()));
                        break;
                    }
                },
                None => self.decoder.decode().finish(),
            };
            match next {
                Ok(Some(chunk)) => self.chunk(&chunk),
                Ok(None) => break,
                Err(error) => self.error(&error),
            }
        }
    }

    fn chunk(&mut self, chunk: &Chunk) {
        if let Chunk::Done(done) = chunk {
            self.watch.done(done);
            if done.skipped_events == 0 {
                self.watch.complete();
                self.is_told = true;
            }
            self.is_decided = true;
        }
    }

    fn error(&mut self, error: &StreamError) {
        self.watch.failed(&Failure::from(error));
        // Of what is in no known dialect, such as a model's own JSON, nothing can be proven.
        self.is_told |= matches!(error.kind(), ErrorKind::Exception | ErrorKind::Dialect);
        self.is_decided |= error.is_final();
    }
}

impl Decoder {
    fn decode(&mut self) -> &mut dyn Decode {
        match self {
            Self::Converse(decoder) => &mut **decoder,
            Self::Invoke(decoder) => &mut **decoder,
        }
    }
}

/// How many frames without data are read in one poll.
const MAX_FRAMES_PER_POLL: u32 = 128;
