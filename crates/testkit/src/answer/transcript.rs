use bedrock_stream_core::answer::{Chunk, Error, Usage};
use bedrock_stream_core::converse::{Chunker, EncodeEventError, Event, EventEncoder};
use bedrock_stream_core::frame::Message;
use bedrock_stream_dialects::encode::{ConverseEncoder, Encode as _, Failure};

use crate::encoded_message::EncodedMessage;

/// All that an answer says, from which it is written in the dialect that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transcript {
    /// As events of ConverseStream, the last of which may be a failure.
    pub(crate) events: Vec<Event>,
    /// What is read from them. Without the last one, it is incomplete.
    pub(crate) chunks: Vec<Chunk>,
    /// The token counts that a script sets, which an answer with a failure does not come to.
    pub(crate) usage: Option<Usage>,
    /// The seed for the padding of events.
    seed: u64,
}

impl Transcript {
    /// Reads the events of a stream, up to the first failure.
    pub(crate) fn of_events(events: Vec<Event>, seed: u64) -> Self {
        let mut chunker = Chunker::new();
        let mut chunks = Vec::new();
        let mut read = Vec::new();
        for event in events {
            read.push(event.clone());
            if is_failure(&event) {
                return Self { events: read, chunks, usage: None, seed };
            }
            // A script may contain events that no client could use; other dialects cannot represent them.
            let _ = chunker.apply(event);
            while let Some(chunk) = chunker.next_chunk() {
                chunks.push(chunk);
            }
        }
        while let Ok(Some(chunk)) = chunker.finish() {
            chunks.push(chunk);
        }
        Self { events: read, chunks, usage: None, seed }.without_skipped()
    }

    /// Writes chunks of any dialect as events; `failure` is the service's error that came after them.
    pub(crate) fn of_chunks(chunks: Vec<Chunk>, failure: Option<&Error>, seed: u64) -> Self {
        let mut encoder = ConverseEncoder::new();
        let mut bytes = Vec::new();
        for chunk in &chunks {
            encoder.encode(chunk, &mut bytes);
        }
        if let Some(failure) = failure {
            encoder.fail(&Failure::from(failure), &mut bytes);
        }
        let mut events = Vec::new();
        let mut rest = &bytes[..];
        while let Ok(Some((message, after))) = Message::parse(rest) {
            events.extend(Event::decode(&message));
            rest = after;
        }
        Self { events, chunks, usage: None, seed }
    }

    /// The token counts, if there are any.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let done = self.chunks.iter().find_map(|chunk| match chunk {
            Chunk::Done(done) => done.usage.clone(),
            _ => None,
        });
        done.or_else(|| self.usage.clone())
    }

    /// The failure that ends the answer.
    pub(crate) fn failure(&self) -> Option<&Event> {
        self.events.last().filter(|event| is_failure(event))
    }

    /// Whether it has the proof that the answer is complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.failure().is_none() && matches!(self.chunks.last(), Some(Chunk::Done(_)))
    }

    /// The messages of ConverseStream, padded as by Bedrock.
    pub(crate) fn encoded_messages(&self) -> Result<Vec<EncodedMessage>, EncodeEventError> {
        let mut encoder = EventEncoder::padded(self.seed);
        self.events.iter().map(|event| EncodedMessage::encode(event, &mut encoder)).collect()
    }

    /// Leaves out of the end how many events were skipped: what they said is in no other dialect, and is not missed there.
    fn without_skipped(mut self) -> Self {
        if let Some(Chunk::Done(done)) = self.chunks.last_mut() {
            done.skipped_events = 0;
        }
        self
    }
}

const fn is_failure(event: &Event) -> bool {
    matches!(event, Event::Exception(_) | Event::Error(_))
}
