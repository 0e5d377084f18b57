use bedrock_stream_core::answer::{Chunk, Decode, Done, Error, Tail, UnknownDialect};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::frame::{Message, MessageKind};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};

use crate::agent_decoder::AgentDecoder;
use crate::carrier::Carrier;
use crate::chunk_event::ChunkEvent;
use crate::converse_event::is_converse_event;
use crate::dialect::From;

/// Decodes an answer in any dialect, including one that must be detected from its messages.
///
/// The caller also splits the stream: [`observe`](Self::observe) each message, and then [`push`](Self::push) its bytes.
#[derive(Debug)]
pub(crate) struct AnswerDecoder {
    state: State,
}

#[derive(Debug)]
enum State {
    /// The dialect has not been detected yet: each candidate decodes the bytes.
    Undecided {
        converse: Box<ChunkDecoder>,
        invoke: Box<InvokeDecoder>,
        events: u64,
        /// Whether the last message was a `chunk` whose content is not JSON: an agent's text, or the damaged payload of a
        /// model. The next message decides, and until then nothing is shown.
        is_held: bool,
    },
    Converse(Box<ChunkDecoder>),
    Invoke(Box<InvokeDecoder>),
    Agent(Box<AgentDecoder>),
    Sse(Box<SseDecoder>),
}

impl AnswerDecoder {
    pub(crate) fn new(carrier: Carrier, from: From) -> Self {
        let dialect = match from {
            From::Chat => Some(Dialect::Chat),
            From::Responses => Some(Dialect::Responses),
            From::Messages => Some(Dialect::Messages),
            From::Auto | From::Converse | From::Invoke | From::Agent => None,
        };
        let state = match (carrier, from) {
            (Carrier::ServerSentEvents, _) => State::Sse(Box::new(SseDecoder::new(dialect))),
            (Carrier::EventStream, From::Auto) => State::Undecided {
                converse: Box::default(),
                invoke: Box::new(InvokeDecoder::new(None)),
                events: 0,
                is_held: false,
            },
            (Carrier::EventStream, From::Converse) => State::Converse(Box::default()),
            (Carrier::EventStream, From::Agent) => {
                State::Agent(Box::new(AgentDecoder::new(ChunkDecoder::new())))
            }
            (Carrier::EventStream, _) => State::Invoke(Box::new(InvokeDecoder::new(dialect))),
        };
        Self { state }
    }

    /// Detects the dialect from the next message of an event stream, if it is not known yet.
    pub(crate) fn observe(&mut self, message: &Message<'_>) {
        let State::Undecided { converse, invoke, events, is_held } = &mut self.state else { return };
        let chunk = ChunkEvent::of(message);
        if *is_held {
            // An agent may write JSON too, but not a model's payload.
            let is_models = chunk.is_some_and(|chunk| chunk.dialect().is_some());
            self.state = if is_models {
                State::Invoke(std::mem::replace(invoke, Box::new(InvokeDecoder::new(None))))
            } else {
                State::Agent(Box::new(AgentDecoder::new(std::mem::take(converse))))
            };
        } else if is_converse_event(message) {
            self.state = State::Converse(std::mem::take(converse));
        } else if let Some(chunk) = chunk {
            if chunk.is_agents() {
                *is_held = true;
            } else {
                self.state = State::Invoke(std::mem::replace(invoke, Box::new(InvokeDecoder::new(None))));
            }
        } else if let Ok(MessageKind::Event { .. }) = message.envelope().map(|envelope| envelope.kind) {
            *events += 1;
        }
    }

    /// Adds the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Undecided { converse, invoke, is_held: true, .. } => {
                converse.push(bytes);
                invoke.push(bytes);
            }
            State::Undecided { converse, invoke, .. } => {
                converse.push(bytes);
                invoke.push(bytes);
                // Until it is known, the other decoder's chunks are shown, which are the same.
                loop {
                    match invoke.next_chunk() {
                        Ok(None) => break,
                        Err(error) if error.is_final() => break,
                        Ok(Some(_)) | Err(_) => {}
                    }
                }
            }
            _ => self.decoder_mut().push(bytes),
        }
    }

    /// Returns the next chunk of the bytes that were pushed.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        if self.is_holding() {
            return Ok(None);
        }
        self.decoder_mut().next_from(&mut &[][..])
    }

    /// Ends the stream here.
    pub(crate) fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        self.release();
        let chunk = self.decoder_mut().finish();
        match (&self.state, chunk) {
            (State::Undecided { events, .. }, Err(Error::Incomplete(_))) if *events > 0 => {
                Err(UnknownDialect::new(*events, &CHOICES).into())
            }
            (State::Sse(_), Err(Error::UnknownDialect(unknown))) => {
                Err(UnknownDialect::new(unknown.payloads, &CHOICES_OF_SSE).into())
            }
            (_, chunk) => chunk,
        }
    }

    /// Ends the stream here because it broke.
    pub(crate) fn finish_broken(&mut self, tail: Tail) -> Option<Chunk> {
        self.release();
        self.decoder_mut().finish_broken(tail)
    }

    /// Whether the last message is held back until the next one tells what it is.
    pub(crate) const fn is_holding(&self) -> bool {
        matches!(self.state, State::Undecided { is_held: true, .. })
    }

    /// Takes a message that was held back for an agent's, since no other follows.
    fn release(&mut self) {
        if let State::Undecided { converse, is_held: true, .. } = &mut self.state {
            self.state = State::Agent(Box::new(AgentDecoder::new(std::mem::take(converse))));
        }
    }

    /// Whether the answer is proven complete, while its end is still to come.
    pub(crate) fn is_stopped(&self) -> bool {
        self.decoder().is_stopped()
    }

    /// Whether the answer is over.
    pub(crate) fn is_done(&self) -> bool {
        self.decoder().is_done()
    }

    /// What the stream has reported so far about how the answer ends.
    pub(crate) fn ending(&self) -> Done {
        self.decoder().ending()
    }

    /// Whether `chunk` events carry the payloads of the answer.
    pub(crate) const fn has_payloads_in_chunks(&self) -> bool {
        matches!(self.state, State::Invoke(_))
    }

    /// Whether it is known to be a model's answer. Nothing in an agent's stream proves its end.
    pub(crate) fn is_answer(&self) -> bool {
        match &self.state {
            State::Undecided { .. } | State::Agent(_) => false,
            State::Converse(_) | State::Invoke(_) => true,
            State::Sse(decoder) => decoder.dialect().is_some(),
        }
    }

    /// Whether it is an answer of ConverseStream.
    pub(crate) const fn is_converse(&self) -> bool {
        matches!(self.state, State::Converse(_))
    }

    /// The dialect of the payloads, once it is known; `None` for Converse.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        match &self.state {
            State::Invoke(decoder) => decoder.dialect(),
            State::Sse(decoder) => decoder.dialect(),
            State::Undecided { .. } | State::Converse(_) | State::Agent(_) => None,
        }
    }

    fn decoder(&self) -> &dyn Decode {
        match &self.state {
            State::Undecided { converse, .. } => &**converse,
            State::Converse(decoder) => &**decoder,
            State::Invoke(decoder) => &**decoder,
            State::Agent(decoder) => &**decoder,
            State::Sse(decoder) => &**decoder,
        }
    }

    fn decoder_mut(&mut self) -> &mut dyn Decode {
        match &mut self.state {
            State::Undecided { converse, .. } => &mut **converse,
            State::Converse(decoder) => &mut **decoder,
            State::Invoke(decoder) => &mut **decoder,
            State::Agent(decoder) => &mut **decoder,
            State::Sse(decoder) => &mut **decoder,
        }
    }
}

/// The choices of `--from` for server-sent events.
const CHOICES_OF_SSE: [&str; 3] = ["chat", "responses", "messages"];
/// All choices of `--from`.
const CHOICES: [&str; 6] = ["converse", "invoke", "chat", "responses", "messages", "agent"];
