//! Every recorded answer, whole and cut at every byte.

use bedrock_stream_core::answer::{Chunk, Error, StreamPosition};
use bedrock_stream_core::converse::{ChunkDecoder, Event};
use bedrock_stream_core::frame::{self, Message};
use serde_json::{Value, json};

use super::shared::{Expected, Recording, recordings};
use super::steps::{steps, take};

#[test]
fn c2_c3_c4_every_recording_yields_its_payloads_text_and_proof() {
    for recording in recordings().unwrap_or_default() {
        let name = &recording.name;
        let events = events(&recording.bytes);
        assert_eq!(events.len(), recording.expected.len(), "{name}");
        for (event, expected) in events.iter().zip(&recording.expected) {
            let payload = normal(without_padding(&expected.payload));
            let named = json!({ &expected.name: payload });
            assert_eq!(normal(serde_json::to_value(event).unwrap()), named, "{name}");
            assert_eq!(matches!(event, Event::Exception(_)), expected.is_exception, "{name}");
            let text = serde_json::to_string(event).unwrap();
            assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), event, "{name}");
            assert!(!matches!(event, Event::Unknown(_)), "{name}");
        }
        let steps = steps(&recording.bytes);
        assert_eq!(text(steps.iter().flatten()), expected_text(&recording), "{name}");
        assert_eq!(arguments(steps.iter().flatten()), expected_arguments(&recording), "{name}");
        match recording.expected.iter().find(|expected| expected.is_exception) {
            Some(exception) => {
                let Some(Err(Error::Exception(error))) = steps.last() else { panic!("{name}: {steps:?}") };
                assert_eq!(error.name, exception.name);
                assert_eq!(error.message.as_deref(), exception.payload["message"].as_str());
            }
            None => {
                let Some(Ok(Chunk::Done(done))) = steps.last() else { panic!("{name}: {steps:?}") };
                assert_eq!(done.skipped_events, 0, "{name}");
                assert!(done.usage.is_some(), "{name}");
                let stop = recording.expected.iter().find(|expected| expected.name == "messageStop").unwrap();
                assert_eq!(done.stop_reason.as_str(), stop.payload["stopReason"], "{name}");
                // Nothing unusual happened, so there are no errors, and each block with chunks ends exactly once.
                assert!(steps.iter().all(Result::is_ok) && done.tail.is_none(), "{name}");
                let ends = steps
                    .iter()
                    .flatten()
                    .filter(|chunk| matches!(chunk, Chunk::BlockEnd { .. } | Chunk::ToolCallEnd { .. }));
                let stops = recording.expected.iter().filter(|expected| expected.name == "contentBlockStop");
                let empty = stops.clone().filter(|stop| is_empty(&recording, &stop.payload)).count();
                assert_eq!(ends.count(), stops.count() - empty, "{name}");
            }
        }
    }
}

/// A cut recording is complete only if the proof was received. One decoder reads on from cut to cut; the end, which
/// changes a decoder, is tried on clones.
#[test]
fn c4_c5_a_recording_cut_at_any_byte_is_complete_only_after_its_proof() {
    for recording in recordings().unwrap_or_default() {
        let cuts = Cuts::of(&recording);
        let mut decoder = ChunkDecoder::new();
        for at in 0..=recording.bytes.len() {
            if at > 0 {
                decoder.push(&recording.bytes[at - 1..at]);
            }
            let mut steps = Vec::new();
            take(&mut steps, || decoder.next_chunk());
            let done = steps.iter().any(|step| matches!(step, Ok(Chunk::Done(_))));
            assert_eq!(done, Some(at) == cuts.proven, "{} at {at}", recording.name);
            assert_eq!(decoder.is_done(), cuts.is_proven(at), "{} at {at}", recording.name);
            if recording.bytes.len() < LONG || cuts.is_near_boundary(at) || at % 101 == 0 {
                cuts.check_end(&recording, at);
            }
        }
    }
}

/// Where a recording may end.
struct Cuts {
    /// The ends of its messages, and 0.
    boundaries: Vec<usize>,
    /// The end of `messageStop`.
    stop: Option<usize>,
    /// The end of the metadata with usage that follows it.
    proven: Option<usize>,
    /// The end of the exception.
    exception: Option<usize>,
}

impl Cuts {
    fn of(recording: &Recording) -> Self {
        let mut cuts = Self { boundaries: vec![0], stop: None, proven: None, exception: None };
        let mut rest = &recording.bytes[..];
        for expected in &recording.expected {
            rest = Message::parse(rest).unwrap().unwrap().1;
            let end = recording.bytes.len() - rest.len();
            cuts.boundaries.push(end);
            match &*expected.name {
                "messageStop" => cuts.stop = Some(end),
                "metadata" if expected.payload["usage"].is_object() => {
                    assert!(
                        cuts.stop.is_some(),
                        "this recording has its events in another order, which the test does not support yet"
                    );
                    cuts.proven = cuts.proven.or(Some(end));
                }
                _ if expected.is_exception => cuts.exception = Some(end),
                _ => {}
            }
        }
        assert!(rest.is_empty());
        cuts
    }

    fn is_proven(&self, at: usize) -> bool {
        self.proven.is_some_and(|proven| at >= proven)
    }

    /// Whether a prelude or a message may end near this offset.
    fn is_near_boundary(&self, at: usize) -> bool {
        let before = self.boundaries[self.boundaries.partition_point(|&boundary| boundary <= at) - 1];
        [0, 1, 12].contains(&(at - before)) || self.boundaries.contains(&(at + 1))
    }

    /// Ends the stream at `at`.
    fn check_end(&self, recording: &Recording, at: usize) {
        let mut decoder = ChunkDecoder::new();
        let mut input = &recording.bytes[..at];
        let mut steps = Vec::new();
        if take(&mut steps, || decoder.next_from(&mut input)) {
            take(&mut steps, || decoder.finish());
        }
        let name = &recording.name;
        let last = steps.pop().unwrap();
        if self.exception.is_some_and(|end| at >= end) {
            assert!(matches!(last, Err(Error::Exception(_))), "{name} at {at}: {last:?}");
        } else if self.stop.is_some_and(|stop| at >= stop) {
            let Ok(Chunk::Done(done)) = &last else { panic!("{name} at {at}: {last:?}") };
            // At most the usage is missing, and the cut is reported if it is inside a message before the usage arrived.
            assert_eq!(done.usage.is_some(), self.is_proven(at), "{name} at {at}");
            let is_cut = !self.is_proven(at) && !self.boundaries.contains(&at);
            assert_eq!(done.tail.is_some(), is_cut, "{name} at {at}");
        } else {
            let Err(Error::Incomplete(incomplete)) = &last else { panic!("{name} at {at}: {last:?}") };
            let whole = self.boundaries.partition_point(|&boundary| boundary <= at) - 1;
            let open_blocks = open_blocks(&recording.expected[..whole]);
            assert_eq!(incomplete.open_blocks, open_blocks, "{name} at {at}");
            match (self.boundaries.binary_search(&at), incomplete.position) {
                (Ok(0), StreamPosition::BeforeStart) => {}
                (Ok(_), StreamPosition::InsideBlocks) => assert!(!open_blocks.is_empty(), "{name} at {at}"),
                (Ok(1..), StreamPosition::BeforeMessageStop) => {
                    assert!(open_blocks.is_empty(), "{name} at {at}");
                }
                (
                    Err(after),
                    StreamPosition::InsideMessage(frame::Error::Truncated { offset, have, need, .. }),
                ) => {
                    let (start, end) = (self.boundaries[after - 1], self.boundaries[after]);
                    assert_eq!((offset as usize, have as usize), (start, at - start), "{name} at {at}");
                    assert_eq!(
                        need as usize,
                        if at - start < 12 { 12 } else { end - start },
                        "{name} at {at}"
                    );
                }
                (place, position) => panic!("{name} at {at}, {place:?}: {position:?}"),
            }
            // The answer stays complete, whatever follows.
            decoder.push(&recording.bytes[at..]);
            assert_eq!(decoder.next_chunk(), Err(last.clone().unwrap_err()));
            assert_eq!(decoder.finish(), last.map(Some));
        }
    }
}

/// Whether a block that stops had no content: it has no start, and its deltas are empty.
fn is_empty(recording: &Recording, stop: &Value) -> bool {
    let index = stop["contentBlockIndex"].as_u64().unwrap();
    let has_start = recording.expected.iter().any(|event| {
        event.name == "contentBlockStart"
            && event.payload["contentBlockIndex"] == index
            && event.payload["start"].as_object().is_some_and(|start| !start.is_empty())
    });
    let empty = json!({"text": ""});
    !has_start && deltas(recording).filter(|(block, _)| *block == index).all(|(_, delta)| *delta == empty)
}

/// The blocks that some messages leave open, in the order they were opened.
fn open_blocks(messages: &[Expected]) -> Vec<u32> {
    let mut open = Vec::new();
    for message in messages {
        let Some(index) = message.payload["contentBlockIndex"].as_u64() else { continue };
        let index = index as u32;
        if message.name == "contentBlockStop" {
            open.retain(|&block| block != index);
        } else if !open.contains(&index) {
            open.push(index);
        }
    }
    open
}

fn events(bytes: &[u8]) -> Vec<Event> {
    let mut rest = bytes;
    let mut events = Vec::new();
    while let Some((message, after)) = Message::parse(rest).unwrap() {
        events.push(Event::decode(&message).unwrap());
        rest = after;
    }
    assert!(rest.is_empty());
    events
}

fn text<'a>(chunks: impl Iterator<Item = &'a Chunk>) -> String {
    chunks
        .filter_map(|chunk| match chunk {
            Chunk::Text { text, .. } => Some(&**text),
            _ => None,
        })
        .collect()
}

fn expected_text(recording: &Recording) -> String {
    deltas(recording).filter_map(|(_, delta)| delta["text"].as_str()).collect()
}

/// The finished arguments of each tool call, by block.
fn arguments<'a>(chunks: impl Iterator<Item = &'a Chunk>) -> Vec<(u64, String)> {
    let ends = chunks.filter_map(|chunk| match chunk {
        Chunk::ToolCallEnd { block, input, .. } => Some((u64::from(*block), input.as_str().to_owned())),
        _ => None,
    });
    ends.collect()
}

fn expected_arguments(recording: &Recording) -> Vec<(u64, String)> {
    let starts = recording.expected.iter().filter(|expected| expected.name == "contentBlockStart");
    let calls = starts.filter(|start| start.payload["start"]["toolUse"].is_object());
    calls
        .map(|start| {
            let index = start.payload["contentBlockIndex"].as_u64().unwrap();
            let own = deltas(recording).filter(|(block, _)| *block == index);
            let text: String = own.filter_map(|(_, delta)| delta["toolUse"]["input"].as_str()).collect();
            (index, if text.is_empty() { "{}".to_owned() } else { text })
        })
        .collect()
}

fn deltas(recording: &Recording) -> impl Iterator<Item = (u64, &Value)> {
    let events = recording.expected.iter().filter(|expected| expected.name == "contentBlockDelta");
    events.map(|event| (event.payload["contentBlockIndex"].as_u64().unwrap(), &event.payload["delta"]))
}

fn without_padding(payload: &Value) -> Value {
    let mut payload = payload.clone();
    payload.as_object_mut().unwrap().remove("p");
    payload
}

/// Without null members, and with every number as a float: the notation of a number does not matter.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().unwrap()),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            members.map(|(name, value)| (name, normal(value))).collect()
        }
        value => value,
    }
}

/// In bytes. Ending a stream at every byte takes time quadratic in its length, so the one longer recording is cut only
/// near the ends of its messages and at some other places.
const LONG: usize = 40_000;
