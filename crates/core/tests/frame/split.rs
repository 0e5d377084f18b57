//! The oracle of the tests and of the fuzz targets: however a stream is split, and however the pieces are passed to the
//! decoder, it yields the messages and the error of the one-shot parse (F5, F6 and F7).

use bedrock_stream_core::frame::{Decoder, Error, Limits, Message};

/// Asserts that the decoder yields the same for `input` in pieces as the one-shot parse does for the whole, in every
/// form. The lengths of the pieces are taken from `lens`, cyclically.
pub(crate) fn split_equals_whole(input: &[u8], lens: &[usize], limits: Limits) {
    let whole = Whole::parse(input, limits);
    for form in Form::ALL {
        whole.assert_same_in_pieces(input, lens, limits, form);
    }
}

/// What a whole stream yields.
pub(crate) struct Whole<'a> {
    pub(crate) messages: Vec<Message<'a>>,
    /// How the stream ends, as [`Decoder::finish`] must report it.
    pub(crate) end: Result<(), Error>,
}

/// How a stream's pieces are passed to the decoder.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Each piece is pushed, and the messages that it completes are read.
    Push,
    /// All pieces are pushed before any message is read.
    Backlog,
    /// Each piece is passed to `next_from` until it is used up.
    Borrow,
    /// Pieces are pushed and lent alternately; after some pushes no message is read.
    Mixed,
}

impl<'a> Whole<'a> {
    /// One-shot parses, each starting where the last one ended.
    pub(crate) fn parse(input: &'a [u8], limits: Limits) -> Self {
        let mut messages = Vec::new();
        let mut rest = input;
        loop {
            let offset = (input.len() - rest.len()) as u64;
            match Message::parse_with(rest, limits) {
                Ok(Some((message, after))) => {
                    messages.push(message);
                    rest = after;
                }
                Ok(None) => return Self { messages, end: ends_with(rest, offset) },
                Err(error) => return Self { messages, end: Err(moved(error, offset)) },
            }
        }
    }

    /// Asserts that a decoder yields the same for the stream in pieces.
    pub(crate) fn assert_same_in_pieces(&self, input: &[u8], lens: &[usize], limits: Limits, form: Form) {
        let mut walk = Walk { whole: self, decoder: Decoder::with_limits(limits), taken: 0, failed: None };
        for (index, piece) in pieces(input, lens).enumerate() {
            match (form, index % 3) {
                (Form::Push, _) | (Form::Mixed, 0) => {
                    walk.decoder.push(piece);
                    walk.take(&[]);
                }
                (Form::Borrow, _) | (Form::Mixed, 1) => walk.take(piece),
                (Form::Backlog, _) | (Form::Mixed, _) => walk.decoder.push(piece),
            }
        }
        // Also before any message is read, since `finish` checks what is still in the buffer.
        assert_eq!(walk.decoder.finish(), self.end, "{form:?}, {lens:?}");
        walk.take(&[]);
        walk.assert_at_end();
    }
}

impl Form {
    pub(crate) const ALL: [Self; 4] = [Self::Push, Self::Backlog, Self::Borrow, Self::Mixed];
}

/// A decoder in the middle of a stream whose messages and end are known.
struct Walk<'w, 'a> {
    whole: &'w Whole<'a>,
    decoder: Decoder,
    taken: usize,
    failed: Option<Error>,
}

impl Walk<'_, '_> {
    /// Reads every message that is completed by the buffer and then by `input`.
    fn take(&mut self, mut input: &[u8]) {
        loop {
            let before = input;
            match self.decoder.next_from(&mut input) {
                Ok(Some(message)) => {
                    assert_eq!(self.failed, None, "a message after an error");
                    assert_eq!(message, self.whole.messages[self.taken], "message {}", self.taken);
                    self.taken += 1;
                }
                Ok(None) => {
                    assert_eq!(self.failed, None, "the decoder asks for more after an error");
                    assert!(input.is_empty(), "the input is not used up");
                    return;
                }
                Err(error) => {
                    assert_eq!(Err(error), self.whole.end);
                    if let Some(first) = self.failed {
                        assert_eq!(error, first, "another error");
                        assert_eq!(input, before, "input was used after an error");
                    }
                    self.failed = Some(error);
                    return;
                }
            }
        }
    }

    /// Asserts that everything was read, and that the end is as expected and stays so.
    fn assert_at_end(mut self) {
        assert_eq!(self.taken, self.whole.messages.len(), "messages taken");
        let len: usize = self.whole.messages.iter().map(|message| message.as_bytes().len()).sum();
        assert_eq!(self.decoder.offset(), len as u64);
        assert_eq!(self.decoder.finish(), self.whole.end);
        match self.whole.end {
            Ok(()) | Err(Error::Truncated { .. }) => assert_eq!(self.failed, None),
            Err(error) => {
                assert_eq!(self.failed, Some(error), "the decoder did not report what finish did");
                assert_eq!(error.offset(), len as u64);
                self.decoder.push(&[0; 64]);
                assert_eq!(self.decoder.next_message(), Err(error));
                assert_eq!(self.decoder.next_from(&mut &[1; 64][..]), Err(error));
                assert_eq!(self.decoder.finish(), Err(error));
            }
        }
    }
}

/// Cuts `input` into pieces whose lengths are taken from `lens` cyclically; lengths of 0 give empty pieces.
pub(crate) fn pieces<'i>(input: &'i [u8], lens: &'i [usize]) -> impl Iterator<Item = &'i [u8]> {
    let mut rest = input;
    let endless = lens.iter().all(|&len| len == 0);
    let mut lens = lens.iter().copied().cycle();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let len = if endless { rest.len() } else { lens.next()?.min(rest.len()) };
        let (piece, after) = rest.split_at(len);
        rest = after;
        Some(piece)
    })
}

/// What [`Decoder::finish`] must return if an incomplete message, or nothing, is left.
fn ends_with(rest: &[u8], offset: u64) -> Result<(), Error> {
    let need = match rest {
        [] => return Ok(()),
        [t0, t1, t2, t3, ..] if rest.len() >= 12 => u32::from_be_bytes([*t0, *t1, *t2, *t3]),
        _ => 12,
    };
    Err(Error::truncated(offset, rest.len() as u32, need))
}

/// The error of a slice that starts `by` bytes into the stream.
fn moved(mut error: Error, by: u64) -> Error {
    match &mut error {
        Error::PreludeChecksum { offset, .. }
        | Error::Length { offset, .. }
        | Error::TooLong { offset, .. }
        | Error::MessageChecksum { offset, .. }
        | Error::Header { offset, .. } => *offset += by,
        other => panic!("a parse cannot return {other:?}"),
    }
    error
}
