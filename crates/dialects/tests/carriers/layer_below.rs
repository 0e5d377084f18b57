//! Events and payloads that pass unchanged, with the verdict at the end.

use bedrock_stream_core::answer::{Chunk, Decode, Error};
use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::{InvokeDecoder, SseDecoder};

use super::pieces::pieces;
use super::wire::{METRICS, PROOF, TEXT, chunk, data, event, message};

#[test]
fn events_pass_with_their_names_and_the_verdict_is_kept() {
    let stream =
        [&b": ping\n\nevent: a\n"[..], &data(TEXT), &data(PROOF), &data(METRICS), &data("[DONE]")].concat();
    for lens in [&[0][..], &[1], &[7, 3]] {
        for lend in [true, false] {
            let mut decoder = SseDecoder::new(None);
            let mut given = Vec::new();
            for mut piece in pieces(&stream, lens) {
                if !lend {
                    decoder.push(piece);
                    piece = &[];
                }
                while let Some(event) = decoder.next_event(&mut piece).unwrap() {
                    given.push((event.name.map(str::to_owned), event.data.to_owned()));
                }
            }
            assert!(decoder.is_done());
            assert_eq!(decoder.raw_stop_reason(), decoder.ending().raw_stop_reason.as_deref());
            assert_eq!(decoder.finish_event().unwrap(), None);
            assert_eq!(
                given,
                [
                    (Some("a".into()), TEXT.into()),
                    (None, PROOF.into()),
                    (None, METRICS.into()),
                    (None, "[DONE]".into())
                ]
            );
            assert_eq!(decoder.ending().skipped_events, 0);
            assert!(decoder.ending().invocation_metrics.is_some());
            assert!(matches!(decoder.finish(), Ok(Some(Chunk::Done(done))) if done.usage.is_some()));
            assert_eq!(decoder.finish(), Ok(None));
        }
    }
}

/// If it were copied with the rest of what is known of the end, this would take minutes.
#[test]
fn the_stop_reason_costs_nothing_to_ask_for() {
    let id = "a".repeat(16 << 20);
    let start = format!(r#"{{"type":"message_start","message":{{"id":"{id}"}}}}"#);
    let mut decoder = SseDecoder::new(None);
    decoder.push(&data(&start));
    while decoder.next_chunk().unwrap().is_some() {}
    for _ in 0..100_000 {
        assert_eq!(Decode::raw_stop_reason(&decoder), None);
    }
    decoder.push(&data(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#));
    while decoder.next_chunk().unwrap().is_some() {}
    assert_eq!(Decode::raw_stop_reason(&decoder).as_deref(), Some("end_turn"));
}

#[test]
fn events_of_an_answer_that_is_cut_pass_and_are_incomplete() {
    let mut decoder = SseDecoder::new(None);
    let stream = [data(TEXT), b"data: {\"out".to_vec()].concat();
    let mut input = &stream[..];
    assert_eq!(decoder.next_event(&mut input).unwrap().unwrap().data, TEXT);
    assert_eq!(decoder.next_event(&mut input).unwrap(), None);
    assert!(!decoder.is_done());
    let error = decoder.finish_event().unwrap_err();
    assert!(matches!(error, Error::Incomplete(_)), "{error}");
    assert_eq!(decoder.finish(), Err(error.clone()));
    assert_eq!(decoder.next_event(&mut &b"data: 1\n\n"[..]), Err(error));
}

#[test]
fn the_last_event_passes_without_its_empty_line() {
    let mut decoder = SseDecoder::new(None);
    decoder.push(format!("data: {PROOF}").as_bytes());
    assert_eq!(decoder.next_event(&mut &[][..]).unwrap(), None);
    assert_eq!(decoder.finish_event().unwrap().unwrap().data, PROOF);
    assert_eq!(decoder.finish_event().unwrap(), None);
    assert!(matches!(decoder.finish(), Ok(Some(Chunk::Done(_)))));
}

#[test]
fn what_breaks_after_the_proof_is_told_in_the_tail_of_the_layer_below_too() {
    let mut decoder = SseDecoder::new(None);
    decoder.push(format!("data: {PROOF}\n\ndata: {{").as_bytes());
    while decoder.next_event(&mut &[][..]).unwrap().is_some() {}
    assert_eq!(decoder.finish_event().unwrap(), None);
    assert!(matches!(decoder.finish(), Ok(Some(Chunk::Done(done))) if done.tail.is_some()));

    let mut decoder = InvokeDecoder::new(None);
    let stream = [chunk(PROOF), vec![0xff; 40]].concat();
    let mut input = &stream[..];
    assert_eq!(decoder.next_payload(&mut input).unwrap().unwrap().text, PROOF);
    assert_eq!(decoder.next_payload(&mut input).unwrap(), None);
    assert!(matches!(decoder.finish(), Ok(Some(Chunk::Done(done))) if done.tail.is_some()));
}

#[test]
fn what_breaks_after_the_end_changes_nothing_in_the_layer_below() {
    let limits = Limits::max_message_len(100);
    let too_long = data("x".repeat(200));
    // The answer is proven complete by the first event, and done by the event that is too long; or done before it.
    for done_before in [false, true] {
        let mut stream = data(PROOF);
        if done_before {
            stream.extend(data(METRICS));
        }
        stream.extend(&too_long);
        let mut decoder = SseDecoder::with_limits(None, limits);
        let mut input = &stream[..];
        while decoder.next_event(&mut input).unwrap().is_some() {}
        for _ in 0..2 {
            assert_eq!(decoder.next_event(&mut &b"data: 1\n\n"[..]), Ok(None), "{done_before}");
            assert_eq!(decoder.finish_event(), Ok(None), "{done_before}");
        }
        assert!(
            matches!(decoder.finish(), Ok(Some(Chunk::Done(done))) if done.tail.is_some() != done_before)
        );
        assert_eq!(decoder.finish(), Ok(None));

        let mut stream = chunk(PROOF);
        if done_before {
            stream.extend(chunk(METRICS));
        }
        stream.extend([0xff; 40]);
        let mut decoder = InvokeDecoder::new(None);
        let mut input = &stream[..];
        while decoder.next_payload(&mut input).unwrap().is_some() {}
        for _ in 0..2 {
            assert_eq!(decoder.next_payload(&mut &[0xff; 40][..]), Ok(None), "{done_before}");
        }
        assert!(
            matches!(decoder.finish(), Ok(Some(Chunk::Done(done))) if done.tail.is_some() != done_before)
        );
        assert_eq!(decoder.finish(), Ok(None));
    }
}

#[test]
fn an_event_that_is_an_error_passes_before_the_error() {
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#;
    let stream = [data(TEXT), format!("event: error\ndata: {error}\n\n").into_bytes(), data(PROOF)].concat();
    let mut decoder = SseDecoder::new(None);
    let mut input = &stream[..];
    assert_eq!(decoder.next_event(&mut input).unwrap().unwrap().data, TEXT);
    assert_eq!(decoder.next_event(&mut input).unwrap().unwrap().data, error);
    for _ in 0..2 {
        assert!(matches!(decoder.next_event(&mut input), Err(Error::Exception(_))));
        assert!(matches!(decoder.finish_event(), Err(Error::Exception(_))));
        assert!(matches!(decoder.finish(), Err(Error::Exception(_))));
    }
}

#[test]
fn payloads_pass_and_the_verdict_is_kept() {
    let stream = [
        chunk(TEXT),
        event("chunk", br#"{"bytes":"***"}"#),
        event("other", b"{}"),
        chunk("nonsense"),
        chunk(PROOF),
        chunk(METRICS),
    ]
    .concat();
    for lens in [&[0][..], &[1], &[70, 3]] {
        for lend in [true, false] {
            let mut decoder = InvokeDecoder::new(None);
            let mut given = Vec::new();
            for mut piece in pieces(&stream, lens) {
                if !lend {
                    decoder.push(piece);
                    piece = &[];
                }
                while let Some(payload) = decoder.next_payload(&mut piece).unwrap() {
                    given.push(payload.text.to_owned());
                }
            }
            assert_eq!(given, [TEXT, "nonsense", PROOF, METRICS]);
            assert!(decoder.is_done());
            let Ok(Some(Chunk::Done(done))) = decoder.finish() else { panic!("{decoder:?}") };
            assert_eq!(done.skipped_events, 2);
            assert_eq!(decoder.finish(), Ok(None));
        }
    }
}

#[test]
fn an_exception_ends_the_payloads() {
    let exception = message(&[(":exception-type", "throttlingException")], b"{}");
    let mut decoder = InvokeDecoder::new(None);
    decoder.push(&[chunk(TEXT), exception, chunk(PROOF)].concat());
    assert_eq!(decoder.next_payload(&mut &[][..]).unwrap().unwrap().text, TEXT);
    for _ in 0..2 {
        assert!(matches!(decoder.next_payload(&mut &[][..]), Err(Error::Exception(_))));
        assert!(matches!(decoder.finish(), Err(Error::Exception(_))));
    }
}
