//! What a correct client must conclude from a fault in each dialect.

use bedrock_stream_core::converse::Event;
use bedrock_stream_dialects::Dialect;
use serde_json::Value;

use super::{EventType, ExceptionKind, Fault, InjectionPoint, SseDamage};
use crate::conclusion::Conclusion;
use crate::dialect::{Carrier, ErrorShape, Vendor};
use crate::event;
use crate::server::{Operation, ReceivedRequest};

impl Fault {
    /// What a correct client must conclude if this is the only fault, in an answer with reasoning, text and a tool call that this
    /// operation streams from this model. Several if a dialect's error has two names: its code and its type.
    ///
    /// Some models take two kinds of request and answer each in a format of its own: Mistral's, and Claude 2 and older. This is
    /// about their conversations; [`conclusions_for`](Self::conclusions_for) is about a given request.
    ///
    /// None if the fault changes nothing there, such as a missing `[DONE]` in Messages; if the change cannot be noticed, such as a
    /// wrong letter where nothing has a checksum; or if the operation does not stream.
    #[must_use]
    pub fn conclusions_in(self, operation: Operation, model_id: &str) -> Vec<Conclusion> {
        self.conclusions_of(Stream::of(operation, model_id, None))
    }

    /// What a correct client must conclude if this is the only fault in the streamed answer to this request. None as in
    /// [`conclusions_in`](Self::conclusions_in), and if the request does not ask for a stream.
    #[must_use]
    pub fn conclusions_for(self, request: &ReceivedRequest) -> Vec<Conclusion> {
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        let model_id = request.model_id.as_deref().unwrap_or_default();
        let stream = request.operation.and_then(|operation| Stream::of(operation, model_id, Some(&body)));
        self.conclusions_of(stream)
    }

    fn conclusions_of(self, stream: Option<Stream>) -> Vec<Conclusion> {
        match stream {
            Some(stream) if stream.tells(self) => stream.conclusions(self),
            _ => Vec::new(),
        }
    }
}

/// The format in which an answer streams.
struct Stream {
    carrier: Carrier,
    /// None: ConverseStream's.
    dialect: Option<Dialect>,
    /// Whether its usage comes in a message of its own.
    has_metadata: bool,
    /// Whether nothing comes after that message.
    ends_with_metadata: bool,
    /// Whether it is only text: each payload is a piece of it, and the last one says why the model stopped.
    is_text: bool,
}

impl Stream {
    /// `request`: the body, if it is known.
    fn of(operation: Operation, model_id: &str, request: Option<&Value>) -> Option<Self> {
        let event_stream = |dialect| Self {
            carrier: Carrier::EventStream,
            dialect,
            has_metadata: true,
            ends_with_metadata: true,
            is_text: false,
        };
        Some(match operation {
            Operation::ConverseStream => event_stream(None),
            Operation::InvokeModelWithResponseStream => {
                let vendor = Vendor::of(model_id)?;
                let dialect = vendor.answers_in(request);
                let is_text = match dialect {
                    Dialect::Chat => vendor == Vendor::DeepSeek,
                    Dialect::Messages | Dialect::Nova => false,
                    _ => true,
                };
                let has_metadata = !is_text && dialect != Dialect::Messages;
                // Jamba's invocation metrics come in a payload of their own.
                let ends_with_metadata = vendor != Vendor::Jamba;
                Self { has_metadata, ends_with_metadata, is_text, ..event_stream(Some(dialect)) }
            }
            Operation::ChatCompletions | Operation::Responses | Operation::Messages => {
                let dialect = operation.dialect()?;
                if request.is_some_and(|request| request["stream"] != true) {
                    return None;
                }
                // Chat Completions' usage has to be asked for.
                let has_metadata = dialect == Dialect::Chat
                    && request.is_none_or(|request| request["stream_options"]["include_usage"] == true);
                let carrier = Carrier::Sse(dialect);
                Self { carrier, has_metadata, ends_with_metadata: false, ..event_stream(Some(dialect)) }
            }
            _ => return None,
        })
    }

    /// Whether the fault changes anything, and whether the change can be noticed.
    fn tells(&self, fault: Fault) -> bool {
        let has_events = self.carrier != Carrier::EventStream;
        match fault {
            Fault::FlipBit { .. } | Fault::WrongLength | Fault::HugeLength => !has_events,
            Fault::Sse(SseDamage::NoDone | SseDamage::DoneEarly) => {
                has_events && self.dialect == Some(Dialect::Chat)
            }
            // The chunks of Chat Completions have no names.
            Fault::Sse(SseDamage::DataOnly | SseDamage::DataFirst) => {
                has_events && self.dialect != Some(Dialect::Chat)
            }
            Fault::Sse(_) => has_events,
            Fault::Repeat(event_type) | Fault::Drop(event_type) => self.has(event_type),
            Fault::Swap(EventType::MessageStop) => self.has_metadata || self.ends_with_done(),
            Fault::Swap(EventType::Metadata) => self.has_metadata && !self.ends_with_metadata,
            Fault::Swap(event_type) => self.has(event_type),
            _ => true,
        }
    }

    /// Whether the answer has such a message.
    fn has(&self, event_type: EventType) -> bool {
        match event_type {
            EventType::Delta | EventType::MessageStop => true,
            EventType::Metadata => self.has_metadata,
            EventType::BlockStop => !self.is_text && self.dialect != Some(Dialect::Chat),
            EventType::MessageStart | EventType::BlockStart => !self.is_text,
        }
    }

    fn conclusions(&self, fault: Fault) -> Vec<Conclusion> {
        let has_events = self.carrier != Carrier::EventStream;
        let one = match fault {
            Fault::Exception => return self.raised(ExceptionKind::Throttling, InjectionPoint::Middle),
            Fault::Raise { exception, at } => return self.raised(exception, at),
            Fault::UnmodeledError { at } => return self.failed(at, || fault.conclusion(), || INTERNAL),
            Fault::BadCrc if has_events => Conclusion::Skipped,
            // No line of the page is a field of an event, so the stream ends without one.
            Fault::HtmlBody if has_events => Conclusion::Incomplete,
            Fault::Repeat(event_type) | Fault::Drop(event_type) | Fault::Swap(event_type) => {
                self.rearranged(fault, event_type)
            }
            fault => fault.conclusion(),
        };
        vec![one]
    }

    fn raised(&self, exception: ExceptionKind, at: InjectionPoint) -> Vec<Conclusion> {
        let conclusion = || Fault::Raise { exception, at }.conclusion();
        self.failed(at, conclusion, || match event::exception(exception.name(), "") {
            Event::Exception(exception) => exception.http_status().unwrap_or(INTERNAL),
            _ => INTERNAL,
        })
    }

    /// What an error there means. `in_messages`: in an event stream; server-sent events name it after its status.
    fn failed(
        &self,
        at: InjectionPoint,
        in_messages: impl FnOnce() -> Conclusion,
        status: impl FnOnce() -> u16,
    ) -> Vec<Conclusion> {
        let is_over = match at {
            InjectionPoint::After => true,
            InjectionPoint::Stopped => self.ends_with_proof(),
            _ => false,
        };
        match self.carrier {
            _ if is_over => vec![Conclusion::Complete],
            Carrier::EventStream => vec![in_messages()],
            Carrier::Sse(dialect) => {
                let error = ErrorShape::of(dialect).body(status(), "", None);
                let names = ["code", "type"].into_iter().filter_map(|name| error["error"][name].as_str());
                names.map(|name| Conclusion::Exception { name: name.to_owned() }).collect()
            }
        }
    }

    /// Whether a client waits for nothing more once the answer is proven complete.
    fn ends_with_proof(&self) -> bool {
        !self.has_metadata && !self.ends_with_done()
    }

    /// Whether `[DONE]` comes last.
    fn ends_with_done(&self) -> bool {
        self.carrier == Carrier::Sse(Dialect::Chat)
    }

    fn rearranged(&self, fault: Fault, event_type: EventType) -> Conclusion {
        match (fault, event_type, self.dialect) {
            // A second start changes nothing if there was no content in between, and neither does a second proof. ConverseStream
            // promises one of each, so there the second is reported as out of order.
            (Fault::Repeat(_), EventType::MessageStart | EventType::MessageStop, Some(_)) => {
                Conclusion::Complete
            }
            // A start after content begins another message. As server-sent events, Messages has a ping in between.
            (Fault::Swap(_), EventType::MessageStart, Some(Dialect::Messages | Dialect::Nova))
                if self.carrier == Carrier::EventStream =>
            {
                Conclusion::Skipped
            }
            // After `[DONE]` nothing is read.
            (Fault::Swap(_), EventType::MessageStop, Some(Dialect::Chat)) if !self.has_metadata => {
                Conclusion::Incomplete
            }
            // The end of an item repeats all of it, so a call without its start is not lost.
            (Fault::Drop(_) | Fault::Swap(_), EventType::BlockStart, Some(Dialect::Responses)) => {
                Conclusion::Complete
            }
            // The end of a text repeats all of it, too, so it tells that the pieces before it were another.
            (_, EventType::Delta, Some(Dialect::Responses)) => Conclusion::Skipped,
            _ => fault.conclusion(),
        }
    }
}

/// The status of an error that has none of its own.
const INTERNAL: u16 = 500;
