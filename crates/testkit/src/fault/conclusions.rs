//! What a correct client must conclude from a fault in each dialect.

use bedrock_stream_core::converse::Event;
use bedrock_stream_dialects::Dialect;

use super::{EventType, ExceptionKind, Fault, InjectionPoint, SseDamage};
use crate::conclusion::Conclusion;
use crate::dialect::{Carrier, ErrorShape, Vendor};
use crate::event;
use crate::server::Operation;

impl Fault {
    /// What a correct client must conclude if this is the only fault, in an answer with reasoning, text and a tool call that this
    /// operation streams from this model. Several if a dialect's error has two names: its code and its type.
    ///
    /// None if the fault changes nothing there, as a missing `[DONE]` in Messages; if nobody can tell, as of a wrong letter where
    /// nothing has a checksum; or if the operation does not stream.
    #[must_use]
    pub fn conclusions_in(self, operation: Operation, model_id: &str) -> Vec<Conclusion> {
        match Stream::of(operation, model_id) {
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
}

impl Stream {
    fn of(operation: Operation, model_id: &str) -> Option<Self> {
        Some(match operation {
            Operation::ConverseStream => Self { carrier: Carrier::EventStream, dialect: None },
            Operation::InvokeModelWithResponseStream => {
                Self { carrier: Carrier::EventStream, dialect: Some(Vendor::of(model_id)?.dialect()) }
            }
            Operation::ChatCompletions | Operation::Responses | Operation::Messages => {
                let dialect = operation.dialect()?;
                Self { carrier: Carrier::Sse(dialect), dialect: Some(dialect) }
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
            Fault::Repeat(piece) | Fault::Drop(piece) => self.has(piece),
            Fault::Swap(EventType::MessageStop) => self.has(EventType::Metadata),
            Fault::Swap(EventType::Metadata) => has_events && self.has(EventType::Metadata),
            Fault::Swap(piece) => self.has(piece),
            _ => true,
        }
    }

    /// Whether the dialect has such a piece.
    fn has(&self, piece: EventType) -> bool {
        match (piece, self.dialect) {
            (EventType::Delta | EventType::MessageStop, _) | (_, None | Some(Dialect::Nova)) => true,
            (piece, Some(Dialect::Chat)) => piece != EventType::BlockStop,
            (piece, Some(Dialect::Messages | Dialect::Responses)) => piece != EventType::Metadata,
            // Text alone: each payload is a piece of it, and the last one says why the model stopped.
            _ => false,
        }
    }

    fn conclusions(&self, fault: Fault) -> Vec<Conclusion> {
        let has_events = self.carrier != Carrier::EventStream;
        let one = match fault {
            Fault::Exception => return self.raised(ExceptionKind::Throttling, InjectionPoint::Middle),
            Fault::Raise { exception, at } => return self.raised(exception, at),
            Fault::UnmodeledError { at } => return self.failed(at, || fault.conclusion(), || INTERNAL),
            Fault::BadCrc if has_events => Conclusion::Skipped,
            // No line of the page is a field, so nothing has come when it ends.
            Fault::HtmlBody if has_events => Conclusion::Incomplete,
            Fault::Repeat(piece) | Fault::Drop(piece) | Fault::Swap(piece) => self.rearranged(fault, piece),
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

    /// What an error there means. `in_messages`: where the carrier is an event stream; server-sent events tell it by what stands
    /// for its status.
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

    /// Whether nothing is waited for once the answer is proven complete.
    fn ends_with_proof(&self) -> bool {
        !self.has(EventType::Metadata)
    }

    fn rearranged(&self, fault: Fault, piece: EventType) -> Conclusion {
        match (fault, piece, self.dialect) {
            // A second start is none where nothing was said since, and a second proof proves nothing new. ConverseStream, which
            // promises one of each, is told that one came out of order.
            (Fault::Repeat(_), EventType::MessageStart | EventType::MessageStop, Some(_)) => {
                Conclusion::Complete
            }
            // The end of an item has all of it once more, so a call without its start is not lost.
            (Fault::Drop(_) | Fault::Swap(_), EventType::BlockStart, Some(Dialect::Responses)) => {
                Conclusion::Complete
            }
            _ => fault.conclusion(),
        }
    }
}

/// What stands for an error without a status of its own.
const INTERNAL: u16 = 500;
