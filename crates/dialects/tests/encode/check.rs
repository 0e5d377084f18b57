//! What holds for every answer, however it is made.

use bedrock_stream_core::answer::{Chunk, Error};

use super::answers::MadeAnswer;
use super::sdk_rules;
use super::told;
use super::wire::{DIALECTS, decode, encode, encoder, looks_complete, whole};

/// An answer that is whole is decoded as it was, and any other ends in an error event.
pub(crate) fn check_answer(made: &MadeAnswer) {
    for dialect in DIALECTS {
        let bytes = encode(dialect, &made.chunks);
        sdk_rules::check(dialect, &bytes).unwrap();
        let (chunks, failure) = decode(dialect, &bytes);
        assert_eq!(failure.is_none(), made.is_whole, "{dialect}: {failure:?}\n{bytes}");
        assert_eq!(looks_complete(&bytes), made.is_whole, "{bytes}");
        if made.is_whole {
            let expected = told::expected(dialect, &made.chunks);
            assert_eq!(told::read(dialect, &chunks), expected, "{dialect}: {bytes}");
        }
    }
}

/// An answer that ends before that chunk is an error, in the stream, as one object, and where the stream just breaks.
pub(crate) fn check_cut(made: &MadeAnswer, at: usize) {
    let cut = &made.chunks[..at];
    for dialect in DIALECTS {
        let bytes = encode(dialect, cut);
        assert!(!looks_complete(&bytes), "{bytes}");
        sdk_rules::check(dialect, &bytes).unwrap();
        let (_, failure) = decode(dialect, &bytes);
        assert!(matches!(failure, Some(Error::Exception(_))), "{failure:?}\n{bytes}");
        assert!(whole(dialect, cut).is_err());
        let mut encoder = encoder(dialect);
        let mut out = Vec::new();
        cut.iter().for_each(|chunk| encoder.encode(chunk, &mut out));
        let (chunks, failure) = decode(dialect, std::str::from_utf8(&out).unwrap());
        assert!(failure.is_some() && !matches!(chunks.last(), Some(Chunk::Done(_))));
    }
}

/// Chunks in an order that no decoder gives are written as events that can be read, and without `Done` they look never complete.
pub(crate) fn check_any_order(chunks: &[Chunk]) {
    for dialect in DIALECTS {
        let mut encoder = encoder(dialect);
        let mut is_done = false;
        for chunk in chunks {
            for event in encoder.events(chunk) {
                let is_json = serde_json::from_str::<serde_json::Value>(&event.data).is_ok();
                assert!(is_json || event.data == "[DONE]", "{}", event.data);
            }
            is_done |= matches!(chunk, Chunk::Done(_));
        }
        assert_eq!(encoder.is_ended(), is_done);
        let bytes = encode(dialect, chunks);
        assert!(is_done || !looks_complete(&bytes), "{bytes}");
        sdk_rules::check(dialect, &bytes).unwrap_or_else(|broken| panic!("{dialect}: {broken}\n{chunks:?}"));
        drop(whole(dialect, chunks));
    }
}
