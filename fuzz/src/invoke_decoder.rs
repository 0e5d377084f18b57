use bedrock_stream_core::json::Blob;
use bedrock_stream_dialects::InvokeDecoder;

use crate::answer_reading::{AnswerReading, Form};
use crate::control::Control;
use crate::dialect_choice::take_dialect;
use crate::repair::repair;
use crate::wire::{framed, header};

/// Any bytes of an event stream, in any split, yield the same chunks and errors, in a valid order. The payloads alone
/// lead to the same verdict.
pub fn invoke_decoder(data: &[u8]) {
    let (control, stream) = Control::split(data);
    let (dialect, stream) = take_dialect(stream);
    let stream = if control.bits & 2 == 0 {
        // Payloads, one per line: otherwise few inputs would get past the checksums and the base64.
        stream.split(|byte| *byte == b'\n').flat_map(chunk).collect()
    } else {
        let mut stream = stream.to_vec();
        repair(&mut stream, control.bits);
        stream
    };
    let decoder = || InvokeDecoder::with_limits(dialect, control.limits());
    let whole = AnswerReading::read(decoder(), &stream, &[], Form::Owned);
    for form in Form::ALL {
        assert_eq!(AnswerReading::read(decoder(), &stream, &control.lens, form), whole);
    }
    let mut decoder = decoder();
    let mut input = &stream[..];
    while matches!(decoder.next_payload(&mut input), Ok(Some(_))) {}
    let is_done = loop {
        match decoder.finish() {
            Ok(Some(_)) => {}
            Ok(None) => break true,
            Err(error) if error.is_final() => break false,
            Err(_) => {}
        }
    };
    assert_eq!(is_done, whole.is_done, "the payloads alone");
}

/// A `chunk` message with this payload.
pub(crate) fn chunk(payload: &[u8]) -> Vec<u8> {
    let headers = [header(b":event-type", 7, b"\0\x05chunk"), header(b":message-type", 7, b"\0\x05event")];
    let payload = Blob::from(payload.to_vec()).to_base64();
    framed(&headers.concat(), format!(r#"{{"bytes":"{payload}","p":"ab"}}"#).as_bytes())
}
