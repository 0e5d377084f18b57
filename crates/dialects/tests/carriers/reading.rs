//! All that a decoder says of a stream.

use bedrock_stream_core::answer::{Chunk, Decode, Done, Error};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};

use super::pieces::pieces;

/// Which carrier a stream is in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Carrier {
    Invoke,
    Sse,
}

/// The items of a stream; the last is `Done` or the final error.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) items: Vec<Result<Chunk, Error>>,
}

impl Carrier {
    pub(crate) const BOTH: [Self; 2] = [Self::Invoke, Self::Sse];

    pub(crate) fn decoder(self, dialect: Option<Dialect>) -> Box<dyn Decode> {
        match self {
            Self::Invoke => Box::new(InvokeDecoder::new(dialect)),
            Self::Sse => Box::new(SseDecoder::new(dialect)),
        }
    }

    pub(crate) fn carry(self, payload: impl AsRef<[u8]>) -> Vec<u8> {
        match self {
            Self::Invoke => super::wire::chunk(payload),
            Self::Sse => super::wire::data(payload),
        }
    }

    pub(crate) fn read(self, dialect: Option<Dialect>, stream: &[u8]) -> Reading {
        self.read_in(dialect, stream, &[0], true)
    }

    /// Reads it in pieces, lent to the decoder or pushed; asserts what is true of any stream, and that chunks that are lent are the
    /// same.
    pub(crate) fn read_in(
        self,
        dialect: Option<Dialect>,
        stream: &[u8],
        lens: &[usize],
        lend: bool,
    ) -> Reading {
        match self {
            Self::Invoke => Reading::of(|| InvokeDecoder::new(dialect), stream, lens, lend),
            Self::Sse => Reading::of(|| SseDecoder::new(dialect), stream, lens, lend),
        }
    }
}

fn take<D: Decode>(
    items: &mut Vec<Result<Chunk, Error>>,
    decoder: &mut D,
    mut next: impl FnMut(&mut D) -> Result<Option<Chunk>, Error>,
) {
    let is_final = |item: &Result<Chunk, Error>| item.as_ref().is_err_and(Error::is_final);
    while !items.last().is_some_and(is_final) {
        let item = next(decoder).transpose();
        assert_eq!(decoder.raw_stop_reason().as_deref(), decoder.ending().raw_stop_reason.as_deref());
        match item {
            Some(item) => items.push(item),
            None => return,
        }
    }
}

impl Reading {
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime")]
    fn of<D: Decode>(decoder: impl Fn() -> D, stream: &[u8], lens: &[usize], lend: bool) -> Self {
        let owned = Self::by(decoder(), stream, lens, |decoder, piece| {
            if lend {
                return decoder.next_from(piece);
            }
            decoder.push(core::mem::take(piece));
            decoder.next_chunk()
        });
        let lent = Self::by(decoder(), stream, lens, |decoder, piece| {
            if !lend {
                decoder.push(core::mem::take(piece));
            }
            decoder.next_with(piece, |chunk| chunk.into_chunk())
        });
        assert_eq!(lent, owned, "lent chunks");
        owned
    }

    /// Reads it in pieces; `next` is called until it takes nothing of a piece.
    fn by<D: Decode>(
        mut decoder: D,
        stream: &[u8],
        lens: &[usize],
        mut next: impl FnMut(&mut D, &mut &[u8]) -> Result<Option<Chunk>, Error>,
    ) -> Self {
        let mut items = Vec::new();
        for mut piece in pieces(stream, lens) {
            take(&mut items, &mut decoder, |decoder| next(decoder, &mut piece));
        }
        take(&mut items, &mut decoder, D::finish);
        let reading = Self { items };
        reading.assert_end(&mut decoder);
        reading
    }

    /// The closing chunk, if the answer is complete.
    pub(crate) fn done(&self) -> Option<&Done> {
        match self.items.last() {
            Some(Ok(Chunk::Done(done))) => Some(done),
            _ => None,
        }
    }

    /// The final error, if it is not.
    pub(crate) fn failure(&self) -> Option<&Error> {
        self.items.last()?.as_ref().err()
    }

    pub(crate) fn text(&self) -> String {
        let piece = |item: &Result<Chunk, Error>| match item {
            Ok(Chunk::Text { text, .. }) => Some(text.clone()),
            _ => None,
        };
        self.items.iter().filter_map(piece).collect()
    }

    /// The kinds of the errors that were not final.
    pub(crate) fn skipped(&self) -> Vec<&'static str> {
        let errors = self.items.iter().filter_map(|item| item.as_ref().err());
        errors.filter(|error| !error.is_final()).map(|error| error.kind().as_str()).collect()
    }

    fn assert_end(&self, decoder: &mut impl Decode) {
        let is_last = |item: &Result<Chunk, Error>| match item {
            Ok(chunk) => matches!(chunk, Chunk::Done(_)),
            Err(error) => error.is_final(),
        };
        assert_eq!(self.items.iter().position(is_last), Some(self.items.len() - 1), "one end: {self:?}");
        let expected = self.failure().cloned().map_or(Ok(None), Err);
        assert_eq!(decoder.is_done(), self.done().is_some());
        for _ in 0..2 {
            assert_eq!(decoder.finish(), expected);
            decoder.push(b"data: {}\n\n");
            assert_eq!(decoder.next_chunk(), expected);
            assert_eq!(decoder.next_from(&mut &b"data: {}\n\n"[..]), expected);
        }
        if let Some(done) = self.done() {
            assert!(done.skipped_events >= self.skipped().len() as u64);
        }
    }
}
