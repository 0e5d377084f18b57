//! `ChunkStream::for_each_ready`: what it passes on is what `next` returns. `body::chunks` compares the two for every body
//! of these tests, too.

use bedrock_stream_http::ChunkStream;
use bedrock_stream_http::answer::Chunk;
use bytes::Bytes;
use proptest::prelude::*;

use crate::body::{Scripted, Step, chunks, lent_items, response};
use crate::events::{answer, event, exception, metadata};

fn message() -> impl Strategy<Value = Vec<u8>> {
    let block = 0..3_u32;
    let payload = |member: String| move |block: u32| format!(r#"{{"contentBlockIndex":{block}{member}}}"#);
    let delta = "[a-z\u{e9} ]{0,12}".prop_map(|text| format!(r#","delta":{{"text":"{text}"}}"#));
    let arguments = Just(String::from(r#","delta":{"toolUse":{"input":"{}"}}"#));
    let start = Just(String::from(r#","start":{"toolUse":{"toolUseId":"t","name":"n"}}"#));
    let of = move |name: &'static str, member: BoxedStrategy<String>| {
        (member, block.clone()).prop_map(move |(member, block)| event(name, &payload(member)(block)))
    };
    prop_oneof![
        6 => of("contentBlockDelta", delta.boxed()),
        3 => of("contentBlockDelta", arguments.boxed()),
        2 => of("contentBlockStart", start.boxed()),
        1 => of("contentBlockStop", Just(String::new()).boxed()),
        1 => Just(event("contentBlockDelta", "not JSON")),
        1 => Just(event("newEvent", "{}")),
        1 => Just(event("messageStop", r#"{"stopReason":"end_turn"}"#)),
        1 => Just(metadata()),
        1 => Just(exception("throttlingException", r#"{"message":"Slow down"}"#)),
    ]
}

proptest! {
    #[test]
    fn lent_chunks_are_the_owned_ones(
        messages in prop::collection::vec(message(), 0..20),
        size in 1..400_usize,
        breaks in any::<bool>(),
    ) {
        let bytes = messages.concat();
        let mut steps: Vec<Step> = bytes
            .chunks(size)
            .flat_map(|part| [Step::Data(Bytes::copy_from_slice(part)), Step::Pending])
            .collect();
        if breaks {
            steps.push(Step::Break);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // It compares the two.
        runtime.block_on(chunks(Scripted::new(steps)));
    }
}

#[tokio::test]
async fn all_chunks_of_a_read_are_passed_on_by_one_call() {
    let mut stream = ChunkStream::new(response(Scripted::new([Step::Data(answer().into())])));
    let mut kinds = Vec::new();
    let read =
        stream.for_each_ready(|chunk| kinds.push(serde_json::to_value(chunk.into_chunk()).unwrap())).await;
    assert!(matches!(read, Some(Ok(()))));
    let kinds: Vec<&str> = kinds.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["start", "block_start", "text", "text", "block_end", "stop", "done"]);
    assert!(stream.for_each_ready(|_| panic!("nothing comes after the end")).await.is_none());
}

#[tokio::test]
async fn a_call_does_not_read_on_while_there_are_chunks() {
    let whole = answer();
    let (first, second) = whole.split_at(whole.len() / 2);
    let body = Scripted::new([first, second].map(|part| Step::Data(Bytes::copy_from_slice(part))));
    let polls = body.polls.clone();
    let mut stream = ChunkStream::new(response(body));
    assert!(stream.for_each_ready(|_| {}).await.unwrap().is_ok());
    assert_eq!(polls.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_started_stream_lends_its_first_chunk_too() {
    let body = || Scripted::new([Step::Data(answer().into())]);
    let started = ChunkStream::new(response(body())).started().await.unwrap();
    let (items, _) = lent_items(started).await;
    assert_eq!(format!("{items:?}"), format!("{:?}", chunks(body()).await));
    assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))));
}
