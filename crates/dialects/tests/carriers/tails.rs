//! Where a stream ends or breaks, before the proof and after it.

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{Error, StreamPosition, Tail};
use bedrock_stream_dialects::Dialect;

use super::reading::Carrier;
use super::wire::{METRICS, PROOF, TEXT, chunk, data};

#[test]
fn cut_anywhere_it_is_complete_after_the_proof_and_never_before() {
    for carrier in Carrier::BOTH {
        let before = carrier.carry(TEXT);
        let proven = [before.clone(), carrier.carry(PROOF)].concat();
        let whole = [proven.clone(), carrier.carry(METRICS)].concat();
        // An event whose data is whole needs no empty line.
        let lacking = if carrier == Carrier::Sse { 2 } else { 0 };
        for len in 0..=whole.len() {
            for dialect in [None, Some(Dialect::Titan)] {
                let reading = carrier.read(dialect, &whole[..len]);
                assert_eq!(
                    reading.done().is_some(),
                    len >= proven.len() - lacking,
                    "{carrier:?}, {len}: {reading:?}"
                );
                match reading.failure() {
                    None => {}
                    Some(Error::Incomplete(incomplete)) => match incomplete.position {
                        StreamPosition::InsideEvent { have, .. } => {
                            assert_eq!(carrier, Carrier::Sse);
                            assert_eq!(have, len - if len >= before.len() { before.len() } else { 0 });
                        }
                        StreamPosition::InsideMessage(_) => assert_eq!(carrier, Carrier::Invoke),
                        _ => assert!(
                            [0, before.len(), before.len() - 1, before.len() - 2].contains(&len),
                            "{len}"
                        ),
                    },
                    error => panic!("{error:?}"),
                }
            }
        }
    }
}

#[test]
fn what_breaks_after_the_proof_costs_the_usage_only() {
    let long = vec![b'x'; 26_000_000];
    for (carrier, rest, kind) in [
        (Carrier::Sse, &b"data: {\"a\""[..], Some(ErrorKind::Truncated)),
        (Carrier::Sse, b"event: x\n", Some(ErrorKind::Truncated)),
        (Carrier::Sse, b"da", Some(ErrorKind::Truncated)),
        (Carrier::Sse, b": ping\n", None),
        (Carrier::Sse, b": pin", Some(ErrorKind::Truncated)),
        (Carrier::Sse, b"id: 7", Some(ErrorKind::Truncated)),
        (Carrier::Sse, b"<html>", Some(ErrorKind::Truncated)),
        (Carrier::Sse, b"\n\r\n", None),
        (Carrier::Sse, b"<html></html>\n", None),
        (Carrier::Sse, &long, Some(ErrorKind::TooLong)),
        (Carrier::Sse, &data(&long), Some(ErrorKind::TooLong)),
        (Carrier::Invoke, b"\0", Some(ErrorKind::Truncated)),
        (Carrier::Invoke, &chunk(METRICS)[..40], Some(ErrorKind::Truncated)),
        (Carrier::Invoke, b"<html><body></body></html>", Some(ErrorKind::PreludeChecksum)),
    ] {
        let stream = [carrier.carry(TEXT), carrier.carry(PROOF), rest.to_vec()].concat();
        for (lens, lend) in [(&[0][..], true), (&[16_384], false)] {
            let reading = carrier.read_in(None, &stream, lens, lend);
            let done = reading.done().unwrap_or_else(|| panic!("{:?}", reading.failure()));
            assert_eq!(done.tail.as_ref().map(|tail| tail.kind), kind, "{:?}", &rest[..rest.len().min(20)]);
            assert_eq!(reading.text(), "Hello");
        }
    }
}

#[test]
fn it_is_done_before_the_stream_ends_and_reads_no_further() {
    for carrier in Carrier::BOTH {
        let stream = [carrier.carry(TEXT), carrier.carry(PROOF), carrier.carry(METRICS)].concat();
        for junk in [&b"data: {\"error\":{}}\n\n"[..], b"\xff\0junk", b"", &carrier.carry(TEXT)] {
            let stream = [&stream, junk].concat();
            let mut decoder = carrier.decoder(None);
            let mut input = &stream[..];
            while decoder.next_from(&mut input).unwrap().is_some() {}
            assert!(decoder.is_done() && input.is_empty());
            assert!(carrier.read(None, &stream).done().unwrap().tail.is_none());
        }
    }
}

#[test]
fn a_connection_that_breaks_costs_the_usage_only() {
    let tail = || Tail::new(ErrorKind::Timeout, "too slow");
    for carrier in Carrier::BOTH {
        let mut decoder = carrier.decoder(None);
        decoder.push(&carrier.carry(TEXT));
        while decoder.next_chunk().unwrap().is_some() {}
        assert!(!decoder.is_stopped());
        assert_eq!(decoder.finish_broken(tail()), None);
        decoder.push(&carrier.carry(PROOF));
        while decoder.next_chunk().unwrap().is_some() {}
        assert!(decoder.is_stopped());
        let done = decoder.finish_broken(tail()).unwrap();
        assert!(
            serde_json::to_string(&done)
                .unwrap()
                .contains(r#""tail":{"kind":"timeout","message":"too slow"}"#)
        );
        assert!(decoder.is_done() && decoder.finish_broken(tail()).is_none());
        assert_eq!(decoder.finish(), Ok(None));
    }
}

/// The clock of a transport stops while another choice is unfinished, and the end of the stream is then no success.
#[test]
fn a_choice_that_begins_after_the_proof_must_finish_too() {
    for (payloads, late, end) in [
        (
            &[r#"{"outputText":"a","index":0,"completionReason":"FINISH"}"#][..],
            r#"{"outputText":"b","index":1}"#,
            r#"{"outputText":"c","index":1,"completionReason":"LENGTH"}"#,
        ),
        (
            &[
                r#"{"text":"a","is_finished":false,"index":0}"#,
                r#"{"is_finished":true,"finish_reason":"COMPLETE","index":0}"#,
            ],
            r#"{"text":"b","is_finished":false,"index":1}"#,
            r#"{"is_finished":true,"finish_reason":"COMPLETE","index":1}"#,
        ),
        (
            &[r#"{"generations":[{"text":"a","finish_reason":"COMPLETE"}]}"#],
            r#"{"generations":[{"text":""},{"text":"b"}]}"#,
            r#"{"generations":[{"text":""},{"text":"b","finish_reason":"COMPLETE"}]}"#,
        ),
        (
            &[r#"{"outputs":[{"text":"a","stop_reason":"stop"}]}"#],
            r#"{"outputs":[{"text":""},{"text":"b"}]}"#,
            r#"{"outputs":[{"text":""},{"text":"","stop_reason":"stop"}]}"#,
        ),
        (
            &[r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#],
            r#"{"choices":[{"index":1,"delta":{"content":"b"}}]}"#,
            r#"{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#,
        ),
    ] {
        for carrier in Carrier::BOTH {
            let stream: Vec<u8> = payloads.iter().flat_map(|payload| carrier.carry(payload)).collect();
            let mut decoder = carrier.decoder(None);
            for (bytes, is_stopped) in
                [(&stream, true), (&carrier.carry(late), false), (&carrier.carry(end), true)]
            {
                decoder.push(bytes);
                while decoder.next_chunk().unwrap().is_some() {}
                assert_eq!(decoder.is_stopped(), is_stopped, "{late}");
                assert!(!decoder.is_done());
            }
            let begun = [stream, carrier.carry(late)].concat();
            for last in ["", METRICS] {
                let last = if last.is_empty() { Vec::new() } else { carrier.carry(last) };
                let reading = carrier.read(None, &[&begun[..], &last].concat());
                assert!(matches!(reading.failure(), Some(Error::Incomplete(_))), "{late}: {reading:?}");
                let whole = [&begun[..], &carrier.carry(end), &last].concat();
                let reading = carrier.read(None, &whole);
                assert!(reading.done().is_some(), "{late}: {reading:?}");
                assert_eq!((reading.text(), reading.skipped()), ("a".into(), Vec::new()), "{late}");
            }
            let cut = [&begun[..], &carrier.carry(end)[..20]].concat();
            let reading = carrier.read(None, &cut);
            assert!(matches!(reading.failure(), Some(Error::Incomplete(_))), "{late}: {reading:?}");
            // Nothing follows `Done`.
            let done = [carrier.carry(payloads.last().unwrap()), carrier.carry(METRICS)].concat();
            let reading = carrier.read(None, &[&done[..], &carrier.carry(late)].concat());
            assert!(reading.done().is_some(), "{late}: {reading:?}");
        }
    }
}
