use serde_json::{Map, Value};

use super::Recording;

/// What a plain reading of an invocation's payloads says, of whichever vendor: without our code, by the places where each
/// vendor puts its words.
#[derive(Debug, Default)]
pub(crate) struct PlainReading {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    pub(crate) calls: Vec<PlainCall>,
    /// The vendor's last word for the end of the answer.
    pub(crate) stop: Option<String>,
    /// Whether the text completion ended with the marker of the user's next turn.
    pub(crate) is_turn_over: bool,
    /// Whether a guardrail intervened.
    pub(crate) is_blocked: bool,
    /// Whether an exception ended the stream.
    pub(crate) has_failed: bool,
    /// The members of all usage objects; later ones replace earlier ones.
    pub(crate) usage: Map<String, Value>,
    /// The vendor's own count, of those that tell it apart; else Bedrock's.
    pub(crate) output_tokens: Option<u64>,
}

/// A tool call, with the text of its arguments.
#[derive(Debug, Default)]
pub(crate) struct PlainCall {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

impl PlainReading {
    pub(crate) fn of(recording: &Recording) -> Self {
        let payloads = recording.invoke_payloads();
        let mut reading = Self { has_failed: payloads.contains(&None), ..Self::default() };
        payloads.iter().flatten().for_each(|payload| reading.payload(payload));
        reading
    }

    /// Whether the vendor's word came, and nothing broke the stream.
    pub(crate) fn is_complete(&self) -> bool {
        self.stop.is_some() && !self.has_failed
    }

    fn payload(&mut self, payload: &Value) {
        // Of several generations, the first.
        if payload["index"].as_u64().is_some_and(|index| index > 0) && payload.get("text").is_some() {
            return;
        }
        let string = |places: &[&str]| places.iter().find_map(|place| payload.pointer(place)?.as_str());
        let piece = string(&[
            "/completion",
            "/delta/text",
            "/contentBlockDelta/delta/text",
            "/outputText",
            "/generation",
            "/outputs/0/text",
            "/choices/0/delta/content",
            "/text",
        ]);
        let piece = piece.unwrap_or_default();
        match piece.strip_prefix("<reasoning>").and_then(|piece| piece.strip_suffix("</reasoning>")) {
            Some(piece) => self.reasoning += piece,
            None => self.text += piece,
        }
        for (id, name) in [
            ("/content_block/id", "/content_block/name"),
            ("/contentBlockStart/start/toolUse/toolUseId", "/contentBlockStart/start/toolUse/name"),
            ("/choices/0/delta/tool_calls/0/id", "/choices/0/delta/tool_calls/0/function/name"),
        ] {
            if let (Some(id), Some(name)) = (string(&[id]), string(&[name])) {
                let (id, name) = (id.to_owned(), name.to_owned());
                self.calls.push(PlainCall { id, name, arguments: String::new() });
            }
        }
        // Of these recordings none has calls that interleave.
        let input = string(&[
            "/delta/partial_json",
            "/contentBlockDelta/delta/toolUse/input",
            "/choices/0/delta/tool_calls/0/function/arguments",
        ]);
        if let Some(input) = input {
            self.calls.last_mut().expect("a call comes before its arguments").arguments += input;
        }
        let places = ["/message/usage", "/usage", "/metadata/usage"];
        let counts = places.iter().find_map(|place| payload.pointer(place)?.as_object());
        for (name, count) in counts.into_iter().flatten().filter(|(_, count)| !count.is_null()) {
            self.usage.insert(name.clone(), count.clone());
        }
        let tokens = |place: &str| payload.pointer(place).and_then(Value::as_u64);
        self.output_tokens = tokens("/usage/output_tokens")
            .or(tokens("/usage/completion_tokens"))
            .or(tokens("/metadata/usage/outputTokens"))
            .or(tokens("/response/meta/tokens/output_tokens"))
            .or(self.output_tokens)
            .or(tokens("/amazon-bedrock-invocationMetrics/outputTokenCount"));
        let stop = string(&[
            "/stop_reason",
            "/delta/stop_reason",
            "/messageStop/stopReason",
            "/completionReason",
            "/outputs/0/stop_reason",
            "/choices/0/finish_reason",
            "/finish_reason",
        ]);
        if let Some(stop) = stop {
            self.stop = Some(stop.to_owned());
            self.is_turn_over = payload["stop"] == "\n\nHuman:";
        }
        self.is_blocked |= payload["amazon-bedrock-guardrailAction"] == "INTERVENED";
    }
}
