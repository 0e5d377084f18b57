use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Chunk, ChunkRef, Done, ResponseBuilder, Tail};

use crate::client::answer::Answer;
use crate::error::error::Error;
use crate::stream::collect_error::CollectError;
use crate::stream::stream_stats::StreamStats;

/// Collects the items of a [`ChunkStream`](crate::ChunkStream) to a whole answer.
#[derive(Default)]
pub(crate) struct Collector {
    builder: ResponseBuilder,
    /// The final error, or else that of the first skipped event.
    failed: Option<Error>,
    /// Whether anything was read from the answer.
    has_begun: bool,
    tail: Option<Tail>,
}

impl Collector {
    pub(crate) fn push(&mut self, chunk: &ChunkRef<'_>) {
        self.builder.push_ref(chunk);
        self.has_begun = true;
        if let ChunkRef::Owned(Chunk::Done(done)) = chunk {
            self.tail.clone_from(&done.tail);
        }
    }

    pub(crate) fn failed(&mut self, error: Error) {
        if !error.is_final() {
            self.builder.skip();
        }
        // A final error matters more than an event that was skipped before it, but for an answer of which nothing could be read, as by a
        // wrong dialect: that it is incomplete follows, and it would be the next time.
        let follows = error.kind() == ErrorKind::Incomplete && !self.has_begun;
        if self.failed.is_none() || (error.is_final() && !follows) {
            self.failed = Some(error);
        }
    }

    /// The answer, or the error with the partial response. `ending`: what a stream that broke has reported about its end.
    #[expect(clippy::result_large_err, reason = "it is what the public `collect` returns, once per answer")]
    pub(crate) fn finish(
        mut self,
        stats: StreamStats,
        request_id: Option<&str>,
        ending: impl FnOnce() -> Done,
    ) -> Result<Answer, CollectError> {
        match self.failed {
            None => {
                let request_id = request_id.map(str::to_owned);
                Ok(Answer { response: self.builder.into_partial(), stats, request_id, tail: self.tail })
            }
            Some(error) => {
                self.builder.set_ending(ending());
                Err(CollectError { error, partial: Box::new(self.builder.into_partial()), stats })
            }
        }
    }
}
