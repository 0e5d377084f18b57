//! `ChunkStream` with a decoder for a dialect other than Converse.

use bedrock_stream_http::answer::{Chunk, Decode, Done, Error, Tail};
use bedrock_stream_http::frame::Message;
use bedrock_stream_http::{ChunkStream, ErrorKind, Received};
use bytes::Bytes;

use crate::body::{Scripted, Step, response};

/// A dialect of lines: each is a piece of text, and a line with only a period is the end.
#[derive(Debug, Default)]
struct Lines {
    line: Vec<u8>,
    text: String,
    is_done: bool,
}

impl Decode for Lines {
    fn push(&mut self, bytes: &[u8]) {
        self.line.extend_from_slice(bytes);
    }

    fn next_from(&mut self, input: &mut &[u8]) -> Result<Option<Chunk>, Error> {
        while let Some((first, rest)) = input.split_first().filter(|_| !self.is_done) {
            *input = rest;
            if *first != b'\n' {
                self.line.push(*first);
                continue;
            }
            let line = String::from_utf8(core::mem::take(&mut self.line)).unwrap();
            if line == "." {
                self.is_done = true;
                return Ok(Some(Chunk::Done(Box::default())));
            }
            self.text.push_str(&line);
            return Ok(Some(Chunk::text(0, line)));
        }
        *input = &[];
        Ok(None)
    }

    fn finish(&mut self) -> Result<Option<Chunk>, Error> {
        if self.is_done { Ok(None) } else { Err(Message::parse(b"<html>..</html>").unwrap_err().into()) }
    }

    fn finish_broken(&mut self, _: Tail) -> Option<Chunk> {
        None
    }

    fn is_done(&self) -> bool {
        self.is_done
    }

    fn is_stopped(&self) -> bool {
        false
    }

    fn ending(&self) -> Done {
        Done::default()
    }
}

fn stream(text: &'static str, size: usize) -> ChunkStream<Scripted, Lines> {
    let parts = text.as_bytes().chunks(size);
    let steps = parts.flat_map(|part| [Step::Pending, Step::Data(Bytes::from_static(part))]);
    ChunkStream::with_decoder(response(Scripted::new(steps)), Lines::default())
}

const WHOLE: &str = "one \ntwo \nthree\n.\n";

#[tokio::test]
async fn any_decoder_works_with_the_stream() {
    for size in 1..WHOLE.len() {
        let answer = stream(WHOLE, size).collect().await.unwrap();
        assert_eq!((answer.text(), answer.request_id.as_deref()), ("one two three".to_owned(), Some("r-1")));
        assert_eq!((answer.stats.chunks, answer.stats.bytes), (4, WHOLE.len() as u64));

        // The decoder does not report its messages, so the first chunk is awaited.
        let mut started = stream(WHOLE, size).started().await.unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = started
            .next_inspect(|received| match received {
                Received::Bytes(part) => bytes.extend_from_slice(part),
                received => panic!("{received:?}"),
            })
            .await
        {
            chunk.unwrap();
        }
        assert_eq!(bytes, WHOLE.as_bytes());

        let mut text = stream(WHOLE, size).text_stream();
        let mut pieces = Vec::new();
        while let Some(piece) = text.next().await {
            pieces.push(piece.unwrap());
        }
        assert_eq!(pieces, ["one ", "two ", "three"]);
    }
}

#[tokio::test]
async fn the_decoders_verdict_counts() {
    let error = stream("one \ntwo", 3).collect().await.unwrap_err();
    assert_eq!((error.error.kind(), error.partial.text()), (ErrorKind::PreludeChecksum, "one ".to_owned()));
    assert_eq!(error.error.request_id(), Some("r-1"));
    let error = stream("", 1).started().await.unwrap_err();
    assert!(error.is_final(), "{error:?}");
}
