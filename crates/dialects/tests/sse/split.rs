//! However a stream is split, and in whatever form the decoder receives the pieces, it returns the same as the oracle.

use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::sse::{Decoder, Error, Event};

use super::oracle::{OwnedEvent, Whole, read};

/// Asserts that `input`, in pieces whose lengths go through `lens` over and over, gives the decoder what it gives the oracle,
/// in every form.
pub(crate) fn split_equals_whole(input: &[u8], lens: &[usize], max_data: u32) {
    let whole = read(input, max_data as usize, max_data.min(64 * 1024) as usize);
    for form in Form::ALL {
        assert_same_in_pieces(&whole, input, lens, max_data, form);
    }
}

/// How the decoder is given a stream's pieces.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// Each piece is pushed, and the events that it completes are read.
    Push,
    /// All pieces are pushed before anything is taken.
    Backlog,
    /// All pieces are pushed, and everything is taken where the stream ends.
    End,
    /// Each piece is lent to `next_from` until it is used up.
    Borrow,
    /// Pieces are pushed and lent in turns, with a push now and then from which nothing is taken.
    Mixed,
}

impl Form {
    const ALL: [Self; 5] = [Self::Push, Self::Backlog, Self::End, Self::Borrow, Self::Mixed];
}

fn assert_same_in_pieces(whole: &Whole, input: &[u8], lens: &[usize], max_data: u32, form: Form) {
    let mut decoder = Decoder::with_limits(Limits::max_message_len(max_data));
    let mut events = Vec::new();
    for (index, piece) in pieces(input, lens).enumerate() {
        match (form, index % 3) {
            (Form::Push, _) | (Form::Mixed, 0) => {
                decoder.push(piece);
                take(&mut decoder, &[], &mut events);
            }
            (Form::Borrow, _) | (Form::Mixed, 1) => take(&mut decoder, piece, &mut events),
            (Form::Backlog | Form::End, _) | (Form::Mixed, _) => decoder.push(piece),
        }
    }
    if !matches!(form, Form::End) {
        take(&mut decoder, &[], &mut events);
        assert_eq!(events, whole.events, "{form:?}, {lens:?}");
    }
    let end = loop {
        match decoder.finish() {
            Ok(Some(event)) => events.push(owned(event)),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(end, whole.end, "{form:?}, {lens:?}");
    let expected: Vec<&OwnedEvent> = whole.events.iter().chain(&whole.last).collect();
    assert_eq!(events.iter().collect::<Vec<_>>(), expected, "{form:?}, {lens:?}");
    assert_eq!(decoder.finish().map(|event| event.map(owned)), end.map(|()| None), "the end stays as it is");
    if let Err(error @ Error::TooLong(_)) = end {
        decoder.push(b"data: 1\n\n");
        assert_eq!(decoder.next_event(), Err(error));
        assert_eq!(decoder.next_from(&mut &b"data: 1\n\n"[..]), Err(error));
        assert_eq!(decoder.finish(), Err(error));
        assert_eq!(decoder.buffer_capacity(), 0, "nothing is kept after an error");
    }
}

/// Takes every event that the buffer and then `input` complete.
fn take(decoder: &mut Decoder, mut input: &[u8], events: &mut Vec<OwnedEvent>) {
    loop {
        match decoder.next_from(&mut input) {
            Ok(Some(event)) => events.push(owned(event)),
            Ok(None) => {
                assert!(input.is_empty(), "the input is not used up");
                return;
            }
            Err(_) => return,
        }
    }
}

fn owned(event: Event<'_>) -> OwnedEvent {
    (event.offset, event.name.map(Into::into), event.data.into())
}

/// Cuts `input` into pieces whose lengths go through `lens` over and over; lengths of 0 give empty pieces.
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
