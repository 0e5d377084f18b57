use std::io;
use std::time::SystemTime;

use bedrock_stream_core::answer::Chunk;
use bedrock_stream_dialects::encode::{
    self, ChatEncoder, ConverseEncoder, Encode, MessagesEncoder, ResponsesEncoder,
};

use super::stdout::Output;
use crate::dialect::To;

/// An answer converted to another dialect, as a stream or as one JSON object.
#[derive(Debug)]
pub(crate) struct EncodedView {
    encoder: Encoder,
    /// All chunks, if the answer is written as one JSON object.
    whole: Option<Vec<Chunk>>,
}

#[derive(Debug)]
enum Encoder {
    Chat(Box<ChatEncoder>),
    Responses(Box<ResponsesEncoder>),
    Messages(Box<MessagesEncoder>),
    Converse(Box<ConverseEncoder>),
}

impl EncodedView {
    pub(crate) fn new(to: To, is_whole: bool) -> Self {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
        let encoder = match to {
            To::Chat => {
                let encoder = ChatEncoder::new("chatcmpl-decoded", MODEL, now).include_usage(true);
                Encoder::Chat(Box::new(encoder))
            }
            To::Responses => Encoder::Responses(Box::new(ResponsesEncoder::new("resp_decoded", MODEL, now))),
            To::Messages => Encoder::Messages(Box::new(MessagesEncoder::new("msg_decoded", MODEL))),
            To::Converse => Encoder::Converse(Box::default()),
        };
        Self { encoder, whole: is_whole.then(Vec::new) }
    }

    pub(super) fn chunk(&mut self, chunk: &Chunk, out: &mut Output) -> io::Result<()> {
        let Some(chunks) = &mut self.whole else {
            let encoder = self.encoder.stream();
            let mut written = Vec::new();
            encoder.encode(chunk, &mut written);
            self.encoder.write(&written, out)?;
            return match self.encoder.stream().failure() {
                Some(failure) => unwritable(failure, out),
                None => Ok(()),
            };
        };
        chunks.push(chunk.clone());
        if !matches!(chunk, Chunk::Done(_)) {
            return Ok(());
        }
        let (error_body, whole) = self.encoder.whole(chunks);
        match whole {
            Ok(json) => out.json_lines(format!("{json}\n").as_bytes()),
            Err(failure) => {
                out.json_lines(format!("{}\n", error_body(&failure)).as_bytes())?;
                unwritable(&failure, out)
            }
        }
    }

    pub(super) fn failure(&mut self, failure: &encode::Failure, out: &mut Output) -> io::Result<()> {
        let encoder = self.encoder.stream();
        let mut written = Vec::new();
        match &self.whole {
            None => {
                encoder.fail(failure, &mut written);
                self.encoder.write(&written, out)
            }
            // Skipped content is missing from a whole answer too, as its `Done` says.
            Some(_) if !failure.is_final() => Ok(()),
            Some(_) => out.json_lines(format!("{}\n", encoder.error_body(failure)).as_bytes()),
        }
    }
}

impl Encoder {
    fn stream(&mut self) -> &mut dyn Encode {
        match self {
            Self::Chat(encoder) => &mut **encoder,
            Self::Responses(encoder) => &mut **encoder,
            Self::Messages(encoder) => &mut **encoder,
            Self::Converse(encoder) => &mut **encoder,
        }
    }

    /// Writes a piece of the stream.
    fn write(&self, bytes: &[u8], out: &mut Output) -> io::Result<()> {
        match self {
            Self::Chat(_) | Self::Responses(_) | Self::Messages(_) => out.json_lines(bytes),
            Self::Converse(_) => out.write(|buffer| {
                buffer.extend_from_slice(bytes);
                Ok(())
            }),
        }
    }

    /// Writes the whole answer, or an error in its place. Nothing can be written afterwards.
    fn whole(&mut self, chunks: &[Chunk]) -> (ErrorBody, Result<String, encode::Failure>) {
        match self {
            Self::Chat(encoder) => {
                (|failure| ChatEncoder::new("", MODEL, 0).error_body(failure), encoder.whole(chunks))
            }
            Self::Responses(encoder) => {
                (|failure| ResponsesEncoder::new("", MODEL, 0).error_body(failure), encoder.whole(chunks))
            }
            Self::Messages(encoder) => {
                (|failure| MessagesEncoder::new("", MODEL).error_body(failure), encoder.whole(chunks))
            }
            Self::Converse(encoder) => {
                (|failure| ConverseEncoder::new().error_body(failure), encoder.whole(chunks))
            }
        }
    }
}

type ErrorBody = fn(&encode::Failure) -> String;

/// The answer is complete, but cannot be written as one JSON object.
fn unwritable(failure: &encode::Failure, out: &mut Output) -> io::Result<()> {
    out.fail();
    out.note(&format!("bedrock-stream: {}", failure.message()))
}

/// The model to name in the output, since streams do not name theirs.
const MODEL: &str = "unknown";
