//! Every recorded answer, of any dialect, encoded in each of the three and decoded again.

use bedrock_stream_core::answer::{Decode, Error};
use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_dialects::encode::Failure;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};

use super::recorded::{Answer, Recording, recordings};
use super::told;
use super::wire::{DIALECTS, decode, encoder, looks_complete, whole};

#[test]
fn every_recorded_answer_is_told_in_each_dialect() {
    let mut complete = 0;
    complete += told_as(
        "sse",
        |_| true,
        |recording| {
            let name = recording.name.split('-').next().unwrap();
            read(SseDecoder::new(Some(name.parse::<Dialect>().unwrap())), recording)
        },
    );
    complete += told_as(
        "recordings",
        |name| name.starts_with("converse-"),
        |recording| read(ChunkDecoder::new(), recording),
    );
    complete += told_as(
        "recordings",
        |name| name.starts_with("invoke-"),
        |recording| read(InvokeDecoder::new(None), recording),
    );
    if bedrock_stream_tests::shared("sse").is_some() {
        assert!(complete > 90, "{complete} recordings are whole");
    }
}

fn read(decoder: impl Decode, recording: &Recording) -> Answer {
    Answer::read(decoder, &recording.bytes, usize::MAX)
}

/// Returns how many recordings are whole.
fn told_as(folder: &str, is_meant: fn(&str) -> bool, read: fn(&Recording) -> Answer) -> usize {
    let mut complete = 0;
    for recording in recordings(folder, is_meant).into_iter().flatten() {
        let answer = read(&recording);
        let is_whole = answer.done().is_some() && answer.errors.is_empty();
        complete += usize::from(is_whole);
        for dialect in DIALECTS {
            let name = format!("{} as {dialect}", recording.name);
            let bytes = encoded(dialect, &answer);
            let (chunks, failure) = decode(dialect, &bytes);
            // An answer that calls a tool with what is no JSON, on a normal stop, must not look whole.
            assert!(is_whole || failure.is_some(), "{name}");
            assert_eq!(looks_complete(&bytes), failure.is_none(), "{name}: {bytes}");
            if failure.is_some() {
                assert!(matches!(failure, Some(Error::Exception(_))), "{name}: {failure:?}");
                assert!(!is_whole, "{name}: {failure:?}");
                continue;
            }
            assert_eq!(told::read(dialect, &chunks), told::expected(dialect, &answer.chunks), "{name}");
            let has_cut_call = answer.calls().iter().any(|call| !call.is_usable);
            assert_eq!(
                whole(dialect, &answer.chunks).is_ok(),
                !(dialect == Dialect::Messages && has_cut_call),
                "{name}"
            );
        }
    }
    complete
}

fn encoded(dialect: Dialect, answer: &Answer) -> String {
    let mut encoder = encoder(dialect);
    let mut out = Vec::new();
    answer.errors.iter().for_each(|error| encoder.fail(&Failure::from(error), &mut out));
    answer.chunks.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
    if let Some(error) = &answer.failure {
        encoder.fail(&Failure::from(error), &mut out);
    }
    encoder.finish(&mut out);
    String::from_utf8(out).unwrap()
}
