use std::fs;
use std::io::{Read as _, Write as _};

use bedrock_stream_core::frame::{Header, encode};
use bedrock_stream_core::json::Blob;
use serde_json::{Value, json};

use crate::run::{Running, run, run_alone};

/// A name, the bytes, and the kind of the failure: with `chunks`, `events` and `message`, and with `messages`.
fn cases() -> Vec<(&'static str, Vec<u8>, &'static str, Option<&'static str>)> {
    let mut damaged = message("messageStart", br#"{"role":"assistant"}"#);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    vec![
        ("nothing", Vec::new(), "incomplete", None),
        (
            "a JPEG",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02".to_vec(),
            "prelude_checksum",
            Some("prelude_checksum"),
        ),
        (
            "a JSON error body",
            br#"{"message":"The security token included in the request is invalid."}"#.to_vec(),
            "prelude_checksum",
            Some("prelude_checksum"),
        ),
        ("a wrong checksum", damaged, "message_checksum", Some("message_checksum")),
        ("a length of 4 GiB", FOUR_GIB.to_vec(), "too_long", Some("too_long")),
        ("eleven bytes", FOUR_GIB[..11].to_vec(), "incomplete", Some("truncated")),
    ]
}

#[test]
fn ends_in_one_sentence_a_failure_line_and_status_1() {
    for (what, bytes, kind, kind_of_messages) in cases() {
        for format in ["chunks", "events", "message"] {
            let run = run(&["decode", "--as", format], &bytes);
            let failure = run.failure();
            assert_eq!(failure["kind"], kind, "{what} as {format}");
            assert_eq!(failure["partial"].is_object(), format == "message", "{what} as {format}");
            assert_eq!(run.lines().len(), 1, "{what} as {format}");
        }
        let run = run(&["decode", "--as", "messages"], &bytes);
        match kind_of_messages {
            Some(kind) => assert_eq!(run.failure()["kind"], kind, "{what}"),
            None => assert_eq!((run.status, &*run.stdout, &*run.stderr), (0, &b""[..], ""), "{what}"),
        }
    }
}

#[test]
fn the_sentence_says_what_the_bytes_look_like() {
    assert!(
        run(&["decode"], b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02").stderr.contains("look like a JPEG image")
    );
    assert!(run(&["decode"], br#"{"message":"No."}"#).stderr.contains("look like JSON"));
}

#[test]
fn the_failure_line_has_the_numbers() {
    let mut damaged = message("x", b"{}");
    let last = damaged.len() - 1;
    let right = u32::from_be_bytes(*damaged.last_chunk().expect("a message has a checksum"));
    damaged[last] ^= 0xff;
    let failure = run(&["decode", "--as", "messages"], &damaged).failure();
    assert_eq!(failure["offset"], 0);
    assert_eq!(failure["wire"], right ^ 0xff);
    assert_eq!(failure["computed"], right);
    let failure = run(&["decode"], &FOUR_GIB).failure();
    assert_eq!((&failure["offset"], &failure["need"]), (&json!(0), &json!(u32::MAX)));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let missing = folder.path().join("missing.bin");
    for path in [&*missing, folder.path()] {
        let path = path.to_str().expect("the path is UTF-8");
        for format in ["messages", "events", "chunks", "message"] {
            let failure = run_alone(&["decode", "--as", format, path]).failure();
            assert_eq!(failure["kind"], "input");
            assert!(failure["message"].as_str().is_some_and(|message| message.contains(path)), "{failure}");
        }
    }
}

#[test]
fn an_empty_file_is_an_incomplete_answer() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let empty = folder.path().join("empty.bin");
    fs::write(&empty, b"").expect("the file can be written");
    let failure = run_alone(&["decode", empty.to_str().expect("the path is UTF-8")]).failure();
    assert_eq!(failure["kind"], "incomplete");
    assert_eq!(failure["position"], "before_start");
}

#[test]
fn a_hostile_length_causes_no_wait() {
    let mut running = Running::start(&["decode"]);
    let mut stdin = running.stdin.take().expect("it was piped");
    stdin.write_all(&FOUR_GIB).expect("the program reads");
    // Standard input stays open, and still the program ends.
    let line: Value = serde_json::from_str(&running.line()).expect("it is JSON");
    assert_eq!(line["failure"]["kind"], "too_long");
    assert_eq!(running.child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn a_skipped_event_is_reported_in_its_place_and_in_the_status() {
    let stream = [
        message("messageStart", br#"{"role":"assistant"}"#),
        message("contentBlockDelta", b"{"),
        message("contentBlockDelta", br#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}"#),
        message("contentBlockDelta", br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#),
        message("messageStop", br#"{"stopReason":"end_turn"}"#),
        message("metadata", br#"{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#),
    ]
    .concat();

    let run_chunks = run(&["decode"], &stream);
    assert_eq!(run_chunks.status, 1);
    assert_eq!(run_chunks.stderr.lines().count(), 2, "{}", run_chunks.stderr);
    let lines = run_chunks.lines();
    assert_eq!(lines[1]["failure"]["kind"], "payload");
    assert_eq!(lines[1]["failure"]["payload"], "{");
    assert_eq!(lines[2]["failure"]["kind"], "unexpected");
    assert_eq!(lines[2]["failure"]["event"]["contentBlockDelta"]["contentBlockIndex"], 1);
    assert_eq!(lines[4]["text"], "a");
    let last = lines.last().expect("there is a line");
    assert_eq!((&last["type"], &last["skipped_events"]), (&json!("done"), &json!(2)));

    let run_events = run(&["decode", "--as", "events"], &stream);
    assert_eq!(run_events.status, 1);
    let lines = run_events.lines();
    assert_eq!(lines.len(), 7, "{lines:?}");
    assert_eq!(lines[1]["failure"]["kind"], "payload");
    // The decoded part is shown, followed by the reason why the rest cannot be.
    assert_eq!(lines[2]["contentBlockDelta"]["contentBlockIndex"], 1);
    assert_eq!(lines[3]["failure"]["kind"], "unexpected");
}

#[test]
fn a_message_without_a_type_is_skipped() {
    let mut stream = Vec::new();
    encode(&[Header::string(":content-type", "messageStart")], b"{}", &mut stream)
        .expect("the message can be encoded");
    let kinds = |stream: &[u8]| {
        let lines = run(&["decode"], stream).lines();
        lines.iter().map(|line| line["failure"]["kind"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(kinds(&stream), ["message", "incomplete"]);
    // The event type is sufficient.
    stream.clear();
    encode(&[Header::string(":event-type", "messageStart")], b"{}", &mut stream)
        .expect("the message can be encoded");
    assert_eq!(kinds(&stream), [Value::Null, json!("incomplete")]);
}

#[test]
fn an_exception_is_an_event_and_then_a_failure() {
    let mut stream = message("messageStart", br#"{"role":"assistant"}"#);
    let payload = br#"{"message":"Slow.","originalStatusCode":503,"originalMessage":"Busy."}"#;
    let headers = [
        Header::string(":message-type", "exception"),
        Header::string(":exception-type", "modelStreamErrorException"),
    ];
    encode(&headers, payload, &mut stream).expect("the message can be encoded");
    stream.extend(message("messageStop", b"{}"));

    let run_events = run(&["decode", "--as", "events"], &stream);
    let failure = run_events.failure();
    assert_eq!(run_events.lines()[1]["modelStreamErrorException"]["message"], "Slow.");
    assert_eq!(run_events.lines().len(), 3, "what follows is ignored");
    assert_eq!(failure["kind"], "exception");
    assert_eq!(failure["exception"], "modelStreamErrorException");
    assert_eq!(failure["originalStatusCode"], 503);
    assert_eq!(failure["originalMessage"], "Busy.");
    assert_eq!(failure["payload"].as_str().map(str::as_bytes), Some(&payload[..]));

    let error = [
        Header::string(":message-type", "error"),
        Header::string(":error-code", "InternalError"),
        Header::string(":error-message", "Oops."),
    ];
    let mut stream = Vec::new();
    encode(&error, b"", &mut stream).expect("the message can be encoded");
    let run_error = run(&["decode", "--as", "events"], &stream);
    assert_eq!(run_error.lines()[0], json!({"error": {"code": "InternalError", "message": "Oops."}}));
    let failure = run_error.failure();
    assert_eq!((&failure["kind"], &failure["code"]), (&json!("exception"), &json!("InternalError")));
}

#[test]
fn a_partial_message_is_kept() {
    let stream = [
        message("messageStart", br#"{"role":"assistant"}"#),
        message("contentBlockDelta", br#"{"contentBlockIndex":0,"delta":{"text":"Half an ans"}}"#),
    ]
    .concat();
    let run = run(&["decode", "--as", "message"], &stream);
    let failure = run.failure();
    assert_eq!(failure["open_blocks"], json!([0]));
    assert_eq!(failure["partial"]["output"]["message"]["content"], json!([{"text": "Half an ans"}]));
}

#[test]
fn damage_after_the_proof_changes_nothing() {
    let complete = [
        message("messageStop", br#"{"stopReason":"end_turn"}"#),
        message("metadata", br#"{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#),
    ]
    .concat();
    let stream = [&complete[..], &message("later", b"{}"), b"and then damage"].concat();
    for format in ["chunks", "events", "message"] {
        let run = run(&["decode", "--as", format], &stream);
        assert_eq!((run.status, &*run.stderr), (0, ""), "{format}");
    }
    let events = run(&["decode", "--as", "events"], &stream).lines();
    assert_eq!(events.len(), 3);
    assert_eq!(events[2], json!({"later": {}}));
}

/// An error in a payload of an invoked model, or in an event, is reported, and never makes an answer complete.
#[test]
fn bad_payloads_of_a_dialect_are_reported() {
    let chunk = |payload: &str| {
        let bytes = Blob::from(payload.as_bytes().to_vec()).to_base64();
        message("chunk", format!(r#"{{"bytes":"{bytes}"}}"#).as_bytes())
    };
    let start = r#"{"outputText":"a","index":0}"#;
    let end = r#"{"outputText":"b","index":0,"completionReason":"FINISH"}"#;
    for (what, bad, kind) in [
        ("not JSON", chunk("{"), "payload"),
        ("no bytes", message("chunk", b"{}"), "payload"),
        ("not base64", message("chunk", br#"{"bytes":"*"}"#), "payload"),
        ("no JSON at all", message("chunk", b"{"), "payload"),
        ("nesting", chunk(&"[".repeat(10_000)), "payload"),
    ] {
        let stream = [chunk(start), bad.clone(), chunk(end)].concat();
        let run = run(&["decode"], &stream);
        let lines = run.lines();
        let failures: Vec<&Value> = lines.iter().filter(|line| line["failure"].is_object()).collect();
        assert_eq!((run.status, failures.len()), (1, 1), "{what}: {lines:?}");
        assert_eq!(failures[0]["failure"]["kind"], kind, "{what}");
        assert_eq!(failures[0]["failure"]["offset"], chunk(start).len(), "{what}");
        assert_eq!(lines.last().map(|line| &line["skipped_events"]), Some(&json!(1)), "{what}");
        // The error proves nothing.
        let run = crate::run::run(&["decode"], &[chunk(start), bad].concat());
        assert_eq!(run.status, 1, "{what}");
        let last = run.lines().pop().expect("there is a line");
        assert_eq!(last["failure"]["kind"], "incomplete", "{what}");
    }
}

#[test]
fn bad_server_sent_events_are_reported() {
    let deep = format!("data: {}\n\n", "[".repeat(10_000));
    for (what, stream, kind) in [
        ("the end marker alone", "data: [DONE]\n\n", "incomplete"),
        ("comments alone", ": one\n\n: two\n\n", "incomplete"),
        ("an empty line", "\n", "incomplete"),
        ("a line without an end", "data: {\"choices\":[", "incomplete"),
        ("not JSON", "data: hello\n\n", "dialect"),
        ("nesting", &deep, "dialect"),
        ("JSON that tells nothing", "data: {\"x\":1}\n\n", "dialect"),
        ("an error", "data: {\"error\":{\"message\":\"No.\"}}\n\n", "exception"),
        ("an error by its name", "event: error\ndata: {}\n\n", "exception"),
        (
            "an error after text",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"error\":{\"message\":\"No.\"}}\n\n",
            "exception",
        ),
    ] {
        let stream = stream.as_bytes();
        for format in ["chunks", "events", "message"] {
            let run = run(&["decode", "--as", format], stream);
            assert_eq!(
                run.lines().last().expect("there is a line")["failure"]["kind"],
                kind,
                "{what} as {format}"
            );
            assert_eq!(run.status, 1, "{what} as {format}");
        }
        // The result is the same byte by byte.
        let whole = run(&["decode"], stream);
        let mut running = Running::start(&["decode"]);
        let mut stdin = running.stdin.take().expect("it was piped");
        for byte in stream.iter().take(200) {
            let _ = stdin.write_all(&[*byte]);
        }
        let _ = stdin.write_all(&stream[stream.len().min(200)..]);
        drop(stdin);
        let mut text = String::new();
        running.stdout.read_to_string(&mut text).expect("it prints UTF-8");
        assert_eq!(text, whole.text(), "{what}");
    }
    // If the dialect is unknown, the error lists the choices.
    let failure = run(&["decode"], b"data: {\"x\":1}\n\n").failure();
    assert!(failure["choices"].as_array().is_some_and(|choices| !choices.is_empty()), "{failure}");
    let failure = run(&["decode"], &message("later", b"{}")).failure();
    assert_eq!((&failure["kind"], &failure["payloads"]), (&json!("dialect"), &json!(1)));
    assert_eq!(failure["choices"][0], "converse");
}

#[test]
fn an_event_that_is_too_long_is_an_error() {
    let mut running = Running::start(&["decode"]);
    let mut stdin = running.stdin.take().expect("it was piped");
    let feeder = std::thread::spawn(move || {
        let mut piece = b"data: ".to_vec();
        piece.resize(1 << 20, b'x');
        // A program that has read enough does not read to the end.
        while stdin.write_all(&piece).is_ok() {
            piece.fill(b'x');
        }
    });
    let line: Value = serde_json::from_str(&running.line()).expect("it is JSON");
    assert_eq!(line["failure"]["kind"], "too_long");
    assert_eq!(running.child.wait().expect("it ends").code(), Some(1));
    feeder.join().expect("it does not panic");
}

pub(crate) fn message(event_type: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [
        Header::string(":event-type", event_type),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    let mut bytes = Vec::new();
    encode(&headers, payload, &mut bytes).expect("the message can be encoded");
    bytes
}

/// A prelude with a valid checksum, of a message that would have 4 GiB.
const FOUR_GIB: [u8; 12] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
