//! Applies the damage that is specific to server-sent events.

use bedrock_stream_dialects::Dialect;
use bytes::Bytes;

use super::event_type::EventType;
use super::outgoing_body::OutgoingBody;
use super::sse_damage::SseDamage;
use crate::dialect::Carrier;
use crate::encoded_message::EncodedMessage;

impl SseDamage {
    /// Damages the events of a body. An event stream has none.
    pub(super) fn apply(self, outgoing: &mut OutgoingBody) {
        let Carrier::Sse(dialect) = outgoing.carrier else { return };
        let messages = &mut outgoing.messages;
        let middle = messages.len() / 2;
        match self {
            Self::CutLine => {
                messages.truncate(middle + 1);
                if let Some(last) = messages.last_mut() {
                    last.bytes.truncate(last.bytes.len().saturating_sub(CUT_LEN));
                }
            }
            Self::NoBlankLine => {
                // A delta is chosen, so that later events do not make up for its loss.
                let is_delta = |message: &EncodedMessage| message.event_type == Some(EventType::Delta);
                let at = messages[..middle].iter().rposition(is_delta).unwrap_or(middle);
                if let Some(message) = messages.get_mut(at) {
                    message.bytes.truncate(message.bytes.len().saturating_sub(1));
                }
            }
            Self::Crlf => {
                let mut turn = 0;
                for message in messages {
                    message.bytes = rewrite(&message.bytes, |lines| {
                        lines.iter().fold(String::new(), |text, line| {
                            turn += 1;
                            text + line + LINE_ENDS[turn % LINE_ENDS.len()]
                        })
                    });
                }
            }
            Self::DataOnly => {
                for message in messages {
                    message.bytes = rewrite(&message.bytes, |lines| {
                        let kept = lines.iter().filter(|line| !line.starts_with("event:"));
                        kept.fold(String::new(), |text, line| text + line + "\n")
                    });
                }
            }
            Self::DataFirst => {
                for message in messages {
                    message.bytes = rewrite(&message.bytes, |lines| {
                        // A stable sort; the blank line stays last.
                        let mut lines = lines.to_vec();
                        lines.sort_by_key(|line| (line.is_empty(), line.starts_with("event:")));
                        lines.iter().fold(String::new(), |text, line| text + line + "\n")
                    });
                }
            }
            Self::Bom => {
                if let Some(first) = messages.first_mut() {
                    first.bytes = [BOM, &first.bytes].concat().into();
                }
            }
            Self::DataLines => {
                for message in messages {
                    message.bytes = rewrite(&message.bytes, |lines| {
                        lines.iter().fold(String::new(), |text, line| match line.strip_prefix("data: {") {
                            // A line may end between two tokens of JSON.
                            Some(rest) => text + "data: {\ndata: " + rest + "\n",
                            None => text + line + "\n",
                        })
                    });
                }
            }
            Self::NoDone => messages.retain(|message| !is_done(message)),
            Self::DoneEarly => {
                if !messages.iter().any(is_done) {
                    return;
                }
                let proof =
                    messages.iter().position(|message| message.event_type == Some(EventType::MessageStop));
                let mut at = 0..;
                messages.retain(|message| at.next() < proof || is_done(message));
            }
            Self::Pings => {
                // Every reader skips comments; `ping` events belong to Messages alone.
                let ping = match dialect {
                    Dialect::Messages => "event: ping\ndata: {\"type\": \"ping\"}\n\n",
                    _ => "",
                };
                let storm = format!(": ping\n\n{ping}").repeat(PINGS);
                for message in messages {
                    message.bytes = [storm.as_bytes(), &message.bytes].concat().into();
                }
            }
        }
    }
}

/// Whether it is the `[DONE]` of Chat Completions.
fn is_done(message: &EncodedMessage) -> bool {
    message.bytes.starts_with(b"data: [DONE]")
}

/// Writes an event again from its lines, the blank one included.
fn rewrite(event: &Bytes, write: impl FnOnce(&[&str]) -> String) -> Bytes {
    match std::str::from_utf8(event) {
        Ok(text) => write(&text.lines().collect::<Vec<_>>()).into(),
        Err(_) => event.clone(),
    }
}

/// Blank line, brace and quote.
const CUT_LEN: usize = 5;
const LINE_ENDS: [&str; 3] = ["\r\n", "\n", "\r"];
const PINGS: usize = 50;
const BOM: &[u8] = b"\xef\xbb\xbf";
