use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use arbitrary::{Result, Unstructured};
use bedrock_stream_core::answer;
use bedrock_stream_core::answer::Chunk;
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_http::{ChunkStream, ErrorDetail};

use crate::random_body::{Step, Steps, random_steps};
use crate::random_stream::random_stream;
use crate::rules::Json;

/// The async stream yields what the plain decoder yields, whatever frames the body arrives in. If the body breaks, it
/// yields a transport error, or `Done` with a tail after the proof.
pub fn chunk_stream(data: &[u8]) {
    let _ = compare(data);
}

/// Like [`chunk_stream`]; returns how often each kind of chunk and of error was compared.
pub fn streamed_items(data: &[u8]) -> BTreeMap<String, u64> {
    compare(data).unwrap_or_default()
}

fn compare(data: &[u8]) -> Result<BTreeMap<String, u64>> {
    let mut u = Unstructured::new(data);
    let waits_for_start = u.arbitrary()?;
    let stream = random_stream(&mut u)?;
    let steps = random_steps(&mut u, stream)?;
    let expected = decoded(&steps);
    let actual = streamed(&steps, waits_for_start);
    let mut compared = BTreeMap::new();
    for index in 0..expected.len().max(actual.len()) {
        assert_eq!(actual.get(index), expected.get(index), "item {index} of {steps:?}");
        *compared.entry(expected[index].name.clone()).or_default() += 1;
    }
    Ok(compared)
}

/// A chunk or an error, as far as both sides can know it.
#[derive(Clone, Debug, PartialEq)]
struct Observed {
    /// The chunk's type, or the error's kind.
    name: String,
    /// The chunk's members, or the error that the decoder found.
    what: Vec<(String, String)>,
    is_last: bool,
}

impl Observed {
    fn chunk(chunk: &Chunk) -> Self {
        let text = serde_json::to_string(chunk).expect("every chunk has JSON");
        let json = Json::read(&text).expect("what serde_json writes is JSON");
        let mut name = json.get("type").and_then(Json::as_str).expect("every chunk has a type").to_owned();
        let mut what: Vec<_> =
            json.members().iter().map(|(name, value)| (name.clone(), value.text.to_owned())).collect();
        if let Some(kind) = json.get("tail").and_then(|tail| tail.get("kind")).and_then(Json::as_str) {
            // The message depends on which side noticed the error, so it is not compared.
            what.retain(|(name, _)| name != "tail");
            name = format!("{name}: {kind}");
        }
        Self { name, what, is_last: matches!(chunk, Chunk::Done(_)) }
    }

    fn error(error: &answer::Error) -> Self {
        let what = vec![("error".into(), format!("{error:?}"))];
        Self { name: error.kind().as_str().into(), what, is_last: error.is_final() }
    }

    fn transport() -> Self {
        Self { name: "transport".into(), what: Vec::new(), is_last: true }
    }
}

/// What the plain decoder yields for the body's bytes.
fn decoded(steps: &[Step]) -> Vec<Observed> {
    let mut decoder = ChunkDecoder::new();
    let mut told = Vec::new();
    for step in steps {
        match step {
            Step::Data(bytes) => {
                decoder.push(bytes);
                take(&mut told, || decoder.next_chunk());
            }
            Step::Broken => {
                if told.last().is_some_and(|item: &Observed| item.is_last) {
                } else if told.iter().any(|item| item.name == "stop") {
                    // "After the proof, whatever breaks the rest costs only the usage" (C5).
                    take(&mut told, || decoder.finish());
                    let done = told.last_mut().expect("it gave something");
                    assert!(done.is_last && done.name.starts_with("done"), "{done:?} after the proof");
                    done.name = "done: transport".into();
                } else {
                    told.push(Observed::transport());
                }
                return told;
            }
            Step::Pending | Step::Trailers => {}
        }
    }
    take(&mut told, || decoder.finish());
    told
}

/// Takes items until there are no more, or up to the final item.
fn take(
    told: &mut Vec<Observed>,
    mut next: impl FnMut() -> std::result::Result<Option<Chunk>, answer::Error>,
) {
    while !told.last().is_some_and(|item| item.is_last) {
        match next() {
            Ok(Some(chunk)) => told.push(Observed::chunk(&chunk)),
            Ok(None) => return,
            Err(error) => told.push(Observed::error(&error)),
        }
    }
}

/// What the async stream yields for the body.
fn streamed(steps: &[Step], waits_for_start: bool) -> Vec<Observed> {
    let mut stream = ChunkStream::new(http::Response::new(Steps::new(steps.to_vec())));
    if waits_for_start {
        match run(stream.started()) {
            Ok(started) => stream = started,
            Err(error) => return vec![observed(&error)],
        }
    }
    let mut told = Vec::new();
    while let Some(item) = run(stream.next()) {
        assert!(!told.last().is_some_and(|item: &Observed| item.is_last), "{item:?} after the last item");
        told.push(item.map_or_else(|error| observed(&error), |chunk| Observed::chunk(&chunk)));
    }
    assert!(run(stream.next()).is_none(), "an item after the end");
    told
}

/// Polls to completion, as an executor does: again only after a wake-up.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let wake_flag = Arc::new(WakeFlag(AtomicBool::new(false)));
    let waker = Waker::from(wake_flag.clone());
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        assert!(wake_flag.0.swap(false, Relaxed), "the future will never be woken");
    }
}

struct WakeFlag(AtomicBool);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// An error of the stream: the decoder's, or the transport's.
fn observed(error: &bedrock_stream_http::Error) -> Observed {
    match error.detail() {
        ErrorDetail::Stream(error) => Observed::error(error),
        ErrorDetail::Body { .. } => Observed::transport(),
        _ => panic!("an error of another kind: {error:?}"),
    }
}
