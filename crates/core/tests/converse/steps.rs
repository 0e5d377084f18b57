//! What a stream yields, as lines that tests compare: a chunk is shown as its JSON, an error as a few words.

use std::collections::BTreeMap;

use bedrock_stream_core::answer::{Chunk, Error, SkippedEvent, StreamPosition};
use bedrock_stream_core::converse::{ChunkDecoder, Chunker, Event};
use bedrock_stream_core::frame::Decoder;

use super::wire::{messages, stream};

/// A chunk or an error.
pub(crate) type Step = Result<Chunk, Error>;

/// Everything that a whole stream yields, including at its end. Stops at the first final error.
pub(crate) fn steps(bytes: &[u8]) -> Vec<Step> {
    let mut decoder = ChunkDecoder::new();
    let mut input = bytes;
    let mut steps = Vec::new();
    if take(&mut steps, || decoder.next_from(&mut input)) {
        assert!(input.is_empty());
        take(&mut steps, || decoder.finish());
    }
    assert_verdict(&steps, &decoder);
    assert_shape(&steps);
    steps
}

/// Collects steps until there are no more (`true`) or the last one is final (`false`).
pub(crate) fn take(steps: &mut Vec<Step>, mut next: impl FnMut() -> Result<Option<Chunk>, Error>) -> bool {
    loop {
        match next() {
            Ok(None) => return true,
            Ok(Some(chunk)) => steps.push(Ok(chunk)),
            Err(error) => {
                let is_final = error.is_final();
                steps.push(Err(error));
                if is_final {
                    return false;
                }
            }
        }
    }
}

/// The rule of C4 for every stream: `Done` is returned at most once, last, and only if the decoder reports that it is
/// done.
fn assert_verdict(steps: &[Step], decoder: &ChunkDecoder) {
    let is_done = |step: &Step| matches!(step, Ok(Chunk::Done(_)));
    let count = steps.iter().filter(|step| is_done(step)).count();
    assert_eq!(count, usize::from(decoder.is_done()));
    assert_eq!(decoder.is_done(), steps.last().is_some_and(is_done));
    // Either proven or failed, but not both and not neither.
    assert_eq!(!decoder.is_done(), steps.last().is_none_or(|step| step.as_ref().is_err_and(Error::is_final)));
}

/// The structure that C3 requires of every answer: `Start` first and once; each block begins once before its pieces and
/// ends once after them, with the chunks of its kind; `Stop` once, with every block closed and no content after it,
/// before `Done`, which has the same reason.
fn assert_shape(steps: &[Step]) {
    let mut open = BTreeMap::new();
    let (mut started, mut stopped) = (false, None);
    for chunk in steps.iter().flatten() {
        assert_eq!(matches!(chunk, Chunk::Start { .. }), !started, "{steps:?}");
        started = true;
        match chunk {
            Chunk::BlockStart { block, .. }
            | Chunk::ToolResultStart { block, .. }
            | Chunk::ImageStart { block, .. } => assert_eq!(open.insert(*block, false), None, "{steps:?}"),
            Chunk::ToolCallStart { block, .. } => assert_eq!(open.insert(*block, true), None, "{steps:?}"),
            Chunk::BlockEnd { block, .. } => assert_eq!(open.remove(block), Some(false), "{steps:?}"),
            Chunk::ToolCallEnd { block, .. } => assert_eq!(open.remove(block), Some(true), "{steps:?}"),
            Chunk::Text { block, .. }
            | Chunk::Reasoning { block, .. }
            | Chunk::ReasoningSignature { block, .. }
            | Chunk::ReasoningRedacted { block, .. }
            | Chunk::ToolCallDelta { block, .. }
            | Chunk::ToolResult { block, .. }
            | Chunk::Image { block, .. }
            | Chunk::Citation { block, .. } => {
                assert!(open.contains_key(block) && stopped.is_none(), "{steps:?}");
            }
            Chunk::Stop { stop_reason, .. } => {
                assert!(open.is_empty(), "{steps:?}");
                assert_eq!(stopped.replace(stop_reason), None, "{steps:?}");
            }
            Chunk::Done(done) => assert_eq!(stopped, Some(&done.stop_reason), "{steps:?}"),
            // An unknown member of a stop for a block that is not open is reported, and opens no block.
            _ => {}
        }
    }
}

/// The lines that [`assert_shape`] checks for every answer, and which would make up most of a test.
fn is_frame(line: &str) -> bool {
    line == r#"{"type":"start","role":"assistant"}"#
        || line.starts_with(r#"{"type":"block_start","#)
        || line.starts_with(r#"{"type":"stop","#)
}

/// The same from the three layers: a frame decoder, `Event::decode`, and a chunker.
fn steps_by_layers(bytes: &[u8]) -> Vec<Step> {
    let (mut frames, mut chunker, mut steps) = (Decoder::new(), Chunker::new(), Vec::new());
    frames.push(bytes);
    while let Some(message) = frames.next_message().unwrap() {
        let applied = match Event::decode(&message) {
            Ok(event) => chunker.apply(event),
            // After the end, nothing counts any more.
            Err(_) if chunker.is_done() || chunker.failure().is_some() => Ok(()),
            Err(error) => {
                chunker.skip(&error);
                Err(error.into())
            }
        };
        if let Err(error) = applied {
            let is_final = error.is_final();
            steps.push(Err(error));
            if is_final {
                return steps;
            }
        }
        while let Some(chunk) = chunker.next_chunk() {
            steps.push(Ok(chunk));
        }
    }
    assert_eq!(frames.finish(), Ok(()));
    take(&mut steps, || chunker.finish());
    steps
}

/// A step as a line.
pub(crate) fn line(step: &Step) -> String {
    match step {
        Ok(chunk) => serde_json::to_string(chunk).unwrap(),
        Err(Error::Skipped(SkippedEvent::Message { error, .. })) => format!("skipped message: {error:?}"),
        Err(Error::Skipped(SkippedEvent::Payload { event, .. })) => format!("skipped payload: {event}"),
        Err(Error::Skipped(SkippedEvent::Unexpected { name, reason, .. })) => {
            format!("skipped {name}: {reason:?}")
        }
        Err(Error::Exception(exception)) => format!("exception {exception}"),
        Err(Error::UnmodeledError(error)) => format!("error {error}"),
        Err(Error::Incomplete(incomplete)) => match incomplete.position {
            StreamPosition::InsideMessage(_) => {
                format!("incomplete InsideMessage {:?}", incomplete.open_blocks)
            }
            position => format!("incomplete {position:?} {:?}", incomplete.open_blocks),
        },
        Err(Error::Frame(error)) => format!("frame {error}"),
        Err(error) => panic!("{error:?}"),
    }
}

/// Steps as lines.
pub(crate) fn lines(steps: &[Step]) -> Vec<String> {
    steps.iter().map(line).collect()
}

/// Steps as lines, without those that begin and end every answer and block.
pub(crate) fn content_lines(steps: &[Step]) -> Vec<String> {
    lines(steps).into_iter().filter(|line| !is_frame(line)).collect()
}

/// Checks that a script yields these steps, one per line, from the decoder and from its layers. The lines that begin
/// and end every answer and block are left out, since [`assert_shape`] checks them.
#[track_caller]
pub(crate) fn check(script: &str, expected: &str) {
    check_lines(script, expected, |line| !is_frame(line));
}

/// Like [`check`], with every line.
#[track_caller]
pub(crate) fn check_all(script: &str, expected: &str) {
    check_lines(script, expected, |_| true);
}

#[track_caller]
fn check_lines(script: &str, expected: &str, keep: impl Fn(&str) -> bool) {
    let bytes = stream(script);
    let steps = steps(&bytes);
    let expected: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty() && keep(line)).collect();
    let given: Vec<String> = lines(&steps).into_iter().filter(|line| keep(line)).collect();
    assert_eq!(given, expected, "{script}");
    assert_eq!(steps_by_layers(&bytes), steps, "{script}");
    assert!(messages(script).len() <= script.lines().count());
}
