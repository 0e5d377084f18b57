use bedrock_stream_dialects::SseDecoder;

use crate::answer_reading::{AnswerReading, Form};
use crate::control::Control;
use crate::dialect_choice::take_dialect;

/// Any bytes read as server-sent events, in any split, yield the same chunks and errors, in a valid order. The events
/// alone lead to the same verdict.
pub fn sse_decoder(data: &[u8]) {
    let (control, stream) = Control::split(data);
    let (dialect, stream) = take_dialect(stream);
    let decoder = || SseDecoder::with_limits(dialect, control.limits());
    let whole = AnswerReading::read(decoder(), stream, &[], Form::Owned);
    for form in Form::ALL {
        assert_eq!(AnswerReading::read(decoder(), stream, &control.lens, form), whole);
    }
    let mut decoder = decoder();
    let mut input = stream;
    while matches!(decoder.next_event(&mut input), Ok(Some(_))) {}
    while matches!(decoder.finish_event(), Ok(Some(_))) {}
    let is_done = loop {
        match decoder.finish() {
            Ok(Some(_)) => {}
            Ok(None) => break true,
            Err(error) if error.is_final() => break false,
            Err(_) => {}
        }
    };
    assert_eq!(is_done, whole.is_done, "the events alone");
}
