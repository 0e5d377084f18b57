use std::time::{Duration, Instant};

use bedrock_stream_core::answer::Chunk;
use bedrock_stream_core::converse::Request;
use bedrock_stream_http::{BoxBody, BoxTransport, ChunkStream, Client, Error};

use crate::problem::Problem;

/// An answer that has begun, and the chunks of it that have been read so far.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) chunks: ChunkStream<BoxBody>,
    pub(crate) read: Vec<Result<Chunk, Error>>,
}

impl Opened {
    /// Asks Bedrock, and waits for the first piece of content, so that what fails before it can be an HTTP error: no longer than
    /// `wait` from the head of the answer on, or a little more.
    pub(crate) async fn open(
        client: &Client<BoxTransport>,
        model: &str,
        request: &Request,
        wait: Duration,
    ) -> Result<Self, Problem> {
        let asked = Instant::now();
        let mut chunks = client.converse_stream(model, request).first_event(wait).await?;
        let waited = match chunks.stats().time_to_first_byte {
            Some(first) => asked.elapsed().saturating_sub(first),
            // The first event did not come in time.
            None => wait,
        };
        let mut read = Vec::new();
        let begun = async {
            while let Some(item) = chunks.next().await {
                match item {
                    // The client retried only until the first event.
                    Err(error) if error.is_final() => return Err(Problem::in_answer(&error)),
                    item => {
                        read.push(item);
                        if has_content(&read) {
                            break;
                        }
                    }
                }
            }
            Ok(())
        };
        // `next` loses nothing when it is dropped.
        if let Ok(begun) = tokio::time::timeout(wait.saturating_sub(waited), begun).await {
            begun?;
        }
        Ok(Self { chunks, read })
    }

    /// Whether content has come.
    pub(crate) fn has_content(&self) -> bool {
        has_content(&self.read)
    }
}

/// Whether the last item is content, or an event that was skipped.
fn has_content(read: &[Result<Chunk, Error>]) -> bool {
    read.last().is_some_and(|item| item.as_ref().map_or(true, is_content))
}

/// Whether a chunk is content, or comes after it.
pub(crate) const fn is_content(chunk: &Chunk) -> bool {
    !matches!(chunk, Chunk::Start { .. } | Chunk::BlockStart { .. })
}
