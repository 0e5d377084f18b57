use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use bedrock_stream_core::answer::{Chunk, Error, Tail};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::frame::Decoder;
use bedrock_stream_reqwest::Error as HttpError;

use crate::message_offset::MessageOffset;
use crate::output::{Failure, Output, View};

/// Decodes the bytes of a stream and shows them in a [`View`].
pub(crate) struct AnswerReader {
    decoder: ChunkDecoder,
    view: View,
    /// AWS's id of the request, if there was one.
    request_id: Option<Arc<str>>,
    /// The decoder for what follows the proof of completeness.
    rest: Option<Decoder>,
    offset: MessageOffset,
}

impl AnswerReader {
    pub(crate) fn new(view: View) -> Self {
        Self {
            decoder: ChunkDecoder::new(),
            view,
            request_id: None,
            rest: None,
            offset: MessageOffset::default(),
        }
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<Arc<str>>) -> Self {
        self.request_id = request_id;
        self
    }

    /// Whether the answer is proven complete.
    pub(crate) const fn is_done(&self) -> bool {
        self.rest.is_some()
    }

    /// Whether the answer is proven complete, and its usage may still follow.
    pub(crate) const fn is_stopped(&self) -> bool {
        self.decoder.is_stopped()
    }

    /// Decodes the next bytes. `Break`: nothing after them would be shown.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], out: &mut Output) -> io::Result<ControlFlow<()>> {
        while self.rest.is_none() {
            let mut shown = Ok(());
            let next = self.decoder.next_from_inspecting(&mut bytes, |message| {
                self.offset.advance(message.as_bytes());
                if shown.is_ok() {
                    shown = self.view.event(message, out);
                }
            });
            shown?;
            match next {
                Ok(Some(chunk)) => self.chunk(&chunk, out)?,
                Ok(None) => return Ok(ControlFlow::Continue(())),
                Err(error) => {
                    self.error(&error, out)?;
                    if error.is_final() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
        }
        self.feed_rest(bytes, out)
    }

    /// Ends the stream here.
    pub(crate) fn finish(&mut self, out: &mut Output) -> io::Result<()> {
        loop {
            match self.decoder.finish() {
                Ok(Some(chunk)) => self.chunk(&chunk, out)?,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.error(&error, out)?;
                    if error.is_final() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Reports a failure that does not end the stream.
    pub(crate) fn warn(&mut self, failure: Failure, out: &mut Output) -> io::Result<()> {
        self.view.failure(failure, false, out)
    }

    /// The stream breaks off here, which costs at most the usage once the answer is complete.
    pub(crate) fn fail(&mut self, failure: Failure, out: &mut Output) -> io::Result<()> {
        if self.rest.is_some() {
            return Ok(());
        }
        if !self.decoder.is_stopped() {
            return self.view.failure(failure, true, out);
        }
        self.finish_broken(failure.into_tail(), out)
    }

    /// Ends the stream here because it broke, after the end of the answer.
    pub(crate) fn finish_broken(&mut self, tail: Tail, out: &mut Output) -> io::Result<()> {
        while let Some(chunk) = self.decoder.finish_broken(tail.clone()) {
            self.chunk(&chunk, out)?;
        }
        Ok(())
    }

    fn error(&mut self, error: &Error, out: &mut Output) -> io::Result<()> {
        let failure = match &self.request_id {
            None => Failure::from(error),
            Some(id) => Failure::from(&HttpError::from(error.clone()).with_request_id(Arc::clone(id))),
        };
        let failure = if error.is_final() { failure } else { failure.with_offset(self.offset.last()) };
        self.view.failure(failure, error.is_final(), out)
    }

    fn chunk(&mut self, chunk: &Chunk, out: &mut Output) -> io::Result<()> {
        if let Chunk::Done(_) = chunk {
            self.rest = Some(Decoder::new());
        }
        self.view.chunk(chunk, out)
    }

    /// Shows events after the proof of completeness. They change nothing, and neither does damage.
    fn feed_rest(&mut self, mut bytes: &[u8], out: &mut Output) -> io::Result<ControlFlow<()>> {
        if let (View::Events, Some(rest)) = (&self.view, &mut self.rest) {
            loop {
                match rest.next_from(&mut bytes) {
                    Ok(Some(message)) => self.view.event(&message, out)?,
                    Ok(None) => return Ok(ControlFlow::Continue(())),
                    Err(_) => break,
                }
            }
        }
        Ok(ControlFlow::Break(()))
    }
}
