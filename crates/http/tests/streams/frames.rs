//! However a body is split into frames, the stream yields the chunks of its bytes, as the decoder alone does.

use bedrock_stream_http::answer::{Chunk, Tail};
use bedrock_stream_http::converse::ChunkDecoder;
use bedrock_stream_http::{ChunkStream, Error, ErrorDetail, ErrorKind};
use bytes::Bytes;

use crate::body::{Scripted, Step, response};
use crate::events::{answer, event, exception};

const CASES: u64 = 3000;

#[tokio::test]
async fn any_frames_yield_what_the_bytes_alone_yield() {
    let (mut whole, mut broken, mut failed) = (0, 0, 0);
    for seed in 1..=CASES {
        let mut random = Random(seed);
        let bytes = random.stream();
        let breaks = random.below(3) == 0;
        let stream = ChunkStream::new(response(Scripted::new(random.frames(&bytes, breaks))));
        let mut given = Vec::new();
        let stream = if random.below(2) == 0 { Ok(stream) } else { stream.started().await };
        match stream {
            Ok(mut stream) => {
                while let Some(item) = stream.next().await {
                    given.push(described(&item));
                }
            }
            // Nothing precedes the error then, so it is the first item.
            Err(error) => given.push(described(&Err(error))),
        }
        let expected = expected(&bytes, breaks);
        assert_eq!(given, expected, "seed {seed}");
        match expected.last().map(String::as_str) {
            Some("broken") => broken += 1,
            Some(last) if last.starts_with("Done") => whole += 1,
            _ => failed += 1,
        }
    }
    println!("{whole} whole, {broken} broken, {failed} failed otherwise");
    assert!(whole > 100 && broken > 100 && failed > 100, "{whole} {broken} {failed}");
}

fn described(item: &Result<Chunk, Error>) -> String {
    match item {
        Ok(Chunk::Done(done)) => {
            let tail = done.tail.as_ref().map(|tail| tail.kind);
            format!("Done {} {:?} {tail:?} {}", done.stop_reason, done.usage, done.skipped_events)
        }
        Ok(chunk) => format!("{chunk:?}"),
        Err(error) if matches!(error.detail(), ErrorDetail::Body { .. }) => "broken".to_owned(),
        Err(error) => format!("{:?}", error.as_stream_error()),
    }
}

/// From the decoder alone, in one piece.
fn expected(bytes: &[u8], breaks: bool) -> Vec<String> {
    let mut decoder = ChunkDecoder::new();
    let mut items = Vec::new();
    let mut input = bytes;
    loop {
        let next = decoder.next_from(&mut input);
        match next {
            Ok(Some(chunk)) => items.push(described(&Ok(chunk))),
            Err(error) => {
                let is_final = error.is_final();
                items.push(format!("{:?}", Some(&error)));
                if is_final {
                    return items;
                }
            }
            Ok(None) if decoder.is_done() => return items,
            Ok(None) if breaks => {
                if decoder.is_stopped() {
                    let tail = Tail::new(ErrorKind::Transport, "");
                    items.extend(decoder.finish_broken(tail).map(|chunk| described(&Ok(chunk))));
                } else {
                    items.push("broken".to_owned());
                }
                return items;
            }
            Ok(None) => break,
        }
    }
    loop {
        match decoder.finish() {
            Ok(Some(chunk)) => items.push(described(&Ok(chunk))),
            Ok(None) => return items,
            Err(error) => {
                let is_final = error.is_final();
                items.push(format!("{:?}", Some(&error)));
                if is_final {
                    return items;
                }
            }
        }
    }
}

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % end
    }

    /// The bytes of an answer, complete or damaged.
    fn stream(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.below(3) {
            bytes.extend(match self.below(4) {
                0 => event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":""}}"#),
                1 => event("contentBlockDelta", "not JSON"),
                2 => event("later", r#"{"a":[1]}"#),
                _ => event("contentBlockDelta", r#"{"contentBlockIndex":3,"delta":{"text":"x"}}"#),
            });
        }
        bytes.extend(answer());
        match self.below(6) {
            0 => bytes.truncate(self.below(bytes.len())),
            1 => {
                let at = self.below(bytes.len());
                bytes[at] ^= 1 << self.below(8);
            }
            2 => bytes.truncate(bytes.len() - crate::events::metadata().len()),
            3 => {
                bytes.truncate(bytes.len() - crate::events::metadata().len());
                bytes.extend(exception("throttlingException", "{}"));
            }
            4 => bytes.extend_from_slice(b"and more"),
            _ => {}
        }
        bytes
    }

    fn frames(&mut self, bytes: &[u8], breaks: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let len = (1 + self.below(120)).min(rest.len());
            let (part, after) = rest.split_at(len);
            self.nothing(&mut steps);
            steps.push(Step::Data(Bytes::copy_from_slice(part)));
            rest = after;
        }
        self.nothing(&mut steps);
        if breaks {
            steps.push(Step::Break);
        }
        steps
    }

    /// Frames without content, a few times.
    fn nothing(&mut self, steps: &mut Vec<Step>) {
        for _ in 0..self.below(4) {
            steps.push(match self.below(3) {
                0 => Step::Pending,
                1 => Step::Data(Bytes::new()),
                _ => Step::Trailers,
            });
        }
    }
}
