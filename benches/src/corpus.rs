use bedrock_stream_core::converse::{Event, EventEncoder};
use bedrock_stream_core::frame::{Header, Message, encode};

/// A stream of messages, whole in memory.
#[derive(Debug)]
pub struct Corpus {
    /// What it is, for the report.
    pub name: &'static str,
    /// The stream.
    pub bytes: Vec<u8>,
    /// How many messages it has.
    pub messages: usize,
}

impl Corpus {
    /// An answer of `deltas` pieces of text, each a token or a few, padded as Bedrock pads.
    ///
    /// # Panics
    ///
    /// Never: what is encoded is short.
    #[must_use]
    pub fn text(deltas: usize) -> Self {
        let words = [
            "The",
            " sky",
            " is blue",
            " because",
            " molecules of air",
            " scatter",
            " \"short\" waves",
            ".\n",
        ];
        Self::of_deltas("text", deltas, |i| format!(r#"{{"text":{:?}}}"#, words[i % words.len()]))
    }

    /// A tool call whose arguments come in `deltas` pieces.
    #[must_use]
    pub fn tool_call(deltas: usize) -> Self {
        let start = r#"{"contentBlockStart":{"contentBlockIndex":0,"start":{"toolUse":{"name":"f","toolUseId":"t"}}}}"#;
        let mut corpus =
            Self::of_deltas("tool call", deltas, |_| r#"{"toolUse":{"input":"\"ab\", "}}"#.into());
        let mut bytes = Vec::new();
        push_event(&mut EventEncoder::padded(7), start, &mut bytes);
        bytes.append(&mut corpus.bytes);
        Self { bytes, messages: corpus.messages + 1, ..corpus }
    }

    /// `messages` messages with a payload of `len` bytes each.
    ///
    /// # Panics
    ///
    /// If `len` is more than a payload may have.
    #[must_use]
    pub fn large(name: &'static str, len: usize, messages: usize) -> Self {
        let payload: Vec<u8> = (0..len).map(|i| (i * 31 % 251) as u8).collect();
        let headers = [Header::string(":event-type", "chunk"), Header::string(":message-type", "event")];
        let mut bytes = Vec::new();
        for _ in 0..messages {
            encode(&headers, &payload, &mut bytes).expect("the payload has a legal length");
        }
        Self { name, bytes, messages }
    }

    /// The messages one by one.
    ///
    /// # Panics
    ///
    /// Never: the corpus is a good stream.
    #[must_use]
    pub fn split(&self) -> Vec<&[u8]> {
        let mut rest = &self.bytes[..];
        let mut messages = Vec::with_capacity(self.messages);
        while let Some((message, after)) = Message::parse(rest).expect("the corpus is a good stream") {
            messages.push(message.as_bytes());
            rest = after;
        }
        messages
    }

    fn of_deltas(name: &'static str, deltas: usize, delta: impl Fn(usize) -> String) -> Self {
        let mut encoder = EventEncoder::padded(7);
        let mut bytes = Vec::new();
        for i in 0..deltas {
            let event = format!(r#"{{"contentBlockDelta":{{"contentBlockIndex":0,"delta":{}}}}}"#, delta(i));
            push_event(&mut encoder, &event, &mut bytes);
        }
        Self { name, bytes, messages: deltas }
    }
}

fn push_event(encoder: &mut EventEncoder, json: &str, out: &mut Vec<u8>) {
    let event: Event = serde_json::from_str(json).expect("the event is good JSON");
    encoder.encode(&event, out).expect("the event is short");
}
