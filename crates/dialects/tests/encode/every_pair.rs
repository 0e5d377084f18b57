//! Every recording through every pair of dialects: decoded from its own, encoded in each of the four, and decoded again. What
//! comes out is compared with what others read in the recording, not with our own decoder's chunks. A failure names the
//! recordings and the pairs.

use bedrock_stream_core::answer::{Decode, StopReason};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_dialects::encode::{ConverseEncoder, Encode, Failure};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use serde_json::{Value, json};

use super::recorded::{Answer, PlainCall, PlainReading, Recording, recordings};
use super::wire::{DIALECTS, encoder};

/// What a recording says, read without our code.
#[derive(Debug, Default)]
struct Expected {
    text: String,
    reasoning: String,
    calls: Vec<ExpectedCall>,
    /// The vendor's word for the end of a complete answer.
    stop: Option<String>,
    is_complete: bool,
    output_tokens: Option<u64>,
}

#[derive(Debug, Default)]
struct ExpectedCall {
    id: String,
    name: String,
    arguments: String,
    /// `server_tool_use`, `custom_tool_call`; empty for a call of a function.
    kind: String,
}

/// A dialect to write.
#[derive(Clone, Copy, Debug)]
enum Target {
    Sse(Dialect),
    Converse,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Sse(dialect) => dialect.as_str(),
            Self::Converse => "converse",
        }
    }

    fn is(self, dialect: Dialect) -> bool {
        matches!(self, Self::Sse(this) if this == dialect)
    }

    /// The answer, encoded and decoded again.
    fn round_trip(self, answer: &Answer) -> Answer {
        let mut encoder: Box<dyn Encode> = match self {
            Self::Sse(dialect) => encoder(dialect),
            Self::Converse => Box::new(ConverseEncoder::new()),
        };
        let mut out = Vec::new();
        answer.errors.iter().for_each(|error| encoder.fail(&Failure::from(error), &mut out));
        answer.chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        if let Some(error) = &answer.failure {
            encoder.fail(&Failure::from(error), &mut out);
        }
        encoder.finish(&mut out);
        match self {
            Self::Sse(dialect) => Answer::read(SseDecoder::new(Some(dialect)), &out, usize::MAX),
            Self::Converse => Answer::read(ChunkDecoder::new(), &out, usize::MAX),
        }
    }
}

#[test]
fn every_recording_is_the_same_answer_through_every_pair_of_dialects() {
    let mut differences = Vec::new();
    let (mut recorded, mut complete) = (0, 0);
    let mut check = |source: &str, recording: &Recording, expected: &Expected, answer: &Answer| {
        recorded += 1;
        complete += usize::from(expected.is_complete);
        let targets = DIALECTS.map(Target::Sse).into_iter().chain([Target::Converse]);
        for target in targets {
            let told = told(&target.round_trip(answer));
            let expected = expected.told(target, !answer.errors.is_empty());
            for (what, expected) in expected.as_object().unwrap() {
                if told[what] != *expected {
                    let (name, told, to) = (&recording.name, &told[what], target.name());
                    differences.push(format!("{name}, {source} to {to}: {what} is {told}, not {expected}"));
                }
            }
        }
    };
    for recording in recordings("sse", |_| true).into_iter().flatten() {
        let source = recording.name.split('-').next().unwrap().to_owned();
        let decoder = SseDecoder::new(Some(source.parse::<Dialect>().unwrap()));
        check(&source, &recording, &Expected::of_events(&recording), &read(decoder, &recording));
    }
    for recording in recordings("recordings", |name| name.starts_with("converse-")).into_iter().flatten() {
        let expected = Expected::of_converse(&recording);
        check("converse", &recording, &expected, &read(ChunkDecoder::new(), &recording));
    }
    for recording in recordings("recordings", |name| name.starts_with("invoke-")).into_iter().flatten() {
        let expected = Expected::of_payloads(&recording);
        check("invoke", &recording, &expected, &read(InvokeDecoder::new(None), &recording));
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    if bedrock_stream_tests::shared("sse").is_some() {
        assert!(recorded == 108 && complete > 90, "{recorded} recordings, {complete} complete");
    }
}

fn read(decoder: impl Decode, recording: &Recording) -> Answer {
    Answer::read(decoder, &recording.bytes, usize::MAX)
}

/// What an answer says.
fn told(answer: &Answer) -> Value {
    let done = answer.done();
    let calls = answer.calls();
    let calls = calls.iter().map(|call| {
        let kind = call.kind.clone().unwrap_or_default();
        json!([call.id, call.name, compact(&call.arguments), kind])
    });
    let usage = done.and_then(|done| done.usage.as_ref()?.output_tokens);
    json!({
        "text": answer.text(),
        "reasoning": answer.reasoning(),
        "calls": calls.collect::<Vec<_>>(),
        "complete": done.is_some(),
        "stop": done.map(|done| ending(&done.stop_reason)),
        // What is not known is 0 in Messages, where the member is required.
        "output tokens": usage.unwrap_or(0),
    })
}

impl Expected {
    /// What is left of it in a dialect, by the documents. `is_damaged`: events of it were skipped.
    fn told(&self, target: Target, is_damaged: bool) -> Value {
        let has_no_custom = target.is(Dialect::Messages) || matches!(target, Target::Converse);
        let mut calls = Vec::new();
        let mut has_own_calls = false;
        for call in &self.calls {
            let is_custom = call.kind == "custom_tool_call";
            // Nova says of the client's calls that they are `tool_use`.
            let is_services = !matches!(&*call.kind, "" | "tool_use" | "custom_tool_call");
            has_own_calls |= !is_services;
            // A call of a tool that the service runs is in Converse alone.
            if is_services && !matches!(target, Target::Converse) {
                continue;
            }
            calls.push(if is_custom && has_no_custom {
                let arguments = json!({"input": call.arguments}).to_string();
                json!([call.id, call.name, compact(&arguments), ""])
            } else {
                let is_converse = matches!(target, Target::Converse);
                let kind = if call.kind == "tool_use" && !is_converse { "" } else { &*call.kind };
                json!([call.id, call.name, compact(&call.arguments), kind])
            });
        }
        let is_complete = self.is_complete && !is_damaged;
        // One response is complete without a status.
        let word = is_complete.then(|| self.stop.as_deref().unwrap_or("completed"));
        let stop = word.map(|word| match word {
            "stop" | "end_turn" | "completed" | "COMPLETE" | "FINISH" if has_own_calls => "tools",
            "stop" | "end_turn" | "completed" | "COMPLETE" | "FINISH" => "end",
            "tool_calls" | "tool_use" => "tools",
            "length" | "max_tokens" | "MAX_TOKENS" | "incomplete:max_output_tokens" => "length",
            "refusal" | "guardrail_intervened" => "filter",
            "stop_sequence" if target.is(Dialect::Chat) || target.is(Dialect::Responses) => "end",
            "stop_sequence" => "stop sequence",
            word => panic!("{word}"),
        });
        let mut told = json!({
            "text": self.text,
            "reasoning": self.reasoning,
            "calls": calls,
            "complete": is_complete,
            "stop": stop,
            "output tokens": self.output_tokens.filter(|_| is_complete).unwrap_or(0),
        });
        if !is_complete {
            // The arguments of open calls came as far as they came.
            told.as_object_mut().unwrap().remove("calls");
        }
        told
    }

    /// By the official SDKs' accumulators.
    fn of_events(recording: &Recording) -> Self {
        let file: Value = serde_json::from_str(&recording.expected("json")).unwrap();
        let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        let call = |call: &Value| {
            let string = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
            let kind = string("kind");
            let kind = if kind.is_empty() && string("id").starts_with("srvtoolu_") {
                "server_tool_use".into()
            } else {
                kind
            };
            ExpectedCall { id: string("id"), name: string("name"), arguments: string("arguments"), kind }
        };
        let usage = &file["usage"];
        Self {
            text: text("text") + &text("refusal"),
            reasoning: text("reasoning"),
            calls: file["tool_calls"].as_array().unwrap().iter().map(call).collect(),
            stop: file["finish_reason"].as_str().map(str::to_owned),
            is_complete: file["complete"] == true,
            output_tokens: usage
                .get("completion_tokens")
                .or(usage.get("output_tokens"))
                .and_then(Value::as_u64),
        }
    }

    /// By a plain reading of the messages that botocore decoded.
    fn of_converse(recording: &Recording) -> Self {
        let mut expected = Self::default();
        for line in recording.expected("jsonl").lines() {
            let message: Value = serde_json::from_str(line).unwrap();
            let payload: Value = serde_json::from_str(message["payload"].as_str().unwrap()).unwrap();
            expected.converse_event(&payload);
        }
        expected.is_complete = expected.stop.is_some();
        expected
    }

    fn converse_event(&mut self, payload: &Value) {
        let string = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
        self.text += string("/delta/text").unwrap_or_default();
        self.reasoning += string("/delta/reasoningContent/text").unwrap_or_default();
        if let Some(id) = string("/start/toolUse/toolUseId") {
            self.calls.push(ExpectedCall {
                id: id.to_owned(),
                name: string("/start/toolUse/name").unwrap().to_owned(),
                arguments: String::new(),
                kind: string("/start/toolUse/type").unwrap_or_default().to_owned(),
            });
        }
        // Of these recordings none has calls that interleave.
        if let Some(input) = string("/delta/toolUse/input") {
            self.calls.last_mut().unwrap().arguments += input;
        }
        self.stop = string("/stopReason").map(str::to_owned).or(self.stop.take());
        self.output_tokens =
            payload.pointer("/usage/outputTokens").and_then(Value::as_u64).or(self.output_tokens);
    }

    /// By a plain reading of an invocation's payloads.
    fn of_payloads(recording: &Recording) -> Self {
        let plain = PlainReading::of(recording);
        let call =
            |PlainCall { id, name, arguments }| ExpectedCall { id, name, arguments, kind: String::new() };
        let is_complete = plain.is_complete();
        let stop = plain.stop.map(|word| match word {
            _ if plain.is_blocked => "guardrail_intervened".to_owned(),
            // The end of a turn in Anthropic's older text completions.
            _ if plain.is_turn_over => "end_turn".to_owned(),
            word => word,
        });
        Self {
            text: plain.text,
            reasoning: plain.reasoning,
            calls: plain.calls.into_iter().map(call).collect(),
            stop,
            is_complete,
            output_tokens: plain.output_tokens,
        }
    }
}

/// The end of an answer, in words that every dialect has or is documented not to have.
fn ending(reason: &StopReason) -> &'static str {
    match reason {
        StopReason::EndTurn => "end",
        StopReason::ToolUse => "tools",
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => "length",
        StopReason::ContentFiltered | StopReason::GuardrailIntervened => "filter",
        StopReason::StopSequence => "stop sequence",
        reason => panic!("{reason:?}"),
    }
}

/// Arguments without their layout; none are an empty object.
fn compact(arguments: &str) -> String {
    match serde_json::from_str::<Value>(arguments) {
        Ok(json) => json.to_string(),
        Err(_) if arguments.is_empty() => "{}".to_owned(),
        Err(_) => arguments.to_owned(),
    }
}
