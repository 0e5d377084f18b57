use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use bedrock_stream_core::answer::{Chunk, Error, Tail};
use bedrock_stream_core::frame;
use bedrock_stream_dialects::sse;
use bedrock_stream_reqwest::Error as HttpError;

use crate::answer_decoder::AnswerDecoder;
use crate::carrier::{Carrier, CarrierDetector};
use crate::dialect::From;
use crate::output::{Failure, Output, View};

/// Decodes the bytes of an answer and shows them in a [`View`].
pub(crate) struct AnswerReader {
    from: From,
    detector: CarrierDetector,
    /// `None` until the carrier is known.
    stream: Option<Stream>,
    view: View,
    /// AWS's id of the request, if there was one.
    request_id: Option<Arc<str>>,
    /// Where the current message starts, in bytes from the start of the stream.
    offset: u64,
    is_done: bool,
}

/// The decoder that splits the stream, and the one that decodes the answer in it.
struct Stream {
    messages: Messages,
    answer: AnswerDecoder,
}

enum Messages {
    EventStream(frame::Decoder),
    ServerSentEvents(sse::Decoder),
}

/// The next thing found in the input.
enum Found {
    Message,
    Nothing,
    Damage,
}

impl AnswerReader {
    pub(crate) fn new(view: View, from: From) -> Self {
        Self {
            from,
            detector: CarrierDetector::new(from),
            stream: None,
            view,
            request_id: None,
            offset: 0,
            is_done: false,
        }
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<Arc<str>>) -> Self {
        self.request_id = request_id;
        self
    }

    /// Whether the answer is proven complete, and all of it has arrived.
    pub(crate) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether the answer is proven complete, and its usage may still follow.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| stream.answer.is_stopped())
    }

    /// Decodes the next bytes. `Break`: nothing after them would be shown.
    pub(crate) fn feed(&mut self, bytes: &[u8], out: &mut Output) -> io::Result<ControlFlow<()>> {
        match self.detector.feed(bytes) {
            Some((carrier, bytes)) => self.read(carrier, &bytes, out),
            None => Ok(ControlFlow::Continue(())),
        }
    }

    /// Ends the stream here.
    pub(crate) fn finish(&mut self, out: &mut Output) -> io::Result<()> {
        let (carrier, start) = self.detector.finish();
        if self.read(carrier, &start, out)?.is_break() {
            return Ok(());
        }
        // Its last event may lack the blank line.
        if let Some(Stream { messages: Messages::ServerSentEvents(events), .. }) = &mut self.stream {
            while let Ok(Some(event)) = events.finish() {
                self.offset = event.offset;
                self.view.payload(event.data, out)?;
            }
        }
        while !self.is_done {
            let Some(stream) = &mut self.stream else { return Ok(()) };
            match stream.answer.finish() {
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
        Ok(())
    }

    /// Reports a failure that does not end the stream.
    pub(crate) fn warn(&mut self, failure: Failure, out: &mut Output) -> io::Result<()> {
        self.view.failure(failure, false, out)
    }

    /// The stream breaks off here, which costs at most the usage once the answer is complete.
    pub(crate) fn fail(&mut self, failure: Failure, out: &mut Output) -> io::Result<()> {
        if self.is_done {
            return Ok(());
        }
        if !self.is_stopped() {
            return self.view.failure(failure, true, out);
        }
        self.finish_broken(&failure.into_tail(), out)
    }

    /// Ends the stream here because it broke, after the end of the answer.
    pub(crate) fn finish_broken(&mut self, tail: &Tail, out: &mut Output) -> io::Result<()> {
        while let Some(chunk) =
            self.stream.as_mut().and_then(|stream| stream.answer.finish_broken(tail.clone()))
        {
            self.chunk(&chunk, out)?;
        }
        Ok(())
    }

    /// Splits the bytes into messages, and decodes each before examining the next.
    fn read(&mut self, carrier: Carrier, mut bytes: &[u8], out: &mut Output) -> io::Result<ControlFlow<()>> {
        loop {
            let stream = self.stream.get_or_insert_with(|| Stream::new(carrier, self.from));
            let rest = bytes;
            let (is_holding, offset) = (stream.answer.is_holding(), self.offset);
            let found = stream.next(&mut bytes, &mut self.offset, &self.view, out)?;
            if !self.is_done {
                let used = match found {
                    Found::Damage => rest,
                    Found::Message | Found::Nothing => &rest[..rest.len() - bytes.len()],
                };
                let holds = stream.answer.is_holding();
                if is_holding && !holds {
                    // What was held back is shown as that of the earlier message.
                    let offset = std::mem::replace(&mut self.offset, offset);
                    if self.show_chunks(out)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    self.offset = offset;
                }
                if let Some(stream) = &mut self.stream {
                    stream.answer.push(used);
                }
                if self.show_chunks(out)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            // Events are shown to the end. They change nothing, and neither does damage.
            let is_over = self.is_done && !matches!(self.view, View::Events);
            match found {
                _ if is_over => return Ok(ControlFlow::Break(())),
                Found::Message => {}
                Found::Nothing => return Ok(ControlFlow::Continue(())),
                Found::Damage => return Ok(ControlFlow::Break(())),
            }
        }
    }

    /// Shows the chunks of what was pushed. `Break`: the stream has failed.
    fn show_chunks(&mut self, out: &mut Output) -> io::Result<ControlFlow<()>> {
        while let (Some(stream), false) = (&mut self.stream, self.is_done) {
            match stream.answer.next_chunk() {
                Ok(Some(chunk)) => self.chunk(&chunk, out)?,
                Ok(None) => break,
                Err(error) => {
                    self.error(&error, out)?;
                    if error.is_final() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn error(&mut self, error: &Error, out: &mut Output) -> io::Result<()> {
        let failure = match &self.request_id {
            None => Failure::from(error),
            Some(id) => Failure::from(&HttpError::from(error.clone()).with_request_id(Arc::clone(id))),
        };
        let failure = if error.is_final() { failure } else { failure.with_offset(self.offset) };
        self.view.failure(failure, error.is_final(), out)
    }

    fn chunk(&mut self, chunk: &Chunk, out: &mut Output) -> io::Result<()> {
        self.is_done |= matches!(chunk, Chunk::Done(_));
        self.view.chunk(chunk, out)
    }
}

impl Stream {
    fn new(carrier: Carrier, from: From) -> Self {
        let messages = match carrier {
            Carrier::EventStream => Messages::EventStream(frame::Decoder::new()),
            Carrier::ServerSentEvents => Messages::ServerSentEvents(sse::Decoder::new()),
        };
        Self { messages, answer: AnswerDecoder::new(carrier, from) }
    }

    /// Decodes the next message from the front of `bytes`, shows it, and detects the dialect from it.
    fn next(
        &mut self,
        bytes: &mut &[u8],
        offset: &mut u64,
        view: &View,
        out: &mut Output,
    ) -> io::Result<Found> {
        Ok(match &mut self.messages {
            Messages::EventStream(messages) => {
                let start = messages.offset();
                match messages.next_from(bytes) {
                    Ok(Some(message)) => {
                        *offset = start;
                        self.answer.observe(&message);
                        view.event(&message, self.answer.has_payloads_in_chunks(), out)?;
                        Found::Message
                    }
                    Ok(None) => Found::Nothing,
                    Err(_) => Found::Damage,
                }
            }
            Messages::ServerSentEvents(events) => match events.next_from(bytes) {
                Ok(Some(event)) => {
                    *offset = event.offset;
                    view.payload(event.data, out)?;
                    Found::Message
                }
                Ok(None) => Found::Nothing,
                Err(_) => Found::Damage,
            },
        })
    }
}
