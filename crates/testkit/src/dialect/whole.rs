use bedrock_stream_core::answer::{Chunk, Decode, Error, Exception, ResponseBuilder};
use bedrock_stream_dialects::encode::Failure;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};

use super::carrier::Carrier;
use super::native;
use super::stream::{Target, invocation_metrics};
use super::vendor::Vendor;

/// An answer that does not stream.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) body: String,
    /// The values for the headers of `InvokeModel`: input tokens, output tokens, milliseconds.
    pub(crate) counts: [u64; 3],
}

/// Why there is no complete answer.
#[derive(Debug)]
pub(crate) enum NotWhole {
    Exception(Box<Exception>),
    Other(String),
}

impl Target<'_> {
    /// Writes the answer of a stream, whose bytes may be damaged, as one JSON object.
    pub(crate) fn whole(&self, stream: &[u8]) -> Result<Whole, NotWhole> {
        self.whole_of(&match self.carrier {
            Carrier::Sse(dialect) => decode(SseDecoder::new(Some(dialect)), stream),
            Carrier::EventStream => decode(InvokeDecoder::new(Some(self.dialect)), stream),
        }?)
    }

    /// Writes the chunks of a whole answer as one JSON object.
    pub(crate) fn whole_of(&self, chunks: &[Chunk]) -> Result<Whole, NotWhole> {
        let failed = |failure: Failure| NotWhole::Other(failure.message().to_owned());
        let body = match self.dialect {
            Dialect::Chat if self.vendor != Some(Vendor::DeepSeek) => {
                self.chat_encoder().whole(chunks).map_err(failed)?
            }
            Dialect::Messages => self.messages_encoder().whole(chunks).map_err(failed)?,
            Dialect::Responses => self.responses_encoder().whole(chunks).map_err(failed)?,
            dialect => {
                let mut builder = ResponseBuilder::new();
                chunks.iter().for_each(|chunk| builder.push(chunk));
                native::whole(dialect, &builder.into_partial(), self.asked.is_chat).to_string()
            }
        };
        let mut counts = [0; 3];
        if let Some(Chunk::Done(done)) = chunks.last() {
            let metrics = invocation_metrics(done);
            counts = ["inputTokenCount", "outputTokenCount", "invocationLatency"]
                .map(|name| metrics[name].as_u64().unwrap_or(0));
        }
        Ok(Whole { body, counts })
    }
}

fn decode(mut decoder: impl Decode, mut stream: &[u8]) -> Result<Vec<Chunk>, NotWhole> {
    let mut chunks = Vec::new();
    loop {
        let next = match decoder.next_from(&mut stream) {
            Ok(None) => decoder.finish(),
            next => next,
        };
        match next {
            Ok(Some(chunk)) => chunks.push(chunk),
            Ok(None) => return Ok(chunks),
            Err(Error::Exception(exception)) => return Err(NotWhole::Exception(exception)),
            Err(error) if error.is_final() => return Err(NotWhole::Other(error.to_string())),
            // Skipped events are counted in the last chunk, and make the answer incomplete.
            Err(_) => {}
        }
    }
}
