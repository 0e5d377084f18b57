//! Each fault that changes the bytes of a stream, one by one: what is changed, and that nothing else is.

use std::num::NonZeroUsize;

use bedrock_stream_core::frame::{Decoder, Error, MessageKind};
use bedrock_stream_testkit::{Answer, End, EventType, ExceptionKind, Fault, InjectionPoint, answer};
use serde_json::{Value, json};

const START: &str = "messageStart";
const BLOCK: &str = "contentBlockStart";
const DELTA: &str = "contentBlockDelta";
const END: &str = "contentBlockStop";
const STOP: &str = "messageStop";
const METADATA: &str = "metadata";
/// The messages of [`whole`].
const WHOLE: [&str; 11] = [START, DELTA, DELTA, DELTA, END, BLOCK, DELTA, DELTA, END, STOP, METADATA];
/// Where the proof of completeness is.
const PROOF: usize = 9;
/// Half-way through them.
const MIDDLE: usize = WHOLE.len() / 2;

/// Three deltas of text, and a tool call without arguments, which are two deltas.
fn whole() -> Answer {
    answer().text("One two three").tool_with_id("t", "now", json!({}))
}

fn messages() -> Vec<Vec<u8>> {
    whole().messages().expect("it can be encoded").into_iter().map(Vec::from).collect()
}

fn damaged(fault: Fault) -> Vec<u8> {
    fault.damage(messages().concat()).expect("it can be damaged")
}

/// The names of a stream's messages, and the payload of the last; how it ends.
fn read(bytes: &[u8]) -> (Vec<String>, Value, Result<(), Error>) {
    let mut decoder = Decoder::new();
    decoder.push(bytes);
    let (mut names, mut last) = (Vec::new(), Value::Null);
    loop {
        let message = match decoder.next_message() {
            Ok(Some(message)) => message,
            Ok(None) => return (names, last, decoder.finish()),
            Err(error) => return (names, last, Err(error)),
        };
        last = serde_json::from_slice(message.payload()).unwrap_or_default();
        names.push(match message.envelope().expect("it has its headers").kind {
            MessageKind::Event { event_type, .. } => event_type.to_owned(),
            MessageKind::Exception { exception_type, .. } => {
                exception_type.expect("it has a name").to_owned()
            }
            MessageKind::Error { code, .. } => code.expect("it has a code").to_owned(),
            kind => panic!("{kind:?}"),
        });
    }
}

/// The names of a stream that is undamaged.
fn names(fault: Fault) -> Vec<String> {
    let (names, _, end) = read(&damaged(fault));
    assert_eq!(end, Ok(()), "{fault}");
    names
}

/// [`WHOLE`], changed.
fn changed(change: impl FnOnce(&mut Vec<&'static str>)) -> Vec<String> {
    let mut names = WHOLE.to_vec();
    change(&mut names);
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn without_a_fault() {
    assert_eq!(read(&messages().concat()).0, WHOLE);
}

#[test]
fn cut() {
    let messages = messages();
    let bytes = damaged(Fault::Cut);
    assert_eq!(bytes.len(), messages[..MIDDLE].concat().len() + messages[MIDDLE].len() / 2);
    let (names, _, end) = read(&bytes);
    assert_eq!(names, WHOLE[..MIDDLE]);
    assert!(matches!(end, Err(Error::Truncated { .. })), "{end:?}");
}

#[test]
fn no_stop() {
    assert_eq!(names(Fault::NoStop), WHOLE[..PROOF]);
}

#[test]
fn cut_at() {
    let bytes = messages().concat();
    let proof = bytes.len() - messages()[PROOF + 1].len();
    for end in [End::Clean, End::Abort, End::Reset, End::Stall] {
        for (byte, left) in [(0, 0), (1, 1), (proof - 1, proof - 1), (proof, 0), (proof + 3, 3)] {
            assert_eq!(damaged(Fault::CutAt { byte: byte as u64, end }), bytes[..left], "{byte} {end}");
        }
    }
}

#[test]
fn bad_crc() {
    let (names, _, end) = read(&damaged(Fault::BadCrc));
    assert_eq!(names, WHOLE[..MIDDLE]);
    assert!(matches!(end, Err(Error::MessageChecksum { .. })), "{end:?}");
}

#[test]
fn flip_bit() {
    let bytes = messages().concat();
    for bit in [0, 7, 8, 12_345, bytes.len() * 8 - 1] {
        let mut expected = bytes.clone();
        let bit = bit % (bytes.len() * 8);
        expected[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(damaged(Fault::FlipBit { bit: bit as u64 }), expected, "{bit}");
        assert_eq!(
            damaged(Fault::FlipBit { bit: (bit + bytes.len() * 8) as u64 }),
            expected,
            "{bit} and round"
        );
    }
}

#[test]
fn wrong_length() {
    let messages = messages();
    let before = messages[..MIDDLE].concat().len();
    let bytes = damaged(Fault::WrongLength);
    let declared = u32::from_be_bytes(bytes[before..before + 4].try_into().expect("four bytes"));
    assert_eq!(declared as usize, messages[MIDDLE].len() + 16 * 1024 * 1024);
    // Nothing is missing, and twelve bytes of the message are enough to see that it is wrong.
    assert_eq!(bytes.len(), messages.concat().len());
    let (names, _, end) = read(&bytes[..before + 12]);
    assert_eq!(names, WHOLE[..MIDDLE]);
    assert!(matches!(end, Err(Error::PreludeChecksum { .. })), "{end:?}");
}

#[test]
fn huge_length() {
    let before = messages()[..MIDDLE].concat().len();
    let bytes = damaged(Fault::HugeLength);
    assert_eq!(bytes[before..before + 4], [0xff; 4]);
    let (names, _, end) = read(&bytes[..before + 12]);
    assert_eq!(names, WHOLE[..MIDDLE]);
    // Its checksum is right: it is the length that is refused.
    assert!(matches!(end, Err(Error::TooLong { .. })), "{end:?}");
}

#[test]
fn repeat() {
    for (piece, at) in places() {
        assert_eq!(names(Fault::Repeat(piece)), changed(|names| names.insert(at, names[at])), "{piece}");
    }
}

#[test]
fn drop_() {
    for (piece, at) in places() {
        let dropped = changed(|names| {
            names.remove(at);
        });
        assert_eq!(names(Fault::Drop(piece)), dropped, "{piece}");
    }
}

#[test]
fn swap() {
    for (piece, at) in places() {
        let swapped = changed(|names| names.swap(at, (at + 1).min(WHOLE.len() - 1)));
        assert_eq!(names(Fault::Swap(piece)), swapped, "{piece}");
    }
}

/// Where each piece stands.
fn places() -> [(EventType, usize); 6] {
    [
        (EventType::MessageStart, 0),
        (EventType::BlockStart, 5),
        // Of five, the third.
        (EventType::Delta, 3),
        (EventType::BlockStop, 4),
        (EventType::MessageStop, PROOF),
        (EventType::Metadata, PROOF + 1),
    ]
}

#[test]
fn raise_and_error_message() {
    for (at, left) in [
        (InjectionPoint::First, 0),
        (InjectionPoint::Middle, MIDDLE),
        (InjectionPoint::Last, PROOF),
        (InjectionPoint::Stopped, PROOF + 1),
        (InjectionPoint::After, WHOLE.len()),
    ] {
        for &exception in ExceptionKind::ALL {
            let (names, payload, end) = read(&damaged(Fault::Raise { exception, at }));
            assert_eq!(end, Ok(()));
            assert_eq!(names[..left], WHOLE[..left], "{exception} {at}");
            assert_eq!(names[left..], [exception.name()], "nothing follows it");
            assert!(payload["message"].as_str().is_some_and(|message| message.ends_with('.')), "{payload}");
        }
        let names = names(Fault::UnmodeledError { at });
        assert_eq!(
            (&names[..left], &names[left..]),
            (&changed(|_| ())[..left], &["InternalFailure".into()][..])
        );
    }
    let shortest = Fault::Raise { exception: ExceptionKind::Throttling, at: InjectionPoint::Middle };
    assert_eq!(damaged(Fault::Exception), damaged(shortest));
}

#[test]
fn html_body() {
    let bytes = damaged(Fault::HtmlBody);
    assert!(bytes.starts_with(b"<!DOCTYPE html>") && bytes.ends_with(b"</html>\n"), "it is a whole page");
}

/// `tests/server/faults.rs` has those that leave the bytes alone over HTTP.
#[test]
fn a_fault_changes_the_bytes_unless_it_is_about_something_else() {
    for fault in Fault::ALL.iter().copied().chain([Fault::Split { bytes: NonZeroUsize::MIN }]) {
        let is_about_something_else = matches!(
            fault,
            Fault::Throttle
                | Fault::Refuse { .. }
                | Fault::Html
                | Fault::Json
                | Fault::SlowHead { .. }
                | Fault::NoHead
                | Fault::NoResponse
                | Fault::Split { .. }
                | Fault::Drip
        );
        // Nothing comes after the last message that it could change places with.
        let finds_nothing = fault == Fault::Swap(EventType::Metadata);
        let is_unchanged = damaged(fault) == messages().concat();
        assert_eq!(is_unchanged, is_about_something_else || finds_nothing, "{fault}");
    }
}
