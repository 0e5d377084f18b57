use bedrock_stream_core::converse::Event;
use bedrock_stream_core::frame;
use bedrock_stream_dialects::sse;
use bedrock_stream_testkit::ArrivalTimes;

use super::outcome::{no_chunk_reason, no_chunk_reason_of_payload};
use super::row::Row;
use super::stream_error::StreamError;
use super::stream_state::StreamState;
use super::summary::Summary;
use crate::answer_decoder::AnswerDecoder;
use crate::carrier::{Carrier, CarrierDetector};
use crate::dialect::From;

/// Bytes in, rows out: explains a stream of any service, or server-sent events, and summarizes it at the end.
#[derive(Debug)]
pub(crate) struct Inspector {
    detector: CarrierDetector,
    /// `None` until the carrier is known.
    splitter: Option<Splitter>,
    state: StreamState,
}

/// The decoder that splits the stream.
#[derive(Debug)]
enum Splitter {
    EventStream(frame::Decoder),
    ServerSentEvents {
        events: sse::Decoder,
        /// Whether the input has ended.
        is_ended: bool,
    },
}

impl Inspector {
    /// `times`: the arrival times, if known.
    pub(crate) fn new(times: Option<ArrivalTimes>) -> Self {
        Self { detector: CarrierDetector::new(From::Auto), splitter: None, state: StreamState::new(times) }
    }

    /// Adds the next bytes of the stream. After damage, only as many are kept as a diagnosis needs.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let state = &mut self.state;
        state.input += bytes.len() as u64;
        let kept = if state.damaged.is_some() {
            MAX_SEARCHED.saturating_sub(state.recent.len())
        } else {
            usize::MAX
        };
        state.recent.extend_from_slice(&bytes[..bytes.len().min(kept)]);
        if let Some((carrier, bytes)) = self.detector.feed(bytes) {
            self.split(carrier, &bytes);
        }
    }

    /// Marks the end of the input. Rows may remain.
    pub(crate) fn end_input(&mut self) {
        let (carrier, start) = self.detector.finish();
        self.split(carrier, &start);
        if let Some(Splitter::ServerSentEvents { is_ended, .. }) = &mut self.splitter {
            *is_ended = true;
        }
    }

    /// Whether more bytes would add information.
    pub(crate) fn wants_more(&self) -> bool {
        self.state.damaged.is_none() || self.state.recent.len() < MAX_SEARCHED
    }

    /// The next message or event. `None`: push more bytes.
    pub(crate) fn next_row(&mut self) -> Option<Row<'_>> {
        let state = &mut self.state;
        if state.damaged.is_some() {
            return None;
        }
        match self.splitter.as_mut()? {
            Splitter::EventStream(messages) => {
                let offset = messages.offset();
                let message = match messages.next_message() {
                    Ok(message) => message?,
                    Err(error) => {
                        state.damaged = Some(StreamError::Message(error));
                        return None;
                    }
                };
                let mut row = Row::new(message, state.messages, offset);
                state.answer.observe(&message);
                let is_converse = state.answer.is_converse();
                let payload_name = row.payload_name.clone().unwrap_or_default();
                let reason = || match Event::decode(&message) {
                    Ok(event) if is_converse => no_chunk_reason(&event),
                    _ => no_chunk_reason_of_payload(&payload_name),
                };
                state.row(&mut row, offset + message.as_bytes().len() as u64, message.as_bytes(), reason);
                Some(row)
            }
            Splitter::ServerSentEvents { events, is_ended } => {
                let found = match events.next_event() {
                    Ok(None) if *is_ended => events.finish(),
                    found => found,
                };
                let mut row = match found {
                    Ok(event) => Row::of_event(&event?, state.messages),
                    Err(error) => {
                        // The offset of one that is only cut short is not damage yet.
                        let offset = match error {
                            sse::Error::Truncated { offset, .. } => offset,
                            _ => state.end,
                        };
                        state.damaged = Some(StreamError::Event { error, offset });
                        return None;
                    }
                };
                let end = events.offset();
                row.total = usize::try_from(end.saturating_sub(row.offset)).unwrap_or(usize::MAX);
                let mut bytes = state.bytes(state.end, end).to_vec();
                if *is_ended {
                    // The last event may lack the blank line.
                    bytes.extend_from_slice(b"\n\n");
                }
                let name = row.name.clone();
                state.row(&mut row, end, &bytes, || no_chunk_reason_of_payload(&name));
                Some(row)
            }
        }
    }

    /// Ends the stream here.
    pub(crate) fn finish(mut self) -> Summary {
        self.end_input();
        let is_whole = self.wants_more();
        let rest = match &self.splitter {
            Some(Splitter::EventStream(messages)) => messages.finish().err().map(StreamError::Message),
            _ => None,
        };
        self.state.finish(rest, is_whole)
    }

    fn split(&mut self, carrier: Carrier, bytes: &[u8]) {
        let state = &mut self.state;
        let splitter = self.splitter.get_or_insert_with(|| match carrier {
            Carrier::EventStream => Splitter::EventStream(frame::Decoder::new()),
            Carrier::ServerSentEvents => {
                state.carrier = carrier;
                state.answer = AnswerDecoder::new(carrier, From::Auto);
                Splitter::ServerSentEvents { events: sse::Decoder::new(), is_ended: false }
            }
        });
        match splitter {
            Splitter::EventStream(messages) => messages.push(bytes),
            Splitter::ServerSentEvents { events, .. } => events.push(bytes),
        }
    }
}

/// How far to search for the next message, in bytes.
const MAX_SEARCHED: usize = 1 << 20;
