use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_stream_core::answer::{Chunk, ChunkRef};
use bedrock_stream_dialects::encode::Encode;
use bedrock_stream_http::{BoxBody, ChunkStream, Error};
use bytes::Bytes;
use tokio::time::{Instant, Sleep};

use crate::encoder::Encoder;
use crate::opened::{Opened, is_content};
use crate::problem::failure;
use crate::restore::Restore;
use crate::torn::Torn;
use crate::watch::Watch;

/// An answer on its way to the client: what is read of Bedrock's is written in the client's dialect, when the client's connection
/// has room for it. Dropping it cancels the request to Bedrock.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    /// The chunks that were read before the response began.
    read: VecDeque<Result<Chunk, Error>>,
    /// `None` once the answer has ended.
    chunks: Option<ChunkStream<BoxBody>>,
    restore: Restore,
    encoder: Encoder,
    watch: Watch,
    out: Vec<u8>,
    /// The length of the bytes that were returned last: the next are probably as long, and need not grow step by step.
    last_len: usize,
    has_content: bool,
    keep_alive: Pin<Box<Sleep>>,
    keep_alive_after: Duration,
}

/// What a chunk is written with.
struct Writer<'a> {
    restore: &'a mut Restore,
    encoder: &'a mut dyn Encode,
    watch: &'a mut Watch,
    out: &'a mut Vec<u8>,
    /// How much is reserved for the first bytes.
    out_capacity: usize,
    has_content: &'a mut bool,
}

impl Writer<'_> {
    fn write(&mut self, chunk: ChunkRef<'_>) {
        if self.encoder.is_ended() {
            return;
        }
        let is_content = match &chunk {
            ChunkRef::Owned(chunk) => is_content(chunk),
            _ => true,
        };
        if is_content && !*self.has_content {
            *self.has_content = true;
            self.watch.first_content();
        }
        if let ChunkRef::Owned(Chunk::Done(done)) = &chunk {
            self.watch.done(done);
        }
        if let Some(chunk) = self.restore.chunk_ref(chunk) {
            if self.out.is_empty() {
                self.out.reserve(self.out_capacity);
            }
            self.encoder.encode_ref(&chunk, self.out);
        }
    }
}

impl AnswerBody {
    pub(crate) fn new(
        opened: Opened,
        restore: Restore,
        encoder: Encoder,
        watch: Watch,
        keep_alive: Duration,
    ) -> Self {
        let has_content = opened.has_content();
        if has_content {
            watch.first_content();
        }
        Self {
            read: opened.read.into(),
            chunks: Some(opened.chunks),
            restore,
            encoder,
            watch,
            out: Vec::new(),
            last_len: 0,
            has_content,
            keep_alive: Box::pin(tokio::time::sleep(keep_alive)),
            keep_alive_after: keep_alive,
        }
    }

    pub(crate) const fn watch(&mut self) -> &mut Watch {
        &mut self.watch
    }

    /// Whether the bytes that were returned last were the last ones.
    pub(crate) const fn has_ended(&self) -> bool {
        self.chunks.is_none()
    }

    /// The next bytes. An error breaks the connection, so that the answer does not look complete.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Torn>>> {
        while self.out.len() < MAX_PIECE {
            let Some(chunks) = &mut self.chunks else { break };
            let mut writer = Writer {
                restore: &mut self.restore,
                encoder: self.encoder.stream(),
                watch: &mut self.watch,
                out: &mut self.out,
                out_capacity: self.last_len,
                has_content: &mut self.has_content,
            };
            let read = match self.read.pop_front() {
                Some(item) => Some(item.map(|chunk| writer.write(ChunkRef::Owned(chunk)))),
                // All chunks that came with one read, and no more than one read.
                None => match chunks.poll_for_each_ready(cx, |chunk| writer.write(chunk)) {
                    Poll::Ready(read) => read,
                    Poll::Pending => break,
                },
            };
            self.after(read);
        }
        if !self.out.is_empty() {
            self.last_len = self.out.len().min(2 * MAX_PIECE);
            self.keep_alive.as_mut().reset(Instant::now() + self.keep_alive_after);
            return Poll::Ready(Some(Ok(Bytes::from(std::mem::take(&mut self.out)))));
        }
        if self.chunks.is_none() {
            let is_told = self.encoder.stream().is_ended();
            return Poll::Ready(if is_told { None } else { Some(Err(Torn)) });
        }
        if self.keep_alive.as_mut().poll(cx).is_ready() {
            self.keep_alive.as_mut().reset(Instant::now() + self.keep_alive_after);
            // Registers the timer again.
            let _ = self.keep_alive.as_mut().poll(cx);
            self.encoder.stream().keep_alive(&mut self.out);
            return Poll::Ready(Some(Ok(Bytes::from(std::mem::take(&mut self.out)))));
        }
        Poll::Pending
    }

    /// Writes what follows the chunks of a read: nothing, an error, or the end of the stream.
    fn after(&mut self, read: Option<Result<(), Error>>) {
        let encoder = self.encoder.stream();
        match read {
            Some(Ok(())) => {}
            Some(Err(error)) => encoder.fail(&failure(&error), &mut self.out),
            None => encoder.finish(&mut self.out),
        }
        if encoder.is_ended() {
            match encoder.failure() {
                Some(failure) => self.watch.failed(failure),
                None => self.watch.complete(),
            }
            self.watch.left_out(encoder.left_out());
            self.end();
        }
    }

    /// Lets the connection to Bedrock be used again, if it is at its end, and does not wait for that.
    fn end(&mut self) {
        if let Some(mut chunks) = self.chunks.take() {
            if self.encoder.stream().failure().is_none() {
                tokio::spawn(async move { while chunks.next().await.is_some() {} });
            }
        }
    }
}

/// How much is written at once when chunks arrive faster than they are sent.
const MAX_PIECE: usize = 16 * 1024;
