use std::time::Instant;
use std::{io, mem};

use bedrock_stream_core::answer::{Chunk, ResponseBuilder};
use bedrock_stream_core::converse::Event;
use bedrock_stream_core::frame::Message;
use bedrock_stream_core::json::Json;

use super::encoded_view::EncodedView;
use super::failure::Failure;
use super::stdout::Output;
use super::stop_note::stop_note;
use super::text_view::{TextFormat, TextView};
use super::timing::Timing;
use crate::chunk_event::ChunkEvent;

/// How an answer is shown.
#[derive(Debug)]
pub(crate) enum View {
    /// One event per line.
    Events,
    /// One chunk per line.
    Chunks,
    /// The whole response, at the end.
    Message(ResponseBuilder),
    /// The answer in another dialect.
    Encoded(Box<EncodedView>),
    /// The text, without failure lines, and why it is not all of the answer; on a terminal also the token counts and, for a live
    /// answer, its speed.
    Text { text: TextView, shows_usage: bool, timing: Option<Timing> },
}

impl View {
    pub(crate) fn text(format: TextFormat) -> Self {
        Self::Text { text: TextView::new(format), shows_usage: format != TextFormat::Plain, timing: None }
    }

    /// Call this when the request is sent.
    pub(crate) fn start(&mut self) {
        if let Self::Text { shows_usage: true, timing, .. } = self {
            *timing = Some(Timing::new(Instant::now()));
        }
    }

    /// Shows the event of a message; `is_payload`: a `chunk` event is shown as the payload that it carries. What cannot be
    /// decoded is reported by the chunk decoder.
    pub(crate) fn event(&self, message: &Message<'_>, is_payload: bool, out: &mut Output) -> io::Result<()> {
        if !matches!(self, Self::Events) {
            return Ok(());
        }
        if is_payload {
            if let Some(payload) = ChunkEvent::of(message).and_then(|chunk| chunk.json()) {
                return out.line(&payload);
            }
        }
        match Event::decode(message) {
            Ok(event) => out.line(&event),
            Err(_) => Ok(()),
        }
    }

    /// Shows the data of a server-sent event, if it is a JSON object.
    pub(crate) fn payload(&self, data: &str, out: &mut Output) -> io::Result<()> {
        match self {
            Self::Events if data.trim_ascii_start().starts_with('{') => match Json::from_text(data) {
                Ok(json) => out.line(&json),
                Err(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    pub(crate) fn chunk(&mut self, chunk: &Chunk, out: &mut Output) -> io::Result<()> {
        self.show(chunk, out)?;
        match (chunk, self) {
            // The JSON of `done` includes the tail.
            (_, Self::Chunks) => Ok(()),
            (Chunk::Done(done), _) => match &done.tail {
                Some(tail) => out.note(&format!("bedrock-stream: {AFTER_THE_END}: {}", tail.message)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn show(&mut self, chunk: &Chunk, out: &mut Output) -> io::Result<()> {
        match self {
            Self::Events => Ok(()),
            Self::Chunks => out.line(chunk),
            Self::Encoded(view) => view.chunk(chunk, out),
            Self::Message(builder) => {
                builder.push(chunk);
                if !builder.is_complete() {
                    return Ok(());
                }
                out.line(&mem::take(builder).into_partial())
            }
            Self::Text { text, shows_usage, timing } => {
                write_text(out, |shown| text.push(chunk, shown))?;
                if let Some(timing) = timing {
                    timing.observe(chunk, Instant::now());
                }
                if let Chunk::Done(done) = chunk {
                    stop_note(&done.stop_reason).map_or(Ok(()), |note| out.note(&note))?;
                }
                match (chunk, timing) {
                    (Chunk::Done(done), Some(timing)) => out.note(&timing.summary(done)),
                    (Chunk::Done(done), None) if *shows_usage && done.usage.is_some() => {
                        out.note(&Timing::token_counts(done))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// Reports a failure. A final one includes what had arrived of the response.
    pub(crate) fn failure(&mut self, failure: Failure, is_final: bool, out: &mut Output) -> io::Result<()> {
        match self {
            Self::Message(builder) if is_final => {
                out.failure(&failure.with_partial(&mem::take(builder).into_partial()))
            }
            Self::Text { text, .. } => {
                write_text(out, |shown| text.end_line(shown))?;
                out.failure_to_stderr(&failure)
            }
            Self::Message(builder) => {
                builder.skip();
                out.failure(&failure)
            }
            Self::Encoded(view) => {
                view.failure(&failure.for_client(), out)?;
                out.failure_to_stderr(&failure)
            }
            _ => out.failure(&failure),
        }
    }
}

const AFTER_THE_END: &str = "the answer is complete, but the stream broke after it";

fn write_text(out: &mut Output, write: impl FnOnce(&mut String)) -> io::Result<()> {
    let mut text = String::new();
    write(&mut text);
    out.write(|buffer| {
        buffer.extend_from_slice(text.as_bytes());
        Ok(())
    })
}
