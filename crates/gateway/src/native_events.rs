use std::collections::HashMap;

use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::encode::Failure;
use bedrock_stream_dialects::sse;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::api::Api;
use crate::encoder::{Asked, Encoder};
use crate::repeated_starts::RepeatedStarts;

/// The events of an answer that comes in the client's own dialect. Those that look like its end are held back until it is proven
/// complete, so that a client never sees an end before an error.
#[derive(Debug)]
pub(crate) struct NativeEvents {
    api: Api,
    /// For the client.
    pub(crate) out: Vec<u8>,
    /// Read, and not yet known to be before the end.
    fresh: Vec<u8>,
    /// Where the latest event begins in `fresh`.
    latest: usize,
    held: Vec<u8>,
    /// Whether everything that comes is held.
    is_holding: bool,
    /// The answer's beginning in Responses, which its failure repeats.
    created: Option<String>,
    /// The number of the next event in Responses; of those in `out`, of those before the latest, and of those read.
    number: u64,
    latest_number: u64,
    fresh_number: u64,
    starts: RepeatedStarts,
}

impl NativeEvents {
    pub(crate) fn new(api: Api) -> Self {
        Self {
            api,
            out: Vec::new(),
            fresh: Vec::new(),
            latest: 0,
            held: Vec::new(),
            is_holding: false,
            created: None,
            number: 0,
            latest_number: 0,
            fresh_number: 0,
            starts: RepeatedStarts::default(),
        }
    }

    /// Takes the data of the next event.
    pub(crate) fn read(&mut self, data: &[u8]) {
        (self.latest, self.latest_number) = (self.fresh.len(), self.fresh_number);
        let mut text = String::from_utf8_lossy(data);
        // Written where the answer is proven complete, whether Bedrock sends it or not.
        if text.trim_ascii().starts_with("[DONE]") {
            return;
        }
        if self.api == Api::Chat {
            if let Some(without) = self.starts.without_repeated(&text) {
                text = without.into();
            }
        } else {
            let Noted { kind, is_repeated_start } = self.note(&text);
            if is_repeated_start {
                return;
            }
            self.is_holding |= ENDS.contains(&&*kind);
            if !kind.is_empty() {
                self.fresh.extend_from_slice(format!("event: {kind}\n").as_bytes());
            }
        }
        for line in text.split('\n') {
            self.fresh.extend_from_slice(format!("data: {line}\n").as_bytes());
        }
        self.fresh.push(b'\n');
    }

    /// Whether events were read since the last call of [`settle`](Self::settle).
    pub(crate) fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Lets what was read go to the client, unless `is_ending`: the answer has told why it ends. The latest event stays if it
    /// `may_fail`: the decoder has not read all of it.
    pub(crate) fn settle(&mut self, is_ending: bool, may_fail: bool) {
        self.is_holding |= is_ending;
        let (end, number) = match may_fail {
            true => (self.latest, self.latest_number),
            false => (self.fresh.len(), self.fresh_number),
        };
        let settled = self.fresh.drain(..end);
        if self.is_holding {
            self.held.extend(settled);
        } else {
            self.out.extend(settled);
            self.number = number;
        }
        self.latest = 0;
    }

    /// How many bytes are held back.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// The answer is complete: its end may be seen.
    pub(crate) fn complete(&mut self) {
        self.out.append(&mut self.held);
        self.out.append(&mut self.fresh);
        if self.api == Api::Chat {
            self.out.extend_from_slice(b"data: [DONE]\n\n");
        }
    }

    /// Writes the dialect's error event in place of what was held back.
    pub(crate) fn fail(&mut self, failure: &Failure, asked: &Asked, request_id: &str) {
        self.held = Vec::new();
        self.fresh = Vec::new();
        let mut told = Vec::new();
        Encoder::new(asked, request_id, Limits::default()).stream().fail(failure, &mut told);
        match self.created.take().filter(|_| self.number > 0) {
            Some(created) => self.fail_response(&created, &told),
            None => self.out.append(&mut told),
        }
    }

    /// Notes what a later failure repeats, and what the answer has started.
    fn note(&mut self, text: &str) -> Noted {
        let members: HashMap<String, &RawValue> = serde_json::from_str(text).unwrap_or_default();
        let kind: Option<String> = members.get("type").and_then(|kind| serde_json::from_str(kind.get()).ok());
        let number = |name| members.get(name).and_then(|number| serde_json::from_str(number.get()).ok());
        let kind = kind.filter(|kind| !kind.contains(['\n', '\r', '\0'])).unwrap_or_default();
        if self.api == Api::Responses {
            self.fresh_number =
                number("sequence_number").map_or(self.fresh_number, |number: u64| number.saturating_add(1));
            if kind == "response.created" {
                self.created = Some(text.to_owned());
            }
        }
        let is_repeated_start = kind == "content_block_start" && self.starts.is_repeated(number("index"));
        Noted { kind, is_repeated_start }
    }

    /// The failure of a response that has begun: with its id, and numbers that go on.
    fn fail_response(&mut self, created: &str, told: &[u8]) {
        let mut begun: Value = serde_json::from_str(created).unwrap_or_default();
        let mut decoder = sse::Decoder::new();
        decoder.push(told);
        while let Ok(Some(event)) = decoder.next_event() {
            let mut data: Value = serde_json::from_str(event.data).unwrap_or_default();
            match event.name {
                Some("response.failed") => {
                    let mut response = begun["response"].take();
                    if !response.is_object() {
                        response = json!({});
                    }
                    for member in ["status", "error"] {
                        response[member] = data["response"][member].take();
                    }
                    data["response"] = response;
                }
                Some("error") => {}
                // The beginning.
                _ => continue,
            }
            data["sequence_number"] = self.number.into();
            self.number = self.number.saturating_add(1);
            let name = event.name.unwrap_or_default();
            self.out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
        }
    }
}

/// What there is to know of an event.
struct Noted {
    /// Its type, which is also its name.
    kind: String,
    /// Whether it starts a block that has just been started.
    is_repeated_start: bool,
}

/// The events that clients take for the end of an answer, by their type.
const ENDS: [&str; 4] = ["message_delta", "message_stop", "response.completed", "response.incomplete"];

#[cfg(test)]
mod tests {
    use bedrock_stream_core::ErrorKind;
    use bedrock_stream_core::json::Fields;
    use bedrock_stream_dialects::encode::Failure;
    use bedrock_stream_dialects::request::ToolNames;

    use super::NativeEvents;
    use crate::api::Api;
    use crate::encoder::Asked;

    fn asked(api: Api) -> Asked {
        Asked {
            api,
            name: "m".to_owned(),
            includes_usage: false,
            members: Fields::new(),
            tools: ToolNames::default(),
            is_cache_in_input: false,
        }
    }

    fn text(events: &NativeEvents) -> &str {
        std::str::from_utf8(&events.out).unwrap()
    }

    #[test]
    fn an_end_is_held_until_it_is_proven() {
        let mut events = NativeEvents::new(Api::Messages);
        for data in [r#"{"type":"message_start"}"#, r#"{"type":"message_delta"}"#, r#"{"type":"ping"}"#] {
            events.read(data.as_bytes());
            events.settle(false, false);
        }
        assert_eq!(text(&events), "event: message_start\ndata: {\"type\":\"message_start\"}\n\n");
        assert!(events.held() > 0);
        events.complete();
        assert!(text(&events).ends_with("event: ping\ndata: {\"type\":\"ping\"}\n\n"), "{events:?}");
    }

    #[test]
    fn a_mark_of_the_end_is_written_once_and_last() {
        let mut events = NativeEvents::new(Api::Chat);
        for data in ["{\"a\":1}", " [DONE]", "{\"b\":\n2}"] {
            events.read(data.as_bytes());
            events.settle(false, false);
        }
        events.complete();
        assert_eq!(text(&events), "data: {\"a\":1}\n\ndata: {\"b\":\ndata: 2}\n\ndata: [DONE]\n\n");
    }

    #[test]
    fn a_response_that_has_begun_fails_as_itself() {
        let mut events = NativeEvents::new(Api::Responses);
        let failure = Failure::new(ErrorKind::Timeout, "no data");
        for data in [
            r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress"}}"#,
            r#"{"type":"response.output_text.delta","sequence_number":7,"delta":"a"}"#,
            r#"{"type":"response.completed","sequence_number":8,"response":{"id":"resp_1"}}"#,
        ] {
            events.read(data.as_bytes());
            events.settle(false, false);
        }
        events.out.clear();
        events.fail(&failure, &asked(Api::Responses), "r");
        let text = text(&events);
        assert_eq!(text.matches("event: ").count(), 2, "{text}");
        for part in
            ["event: response.failed\n", r#""id":"resp_1""#, r#""status":"failed""#, r#""sequence_number":8"#]
        {
            assert!(text.split("event: error\n").next().unwrap().contains(part), "{part}: {text}");
        }
        assert!(text.contains(r#""sequence_number":9"#) && text.contains("no data"), "{text}");

        // Nothing has been sent: it begins as any response does.
        let mut events = NativeEvents::new(Api::Responses);
        events.fail(&failure, &asked(Api::Responses), "r");
        assert!(self::text(&events).starts_with("event: response.created\n"), "{events:?}");
    }
}
