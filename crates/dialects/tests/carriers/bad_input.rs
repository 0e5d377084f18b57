//! Every error is typed, uses bounded memory, and never yields a complete answer.

use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_dialects::Dialect;

use super::reading::{Carrier, Reading};
use super::wire::{METRICS, PROOF, TEXT, chunk, data, event, message};

const TITAN: Option<Dialect> = Some(Dialect::Titan);

/// Asserts that it is skipped as one thing of that kind, and that the answer around it is read.
#[track_caller]
fn assert_skipped(carrier: Carrier, bad: &[u8], kind: &str) -> Reading {
    let stream = [carrier.carry(TEXT), bad.to_vec(), carrier.carry(PROOF), carrier.carry(METRICS)].concat();
    let reading = carrier.read(TITAN, &stream);
    assert_eq!(reading.skipped(), [kind]);
    assert_eq!(reading.done().unwrap().skipped_events, 1);
    assert_eq!(reading.text(), "Hello");
    assert_never_complete(carrier, bad);
    reading
}

/// Asserts that it does not complete an answer, wherever it stands.
#[track_caller]
fn assert_never_complete(carrier: Carrier, bad: &[u8]) {
    for dialect in [None, TITAN] {
        for stream in [bad.to_vec(), [carrier.carry(TEXT), bad.to_vec()].concat(), bad.repeat(2)] {
            let reading = carrier.read(dialect, &stream);
            assert!(reading.done().is_none(), "{reading:?}");
        }
    }
}

#[test]
fn payloads_that_are_not_json_are_skipped() {
    for payload in
        ["nonsense", "{", "{\"outputText\":", "[1]", "17", "\"a\"", "{}{}", "<html>", "null", "\u{1}"]
    {
        for carrier in Carrier::BOTH {
            assert_skipped(carrier, &carrier.carry(payload), "payload");
        }
    }
    // Data of no bytes is data.
    assert_skipped(Carrier::Sse, b"data\n\n", "payload");
    assert_skipped(Carrier::Invoke, &chunk(""), "payload");
}

#[test]
fn chunks_without_a_payload_are_skipped() {
    for payload in [
        &b""[..],
        b"{}",
        b"[]",
        b"nonsense",
        br#"{"bytes":null}"#,
        br#"{"bytes":17}"#,
        br#"{"bytes":{"a":1}}"#,
        br#"{"bytes":"***"}"#,
        br#"{"bytes":"e30=e30="}"#,
        br#"{"bytes":"e"}"#,
        br#"{"bytes":"e30=","bytes":"e30="}"#,
        b"{\"bytes\":\"\xff\"}",
        // Base64 of bytes that are not UTF-8.
        br#"{"bytes":"eyJvdXRwdXRUZXh0Ijoi/yJ9"}"#,
    ] {
        let reading = assert_skipped(Carrier::Invoke, &event("chunk", payload), "payload");
        let error = reading.items.iter().find_map(|item| item.as_ref().err()).unwrap();
        assert!(error.to_string().starts_with("the event `chunk` was skipped"), "{error}");
    }
}

#[test]
fn messages_without_a_type_are_skipped_and_a_missing_message_type_is_not() {
    assert_skipped(Carrier::Invoke, &message(&[], b"{}"), "message");
    assert_skipped(
        Carrier::Invoke,
        &message(&[(":message-type", "event"), (":event-type", "chunk"), (":event-type", "chunk")], b"{}"),
        "message",
    );
    let payload = chunk(PROOF);
    let (whole, _) = bedrock_stream_core::frame::Message::parse(&payload).unwrap().unwrap();
    let untyped = message(&[(":event-type", "chunk")], whole.payload());
    assert_eq!(Carrier::Invoke.read(None, &untyped).text(), "lo");
    assert!(Carrier::Invoke.read(None, &untyped).done().is_some());
}

#[test]
fn other_events_are_unknown_and_nothing_of_them_is_lost() {
    for (name, payload, value) in [
        ("newEvent", r#"{"a":1,"p":"abc"}"#, r#"{"a":1}"#),
        ("newEvent", "", "null"),
        ("messageStop", r#"{"stopReason":"end_turn"}"#, r#"{"stopReason":"end_turn"}"#),
        ("initial-response", "{}", "{}"),
    ] {
        let unknown = event(name, payload.as_bytes());
        let reading = Carrier::Invoke.read(TITAN, &[chunk(TEXT), unknown.clone(), chunk(PROOF)].concat());
        let expected = Chunk::unknown_event(name, bedrock_stream_core::json::Json::from_text(value).unwrap());
        assert!(reading.items.contains(&Ok(expected)), "{reading:?}");
        assert_eq!(reading.done().unwrap().skipped_events, 0);
        assert_never_complete(Carrier::Invoke, &unknown);
    }
    // Beside the payload.
    let payload = br#"{"bytes":"eyJvdXRwdXRUZXh0IjoiYSJ9","later":1}"#;
    let reading = Carrier::Invoke.read(TITAN, &event("chunk", payload));
    assert_eq!(reading.text(), "a");
    assert!(format!("{reading:?}").contains(r#"value: {"later":1}"#), "{reading:?}");
}

#[test]
fn exceptions_and_error_messages_are_final_wherever_they_stand() {
    let throttled = message(
        &[(":message-type", "exception"), (":exception-type", "throttlingException")],
        br#"{"message":"slow down"}"#,
    );
    let untyped = message(&[(":exception-type", "throttlingException")], br#"{"message":"slow down"}"#);
    let internal = message(
        &[(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "slow down")],
        b"",
    );
    for (error, status) in [(&throttled, Some(429)), (&untyped, Some(429)), (&internal, None)] {
        for (stream, is_retryable) in [
            (error.clone(), true),
            ([chunk(TEXT), error.clone(), chunk(PROOF)].concat(), true),
            ([chunk(TEXT), chunk(PROOF), error.clone(), chunk(METRICS)].concat(), false),
        ] {
            for dialect in [None, TITAN] {
                let reading = Carrier::Invoke.read(dialect, &stream);
                let error = reading.failure().unwrap();
                assert_eq!(error.kind().as_str(), "exception");
                assert_eq!((error.http_status(), error.is_retryable()), (status, is_retryable), "{error:?}");
                assert!(error.to_string().ends_with("slow down"), "{error}");
            }
        }
    }
}

#[test]
fn error_events_are_final_wherever_they_stand() {
    for error in [
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n",
        "data: {\"message\":\"m\"}\nevent: error\n\n",
        "event: error\ndata: \"m\"\n\n",
        "data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n",
        "data: {\"message\":\"m\"}\n\n",
        "data: {\"Message\":\"m\"}\n\n",
    ] {
        for dialect in [None, TITAN] {
            for stream in [
                error.as_bytes().to_vec(),
                [data(TEXT), error.into(), data(PROOF)].concat(),
                [data(TEXT), data(PROOF), error.into(), data(METRICS)].concat(),
            ] {
                let reading = Carrier::Sse.read(dialect, &stream);
                let Some(Error::Exception(exception)) = reading.failure() else { panic!("{reading:?}") };
                assert_eq!(exception.message.as_deref(), Some("m"), "{error}");
            }
        }
    }
}

#[test]
fn an_error_that_comes_first_is_final_although_a_member_of_it_is_repeated() {
    let answer = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
    for error in [
        r#"{"error":{"message":"m"},"error":null}"#,
        r#"{"type":"error","type":null,"error":{"message":"m"}}"#,
        r#"{"type":"future","error":{"message":"m"}}"#,
    ] {
        for carrier in Carrier::BOTH {
            for dialect in [None, Some(Dialect::Chat)] {
                let stream = [carrier.carry(error), carrier.carry(answer)].concat();
                let reading = carrier.read(dialect, &stream);
                assert!(matches!(reading.failure(), Some(Error::Exception(_))), "{error}: {reading:?}");
            }
        }
    }
}

#[test]
fn an_end_marker_alone_proves_nothing() {
    for bad in [
        &b"data: [DONE]\n\n"[..],
        b"data: [DONE]",
        b"data: [DONE]\n\ndata: [DONE]\n\n",
        b"event: message_stop\n\n",
    ] {
        assert_never_complete(Carrier::Sse, bad);
    }
    assert_never_complete(Carrier::Invoke, &chunk("[DONE]"));
    for nothing in [&b""[..], b"\n\n", b": ping\n\n", b"{\"error\":1}", b"<html></html>"] {
        assert!(matches!(Carrier::Sse.read(None, nothing).failure(), Some(Error::Incomplete(_))));
    }
    // Blanks after it, and what it was first taken for.
    let stream = [data(TEXT), data("[DONE]  "), data(PROOF)].concat();
    let reading = Carrier::Sse.read(None, &stream);
    assert!(reading.skipped().is_empty() && reading.done().is_some(), "{reading:?}");
}

#[test]
fn an_event_that_is_too_long_is_an_error_and_25_mb_are_not() {
    let payload = |len| format!(r#"{{"outputText":"{}"}}"#, "x".repeat(len));
    for carrier in Carrier::BOTH {
        let reading = carrier.read_in(None, &carrier.carry(payload(16_000_000)), &[65_536], false);
        assert_eq!(reading.text().len(), 16_000_000);
    }
    assert_eq!(Carrier::Sse.read(None, &data(payload(25_000_000))).text().len(), 25_000_000);
    for lens in [&[0][..], &[65_536]] {
        let stream = [data(TEXT), data(payload(26_000_000)), data(PROOF)].concat();
        let reading = Carrier::Sse.read_in(None, &stream, lens, true);
        let Some(Error::EventTooLong(error)) = reading.failure() else { panic!("{:?}", reading.failure()) };
        assert_eq!(
            (error.offset, error.limit),
            (data(TEXT).len() as u64, 16 + 128 * 1024 + 24 * 1024 * 1024)
        );
        assert_eq!(reading.text(), "Hel");
    }
}

#[test]
fn a_line_without_an_end_is_an_error() {
    for start in ["data: ", "event: ", ": ", "x"] {
        let stream = [start.as_bytes(), &vec![b'x'; 26_000_000]].concat();
        let reading = Carrier::Sse.read_in(TITAN, &stream, &[65_536], true);
        assert!(matches!(reading.failure(), Some(Error::EventTooLong(_))), "{start}");
    }
}

#[test]
fn nesting_of_10_000_costs_no_stack() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    for carrier in Carrier::BOTH {
        for payload in [&deep, &objects] {
            for bad in [
                carrier.carry(payload),
                carrier.carry(format!(r#"{{"outputText":{payload}}}"#)),
                carrier.carry(format!(r#"{{"unknown":{payload}}}"#)),
                carrier.carry(format!(r#"{{"outputText":"a","amazon-bedrock-trace":{payload}}}"#)),
                carrier.carry(format!(r#"{{"type":{payload},"error":{payload}}}"#)),
                carrier.carry("[".repeat(10_000)),
            ] {
                assert_never_complete(carrier, &bad);
            }
        }
    }
    assert_never_complete(Carrier::Invoke, &event("chunk", deep.as_bytes()));
    assert_never_complete(Carrier::Invoke, &event("chunk", format!(r#"{{"bytes":{deep}}}"#).as_bytes()));
    assert_never_complete(Carrier::Invoke, &event("other", objects.as_bytes()));
}

#[test]
fn another_dialect_in_the_middle_proves_nothing() {
    for carrier in Carrier::BOTH {
        for other in [
            r#"{"type":"message_stop"}"#,
            r#"{"messageStop":{"stopReason":"end_turn"}}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"type":"response.completed","response":{"status":"completed"}}"#,
            r#"{"generation":"","stop_reason":"stop"}"#,
            r#"{"is_finished":true,"finish_reason":"COMPLETE"}"#,
        ] {
            let reading = carrier.read(TITAN, &[carrier.carry(TEXT), carrier.carry(other)].concat());
            assert!(reading.done().is_none(), "{reading:?}");
        }
    }
}

#[test]
fn an_event_that_is_not_utf8_is_skipped_and_a_cut_character_is_whole() {
    let stream = [&data(b"{\"outputText\":\"a\xffb\xe2\x82\"}")[..], &data(PROOF)].concat();
    for len in 1..9 {
        let reading = Carrier::Sse.read_in(TITAN, &stream, &[len], true);
        assert_eq!(reading.text(), "lo");
        assert_eq!(reading.skipped(), ["payload"]);
        assert_eq!(reading.done().expect("the proof is intact").skipped_events, 1);
        let skipped = reading.items.iter().find_map(|item| item.as_ref().err()).expect("it was skipped");
        assert_eq!(
            skipped.to_string(),
            "the event `message` was skipped, its payload cannot be read: it is not valid UTF-8"
        );
    }
    for error in [
        &b"{\"error\":{\"message\":\"\xff\"}}"[..],
        b"{\"type\":\"error\",\"message\":\"\xff\"}",
        b"{\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"\xff\"}}}",
        b"{\"message\":\"\xff\"}",
    ] {
        for carrier in Carrier::BOTH {
            for dialect in [None, Some(Dialect::Titan)] {
                let stream = [carrier.carry(TEXT), carrier.carry(error), carrier.carry(PROOF)].concat();
                let reading = carrier.read(dialect, &stream);
                let Some(Error::Exception(exception)) = reading.failure() else {
                    panic!("{error:?} by {carrier:?}: {:?}", reading.failure());
                };
                assert_eq!(exception.message.as_deref(), Some("\u{fffd}"));
            }
        }
    }
    let error = [b"event: error\n".to_vec(), data(b"{\"error\":{\"message\":\"\xff\"}}")].concat();
    let reading = Carrier::Sse.read(TITAN, &error);
    assert!(matches!(reading.failure(), Some(Error::Exception(_))), "{reading:?}");
    let stream = data("{\"outputText\":\"24 €\u{1f600}\"}");
    for len in 1..9 {
        assert_eq!(Carrier::Sse.read_in(None, &stream, &[len], false).text(), "24 €\u{1f600}");
    }
}

#[test]
fn payloads_that_tell_no_dialect_are_an_error_with_the_choices() {
    for carrier in Carrier::BOTH {
        let reading = carrier.read(None, &carrier.carry(r#"{"a":1}"#));
        let Some(Error::UnknownDialect(error)) = reading.failure() else { panic!("{reading:?}") };
        assert_eq!((error.payloads, error.choices.len()), (1, Dialect::ALL.len()));
    }
}
