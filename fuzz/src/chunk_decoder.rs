use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_core::frame::Limits;

use crate::control::Control;
use crate::repair::repair;
use crate::split::pieces;

/// Any bytes, in any split and through every API, yield the same chunks and errors. A stream ends with one `Done` as
/// its last chunk, or with a final error; nothing changes it afterwards.
pub fn chunk_decoder(data: &[u8]) {
    let (control, stream) = Control::split(data);
    let mut stream = stream.to_vec();
    // Otherwise damage would rarely get past the checksums.
    if control.bits & 2 == 0 {
        repair(&mut stream, control.bits);
    }
    let whole = Answer::read(&stream, &[], control.limits(), Form::Push);
    for form in [Form::Push, Form::Borrow, Form::Lend, Form::Mixed] {
        assert_eq!(Answer::read(&stream, &control.lens, control.limits(), form), whole, "{form:?}");
    }
}

/// Everything that a stream yields.
#[derive(Debug, PartialEq)]
struct Answer {
    /// The chunks, and the errors that are not final.
    items: Vec<Result<Chunk, Error>>,
    /// The final error; `None`: `Done`.
    failure: Option<Error>,
}

/// Which API is used to pass the pieces to the decoder.
#[derive(Clone, Copy, Debug)]
enum Form {
    Push,
    Borrow,
    Lend,
    Mixed,
}

impl Answer {
    fn read(stream: &[u8], lens: &[usize], limits: Limits, form: Form) -> Self {
        let mut decoder = ChunkDecoder::with_limits(limits);
        let mut answer = Self { items: Vec::new(), failure: None };
        for (index, mut piece) in pieces(stream, lens).enumerate() {
            match (form, index % 3) {
                (Form::Push, _) | (Form::Mixed, 0) => {
                    decoder.push(piece);
                    answer.take(|| decoder.next_chunk());
                }
                (Form::Borrow, _) | (Form::Mixed, 1) => {
                    answer.take(|| decoder.next_from(&mut piece));
                    assert!(piece.is_empty() || answer.failure.is_some(), "the input is not used up");
                }
                (Form::Lend, _) => {
                    answer.take(|| decoder.next_with(&mut piece, |chunk| chunk.into_chunk()));
                    assert!(piece.is_empty() || answer.failure.is_some(), "the input is not used up");
                }
                (Form::Mixed, _) => decoder.push(piece),
            }
        }
        answer.take(|| decoder.finish());
        answer.assert_sound(stream.len());
        answer.assert_final(&mut decoder);
        answer
    }

    /// Takes items until there are no more, or up to a final error.
    fn take(&mut self, mut next: impl FnMut() -> Result<Option<Chunk>, Error>) {
        loop {
            match next() {
                Ok(None) => {
                    assert_eq!(self.failure, None, "the decoder asks for more after a final error");
                    return;
                }
                Err(error) if error.is_final() => {
                    if let Some(first) = &self.failure {
                        assert_eq!(error, *first, "another final error");
                    }
                    self.failure = Some(error);
                    return;
                }
                item => {
                    assert_eq!(self.failure, None, "{item:?} after a final error");
                    self.items.extend(item.transpose());
                }
            }
        }
    }

    fn assert_sound(&self, len: usize) {
        let is_done = |item: &Result<Chunk, Error>| matches!(item, Ok(Chunk::Done(_)));
        assert_eq!(
            self.items.iter().filter(|item| is_done(item)).count(),
            usize::from(self.failure.is_none())
        );
        assert_eq!(self.items.last().is_some_and(is_done), self.failure.is_none(), "Done is not the last");
        assert!(self.items.len() <= 2 * len, "{} items of {len} bytes", self.items.len());
        let skipped = self.items.iter().filter(|item| item.is_err()).count() as u64;
        for chunk in self.items.iter().flatten() {
            assert!(serde_json::to_string(chunk).unwrap().starts_with(r#"{"type":""#));
            if let Chunk::Done(done) = chunk {
                assert!(done.skipped_events >= skipped);
            }
        }
        if let Some(error) = &self.failure {
            assert!(!error.to_string().is_empty());
        }
    }

    /// Asserts that nothing changes after the end.
    fn assert_final(&self, decoder: &mut ChunkDecoder) {
        let expected = self.failure.clone().map_or(Ok(None), Err);
        for _ in 0..2 {
            assert_eq!(decoder.finish(), expected);
            assert_eq!(decoder.next_chunk(), expected);
            decoder.push(&[0xff; 40]);
            assert_eq!(decoder.next_chunk(), expected);
            assert_eq!(decoder.next_from(&mut &[0; 40][..]), expected);
            assert_eq!(decoder.is_done(), self.failure.is_none());
        }
    }
}
