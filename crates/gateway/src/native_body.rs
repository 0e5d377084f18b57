use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, Done};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_core::json::Fields;
use bedrock_stream_dialects::SseDecoder;
use bedrock_stream_dialects::encode::Failure;
use bedrock_stream_dialects::request::ToolNames;
use bedrock_stream_http::{BoxBody, ChunkStream, Error, Received};
use bytes::Bytes;
use tokio::time::{Instant, Sleep};

use crate::api::Api;
use crate::encoder::{Asked, Encoder};
use crate::native_events::NativeEvents;
use crate::opened::is_content;
use crate::problem::{Problem, failure};
use crate::torn::Torn;
use crate::watch::Watch;

/// An answer in the client's own dialect on its way to the client: Bedrock's events, unchanged, while a decoder watches them. If
/// it does not end with its proof, the dialect's error event is written in place of its end. Dropping it cancels the request to
/// Bedrock.
#[derive(Debug)]
pub(crate) struct NativeBody {
    /// `None` once the answer has ended.
    chunks: Option<ChunkStream<BoxBody, SseDecoder>>,
    events: NativeEvents,
    asked: Asked,
    watch: Watch,
    has_content: bool,
    /// What ended the answer, if it is not complete.
    problem: Option<Problem>,
    /// How many bytes may be held back.
    max_held: usize,
    keep_alive: Pin<Box<Sleep>>,
    keep_alive_after: Duration,
}

impl NativeBody {
    pub(crate) fn new(
        chunks: ChunkStream<BoxBody, SseDecoder>,
        api: Api,
        watch: Watch,
        max_held: usize,
        keep_alive: Duration,
    ) -> Self {
        Self {
            chunks: Some(chunks),
            events: NativeEvents::new(api),
            asked: Asked {
                api,
                name: String::new(),
                includes_usage: false,
                members: Fields::new(),
                tools: ToolNames::default(),
                is_cache_in_input: false,
            },
            watch,
            has_content: false,
            problem: None,
            max_held,
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

    /// Waits for the first piece of content, so that what fails before it can be an HTTP error; no longer than this.
    pub(crate) async fn begin(&mut self, wait: Duration) -> Result<(), Problem> {
        let begun = poll_fn(|cx| {
            while !self.has_content && self.chunks.is_some() {
                if self.poll_read(cx).is_pending() {
                    return Poll::Pending;
                }
            }
            Poll::Ready(())
        });
        // What was read when the time is over stays.
        let _ = tokio::time::timeout(wait, begun).await;
        match self.problem.take() {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }

    pub(crate) fn into_watch(self) -> Watch {
        self.watch
    }

    /// The next bytes.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Torn>>> {
        while self.events.out.len() < MAX_PIECE && self.chunks.is_some() {
            if self.poll_read(cx).is_pending() {
                break;
            }
        }
        if self.events.out.is_empty() && self.chunks.is_some() {
            if self.keep_alive.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            Encoder::new(&self.asked, "", Limits::default()).stream().keep_alive(&mut self.events.out);
        }
        if self.events.out.is_empty() {
            return Poll::Ready(None);
        }
        self.keep_alive.as_mut().reset(Instant::now() + self.keep_alive_after);
        // Registers the timer again.
        let _ = self.keep_alive.as_mut().poll(cx);
        Poll::Ready(Some(Ok(Bytes::from(std::mem::take(&mut self.events.out)))))
    }

    /// Reads on, up to the next chunk.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self { chunks: Some(chunks), events, .. } = self else { return Poll::Ready(()) };
        let mut has_read = false;
        let item = chunks.poll_next_inspect(cx, |received| {
            if let Received::Message(data) = received {
                events.read(data);
                has_read = true;
            }
        });
        // An event that could not be used would break the client's reader before the error could. There may be more in one of
        // which a chunk was read.
        let may_fail = match &item {
            Poll::Pending => false,
            Poll::Ready(Some(Err(error))) => has_read || !error.is_final(),
            Poll::Ready(_) => true,
        };
        if events.has_fresh() {
            events.settle(chunks.raw_stop_reason().is_some(), may_fail);
        }
        let has_ended = matches!(&item, Poll::Ready(Some(Ok(Chunk::Done(_)))));
        if events.held() > self.max_held && !has_ended {
            let message = format!("the end of the answer is longer than {} bytes", self.max_held);
            let failure = Failure::new(ErrorKind::TooLong, message);
            self.fail(Problem { is_settled: true, ..Problem::of(failure) });
            return Poll::Ready(());
        }
        item.map(|item| self.item(item))
    }

    fn item(&mut self, item: Option<Result<Chunk, Error>>) {
        match item {
            Some(Ok(Chunk::Done(done))) => self.done(&done),
            Some(Ok(chunk)) => {
                if !self.has_content && is_content(&chunk) {
                    self.has_content = true;
                    self.watch.first_content();
                }
            }
            Some(Err(error)) if error.is_final() => self.fail(Problem::in_answer(&error)),
            // What was skipped is missing from the answer, whatever still comes.
            Some(Err(error)) => {
                self.fail(Problem::of(failure(&error).into_final()));
            }
            // A stream ends with `Done` or an error.
            None => self.fail(Problem::of(Failure::new(ErrorKind::Incomplete, "the answer has no end"))),
        }
    }

    fn done(&mut self, done: &Done) {
        self.watch.done(done);
        self.events.complete();
        self.watch.complete();
        if let Some(mut chunks) = self.chunks.take() {
            // Lets the connection to Bedrock be used again, and does not wait for that.
            tokio::spawn(async move { while chunks.next().await.is_some() {} });
        }
    }

    fn fail(&mut self, problem: Problem) {
        self.chunks = None;
        self.events.fail(&problem.failure, &self.asked, self.watch.error_id());
        self.watch.failed(&problem.failure);
        self.problem = Some(problem);
    }
}

/// How much is written at once when events arrive faster than they are sent.
const MAX_PIECE: usize = 16 * 1024;
