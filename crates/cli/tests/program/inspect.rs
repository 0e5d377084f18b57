use std::fs;
use std::process::Stdio;

use bedrock_stream_core::frame::{Header, Value, encode};
use bedrock_stream_testkit::{Answer, answer};
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use crate::bad_input::message;
use crate::dialects::sse_recordings;
use crate::run::{Run, Running, program, run, run_alone, wait};
use crate::shared::recordings;

fn inspect(args: &[&str], bytes: &[u8]) -> Run {
    run(&[&["inspect", "--width", "80"], args].concat(), bytes)
}

fn bytes(answer: &Answer) -> Vec<u8> {
    answer.to_bytes().expect("an answer can be encoded")
}

/// Checks that no line is too wide, and that nothing in it moves the cursor.
fn check_layout(run: &Run) {
    for line in run.text().lines() {
        assert!(line.width() <= 80, "{line}");
        assert!(
            !line.contains(|c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)),
            "{line:?}"
        );
    }
}

#[test]
fn gaps_in_the_numbers_of_events_are_told_whether_the_answer_is_complete_or_not() {
    let event = |number: u64, rest: &str| format!("data: {{\"sequence_number\":{number},{rest}}}\n\n");
    let delta = r#""type":"response.output_text.delta","output_index":0,"delta":"a""#;
    let end = r#""type":"response.completed","response":{"status":"completed"}"#;
    let gap = [event(0, delta), event(2, delta)].concat();
    let told = "numbering    1 gap in the events' sequence numbers";
    let run = inspect(&[], gap.as_bytes());
    assert!(run.text().contains(told) && run.text().contains("\nbroken\n"), "{}", run.text());
    let run = inspect(&[], [gap, event(4, end)].concat().as_bytes());
    let told = "numbering    2 gaps in the events' sequence numbers";
    assert!(run.text().contains(told) && run.text().contains("\ncomplete\n"), "{}", run.text());
    let run = inspect(&[], [event(7, delta), event(8, end)].concat().as_bytes());
    assert!(!run.text().contains("numbering"), "{}", run.text());
}

#[test]
fn an_unreadable_event_before_the_dialect_is_known_is_skipped() {
    let answer =
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}\n\n";
    for unreadable in [
        &b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\xff\"}}]}\n\n"[..],
        b"data: {oops\n\n",
    ] {
        let stream = [unreadable, answer].concat();
        let run = inspect(&[], &stream);
        assert_eq!(run.status, 1, "{}", run.text());
        for part in ["    ! skipped: ", "; 1 event was skipped", "\ncomplete\n"] {
            assert!(run.text().contains(part), "{part:?} in {}", run.text());
        }
        assert_eq!(inspect(&["--html"], &stream).status, 1);
        let chunks = self::run(&["decode"], &stream);
        assert_eq!(chunks.status, 1);
        assert!(chunks.text().contains(r#""skipped_events":1"#), "{}", chunks.text());
    }
}

#[test]
fn every_recording_is_explained_message_by_message() {
    let Some(recordings) = recordings() else { return };
    for recording in recordings {
        let run = run_alone(&["inspect", "--width", "80", recording.path()]);
        let name = &recording.name;
        check_layout(&run);
        let rows: Vec<&str> = run.text().lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(rows.len(), recording.expected.len(), "{name}");
        for (number, (row, expected)) in rows.iter().zip(&recording.expected).enumerate() {
            let kind = expected.header(":event-type").or(expected.header(":exception-type"));
            assert!(
                row.starts_with(&format!("#{number}  {}", kind.expect("it names the event"))),
                "{name}: {row}"
            );
        }
        let is_invoked = name.starts_with("invoke-");
        let is_answer = is_invoked || name.starts_with("converse-");
        let is_complete = if is_invoked { !name.contains("-truncated-") } else { recording.is_complete() };
        let verdict = if !is_answer {
            "\nwhole\n"
        } else if is_complete {
            "\ncomplete\n"
        } else {
            "\nbroken\n"
        };
        let has_exception =
            recording.expected.iter().any(|message| message.header(":exception-type").is_some());
        let verdict = if has_exception { "\nbroken\n" } else { verdict };
        assert!(run.text().contains(verdict), "{name}: {verdict:?} {}", run.text());
        assert_eq!(run.status, i32::from(verdict == "\nbroken\n"), "{name}: {}", run.stderr);
        let chunks = run_alone(&["decode", recording.path()]);
        if is_answer {
            assert_eq!(run.status, chunks.status, "{name}");
        }
    }
}

#[test]
fn a_message_is_explained_in_full() {
    let stream =
        bytes(&answer().text("Hi").tool_with_id("t1", "weather", json!({"city": "Paris"})).usage(7, 21));
    let run = inspect(&[], &stream);
    assert_eq!((run.status, &*run.stderr), (0, ""));
    check_layout(&run);
    let text = run.text();
    let crc =
        |at: usize| format!("{:08x}", u32::from_be_bytes(stream[at..at + 4].try_into().expect("four bytes")));
    let len = u32::from_be_bytes(stream[..4].try_into().expect("four bytes")) as usize;
    for part in [
        &format!("#0  messageStart{}byte 0\n", " ".repeat(58)),
        &format!(
            "    {len} bytes: headers 82, payload {}; checksums {} {} ok\n",
            len - 98,
            crc(8),
            crc(len - 4)
        ),
        "    :event-type    string   messageStart\n",
        "    [ block 0 opens: text\n    → text, block 0: \"Hi\"\n",
        "    ] block 0 closes\n",
        "    → tool_call_start, block 1: weather, id t1\n",
        "    → tool_call_end, block 1: weather {\"city\":\"Paris\"}\n    ] block 1 closes\n",
        "\ncomplete\n",
        "    stop reason  tool_use\n",
        "    usage        7 in, 21 out, 28 in total\n",
        "    block 1      tool call, ",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn the_stream_of_any_service_is_explained() {
    let mut stream = Vec::new();
    let headers = [
        Header::string(":message-type", "event"),
        Header::string(":event-type", "PayloadPart"),
        Header::new("flag", Value::Bool(true)),
        Header::new("bytes", Value::ByteArray(b"\x1b[2J")),
        Header::new("when", Value::Timestamp(-1)),
        Header::new("id", Value::Uuid([7; 16])),
    ];
    encode(&headers, br#"{"bytes":"eyJ0eXBlIjoicGluZyJ9"}"#, &mut stream)
        .expect("the message can be encoded");
    encode(&headers[..2], b"\0\x01binary\xff", &mut stream).expect("the message can be encoded");
    encode(&[], b"", &mut stream).expect("the message can be encoded");
    let run = inspect(&[], &stream);
    check_layout(&run);
    assert_eq!((run.status, &*run.stderr), (0, ""));
    for part in [
        "bool     true\n",
        "byte_array  G1sySg==\n",
        "timestamp  -1 ms\n",
        "uuid     07070707-0707-0707-0707-070707070707\n",
        "    in its `bytes`:\n    {\"type\":\"ping\"}\n",
        "00000000  00 01 62 69 6e 61 72 79  ff ",
        "#2  a message without a type",
        "    no payload\n",
        "\nwhole\n",
    ] {
        assert!(run.text().contains(part), "{part:?} is not in {}", run.text());
    }
    // Exceptions of other services end the stream too.
    let headers =
        [Header::string(":message-type", "exception"), Header::string(":exception-type", "badException")];
    encode(&headers, b"{}", &mut stream).expect("the message can be encoded");
    let run = inspect(&[], &stream);
    assert_eq!(run.status, 1);
    assert!(run.text().contains("! the end: Bedrock ended the stream with badException"), "{}", run.text());
}

#[test]
fn errors_are_reported_where_they_occurred() {
    let stream = [
        message("messageStart", br#"{"role":"assistant"}"#),
        message("contentBlockDelta", br#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}"#),
        message("contentBlockDelta", b"{"),
        message("contentBlockDelta", br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#),
        message("messageStop", br#"{"stopReason":"end_turn"}"#),
        message("metadata", br#"{"usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#),
        message("contentBlockDelta", br#"{"contentBlockIndex":0,"delta":{"text":"late"}}"#),
    ]
    .concat();
    let run = inspect(&[], &stream);
    check_layout(&run);
    assert_eq!(run.status, 1);
    assert_eq!(run.stderr, "bedrock-stream: 2 events were skipped\n");
    assert_eq!(run.text().matches("! skipped: ").count(), 2, "{}", run.text());
    assert!(run.text().contains("· ignored: the answer was already complete\n"));
    assert!(run.text().contains("; 2 events were skipped\n") && run.text().contains("\ncomplete\n"));

    let raised = bytes(&answer().text("Hi").exception("throttlingException", "Slower."));
    let run = inspect(&[], &raised);
    assert_eq!(run.status, 1);
    assert!(run.text().contains("! the end: Bedrock ended the stream with throttlingException: Slower."));
    assert!(run.stderr.contains("throttlingException"), "{}", run.stderr);

    let run = inspect(&[], b"");
    assert_eq!(run.status, 1);
    assert!(run.text().starts_with("broken\n    the stream is empty"), "{}", run.text());
    let missing = inspect(&["no/such/file"], b"");
    assert_eq!((missing.status, missing.text()), (1, ""));
    assert!(missing.stderr.contains("no/such/file"));
}

#[test]
fn damage_is_shown_with_its_probable_cause() {
    let whole = bytes(&answer().text("one two three four"));
    let second = u32::from_be_bytes(whole[..4].try_into().expect("four bytes")) as usize;
    let flipped = |at: usize| {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        damaged
    };
    let third =
        second + u32::from_be_bytes(whole[second..second + 4].try_into().expect("four bytes")) as usize;
    let mut lost = whole.clone();
    lost.drain(second + 100..second + 103);
    for (bytes, expected) in [
        (flipped(second + 1), "→ one bit is wrong, in the message's length: byte".to_owned()),
        (
            flipped(third - 9),
            format!("one bit is wrong, in the payload: byte {} ({:#x}) is 0x", third - 9, third - 9),
        ),
        (
            flipped(third - 9),
            format!("the next message starts where it should, at byte {third} ({third:#x})"),
        ),
        (lost, "→ 3 bytes of it are missing".to_owned()),
        (
            whole[..third - 5].to_vec(),
            "→ the input ends inside this message: 5 more bytes are needed".to_owned(),
        ),
        (
            br#"{"message":"No\u001b[2J access."}"#.to_vec(),
            "this is JSON: an error body: \"No\\u{1b}[2J access.\"".to_owned(),
        ),
        (b"<html>\x1b]0;x\x07</html>".to_vec(), "this is HTML or XML".to_owned()),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48".to_vec(), "this is gzip".to_owned()),
    ] {
        let run = inspect(&[], &bytes);
        check_layout(&run);
        let joined = run.text().replace("\n    ", " ");
        assert!(joined.contains(&expected), "{expected:?} is not in {joined}");
        assert!(run.text().contains("\nbroken\n") && run.text().contains("\n> "), "{}", run.text());
        assert_eq!(run.status, 1, "{expected}");
        assert!(run.stderr.starts_with("bedrock-stream: "), "{}", run.stderr);
    }
    // The wrong byte itself is shown, even if it is far from the start of the message.
    let long = bytes(&answer().text(&"x".repeat(3_000)).usage(1, 2));
    let mut damaged = long.clone();
    damaged[1_000] ^= 4;
    for width in ["80", "60"] {
        let run = run(&["inspect", "--width", width], &damaged);
        let lines: Vec<&str> = run.text().lines().collect();
        let at = lines.iter().position(|line| line.trim() == "^^").expect("the byte is marked");
        let column = lines[at].find('^').expect("it is there");
        assert_eq!(lines[at - 1][column..column + 2], format!("{:02x}", damaged[1_000]), "{}", run.text());
        assert!(run.text().contains("around byte 1,000 (0x3e8)"), "{}", run.text());
        let joined = run.text().replace("\n    ", " ");
        assert!(
            joined.contains("can be read, `messageStop` among them: not part of the verdict"),
            "{joined}"
        );
    }
    // What follows the proof changes nothing, but is shown.
    let run = inspect(&[], &[&whole[..], b"junk that follows"].concat());
    assert_eq!((run.status, &*run.stderr), (0, ""));
    assert!(run.text().contains("damage at byte") && run.text().contains("\ncomplete\n"), "{}", run.text());
}

#[test]
fn without_a_message_the_verdict_is_the_diagnosis() {
    let whole = bytes(&answer().text("one two three four"));
    let mut flipped = whole.clone();
    flipped[40] ^= 1;
    let size = format!("0 in 0 of {} bytes", whole.len());
    for (bytes, verdict) in [
        (flipped, "the first message is damaged: one bit is wrong, in the headers"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48".to_vec(), "this is gzip"),
        ([b"HTTP/1.1 200 OK\r\n\r\n", &whole[..]].concat(), "this is an HTTP response with its head"),
        (whole[..50].to_vec(), "the stream was cut short, in its first message"),
        (
            whole[5..].to_vec(),
            "the stream does not begin at the start of a message; a message starts at byte",
        ),
    ] {
        let run = inspect(&[], &bytes);
        check_layout(&run);
        let joined = run.text().replace("\n    ", " ");
        assert!(joined.contains(&format!("broken {verdict}")), "{verdict}: {joined}");
        let size = size.replace(&whole.len().to_string(), &bytes.len().to_string());
        let size = if bytes.len() < 1_000 { size } else { "0 in 0 of 1,".to_owned() };
        assert!(run.text().contains(&size), "{size}: {}", run.text());
    }
}

#[test]
fn hostile_input_is_bounded_and_escaped() {
    let escape = "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}\u{9b}31m</script>";
    let mut hostile = Vec::new();
    let long = "x".repeat(30_000);
    let headers = [
        Header::string(":message-type", "event"),
        Header::string(":event-type", escape),
        Header::string(escape, escape),
        Header::string("long", &long),
    ];
    encode(&headers, escape.as_bytes(), &mut hostile).expect("the message can be encoded");
    let payload = json!({"contentBlockIndex": 0, "delta": {"text": escape}}).to_string();
    hostile.extend(message("contentBlockDelta", payload.as_bytes()));
    hostile.extend(message("contentBlockDelta", "[".repeat(50_000).as_bytes()));
    for block in 0..300 {
        let delta = format!("{{\"contentBlockIndex\":{block},\"delta\":{{\"text\":\"x\"}}}}");
        hostile.extend(message("contentBlockDelta", delta.as_bytes()));
    }
    hostile.extend(message("messageStop", b"{}"));
    hostile.extend_from_slice(&[0; 3_000_000]);
    for args in [&[][..], &["--full"]] {
        let run = run(&[&["inspect", "--width", "80"], args].concat(), &hostile);
        assert!(!run.stderr.contains("panic"), "{}", run.stderr);
        let visible = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(run.text().chars().all(visible), "{args:?}");
        assert!(run.text().contains("these are zeros"), "{args:?}");
        if args.is_empty() {
            check_layout(&run);
        }
    }
}

#[test]
fn a_message_is_explained_as_soon_as_it_arrives() {
    let mut running = Running::start(&["inspect"]);
    let mut stdin = running.stdin.take().expect("it was piped");
    let start = message("messageStart", br#"{"role":"assistant"}"#);
    std::io::Write::write_all(&mut stdin, &start).expect("the program reads");
    assert!(running.line().starts_with("#0  messageStart"));
}

#[test]
fn colours_need_a_terminal_or_the_option() {
    let stream = bytes(&answer().text("Hi"));
    for (args, env, colored) in [
        (&[][..], None, false),
        (&["--color", "always"], None, true),
        (&["--color", "always"], Some("1"), true),
        (&["--color", "never"], None, false),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        let path = folder.path().join("a.bin");
        fs::write(&path, &stream).expect("the file can be written");
        let mut command = program(&[&["inspect", path.to_str().expect("the path is UTF-8")], args].concat());
        if let Some(value) = env {
            command.env("NO_COLOR", value);
        }
        let run = wait(command.stderr(Stdio::piped()).spawn().expect("it starts"));
        assert_eq!(run.text().contains("\u{1b}["), colored, "{args:?}");
        let plain = run.text().replace("\u{1b}[0m", "");
        assert_eq!(plain.contains("\u{1b}[1m#0"), colored, "{args:?}");
    }
}

#[test]
fn a_page_is_complete_and_has_no_scripts() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let page = folder.path().join("page.html");
    let page = page.to_str().expect("the path is UTF-8");
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'\u{1b}";
    let stream = bytes(&answer().reasoning("Hm.").text(hostile).tool("t", json!({"a": hostile})));
    let run = inspect(&["--html", "-o", page], &stream);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.text().starts_with("complete\n"), "the summary alone: {}", run.text());
    let html = fs::read_to_string(page).expect("it was written");
    let rows = html.matches("<tr id=\"m").count();
    let messages = answer().reasoning("Hm.").text(hostile).tool("t", json!({"a": hostile})).messages();
    assert_eq!(rows, messages.expect("an answer can be encoded").len());
    assert_eq!(html.matches("class=\"tick").count(), rows);
    for part in ["bar reasoning", "bar text", "bar tool-call", "Content-Security-Policy", "&lt;/script&gt;"] {
        assert!(html.contains(part), "{part}");
    }
    for part in ["<script", "<img", "http://", "https://", "url(", "\u{1b}", "onerror=alert(1)>\""] {
        assert!(!html.contains(part), "{part}");
    }
    let mut damaged = stream;
    damaged[40] ^= 1;
    let run = inspect(&["--html", "-o", page, "--force"], &damaged);
    assert_eq!(run.status, 1);
    let html = fs::read_to_string(page).expect("it was written");
    assert!(html.contains("<section class=\"damage\">") && html.contains("one bit is wrong"), "{html}");
    assert!(html.contains(&format!("<mark>{:02x}</mark>", damaged[40])), "{html}");

    // Without an output file, the page is the only result.
    let alone = inspect(&["--html"], &damaged);
    assert_eq!((alone.status, alone.text()), (1, &*html));
    assert!(alone.stderr.starts_with("bedrock-stream: "), "{}", alone.stderr);

    let run = inspect(&["--html", "-o", "no/such/folder/page.html"], &damaged);
    assert!(run.stderr.contains("cannot write no/such/folder/page.html"), "{}", run.stderr);
    assert_eq!(run.status, 1);
}

#[test]
fn arrival_times_are_shown_if_known() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("a.bin");
    let stream = bytes(&answer().text("one two").usage(3, 5));
    fs::write(&path, &stream).expect("the file can be written");
    let second = u32::from_be_bytes(stream[..4].try_into().expect("four bytes"));
    let third = second + u32::from_be_bytes(stream[second as usize..][..4].try_into().expect("four bytes"));
    let times = format!(
        "{{\"offset\":0,\"ms\":250}}\n{{\"offset\":{second},\"ms\":500}}\n{{\"offset\":{third},\"ms\":2500}}\n"
    );
    let beside = folder.path().join("a.bin.times");
    fs::write(&beside, &times).expect("the file can be written");
    let path = path.to_str().expect("the path is UTF-8");
    let told = |args: &[&str]| {
        let run = run_alone(&[&["inspect", "--width", "80"], args].concat());
        assert_eq!(run.status, 0, "{}", run.stderr);
        check_layout(&run);
        run.text().to_owned()
    };
    let text = told(&[path]);
    for part in [
        "byte 0  250 ms  +250 ms\n",
        &format!("byte {second}  500 ms  +250 ms\n"),
        "2.50 s  +2.00 s\n",
        "first byte after 250 ms, last message after 2.50 s, 3 reads\n",
        "    longest gap  2.00 s before #2\n",
        "    tokens       first token after 500 ms, 2.0 tokens/s\n",
        "    block 0      text, 2 chunks, #1 to #3, 500 ms to 2.50 s\n",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let page = folder.path().join("page.html");
    told(&["--html", "-o", page.to_str().expect("the path is UTF-8"), path]);
    let html = fs::read_to_string(&page).expect("it was written");
    assert!(html.contains("bar gap") && html.contains("title=\"2.00 s before #2\""), "{html}");

    let moved = folder.path().join("times");
    fs::rename(&beside, &moved).expect("it can be moved");
    assert!(!told(&[path]).contains("longest gap"));
    let moved_path = moved.to_str().expect("the path is UTF-8");
    assert!(told(&["--times", moved_path, path]).contains("longest gap"));
    fs::write(&moved, "{}").expect("the file can be written");
    let run = run_alone(&["inspect", "--times", moved_path, path]);
    assert_eq!((run.status, run.text()), (1, ""));
    assert!(run.stderr.contains("does not hold arrival times: line 1 is not"), "{}", run.stderr);
}

/// Checks the line, the event, its effect, and the verdict.
#[test]
fn every_recording_of_server_sent_events_is_explained_event_by_event() {
    let Some(recordings) = sse_recordings() else { return };
    for recording in recordings {
        let name = &recording.name;
        let run = run_alone(&["inspect", "--width", "80", recording.path()]);
        check_layout(&run);
        let decoded = run_alone(&["decode", recording.path()]);
        let events = run_alone(&["decode", "--as", "messages", recording.path()]).lines();
        let rows: Vec<&str> = run.text().lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(rows.len(), events.len(), "{name}");
        for (number, (row, event)) in rows.iter().zip(&events).enumerate() {
            let what = event["event"].as_str().unwrap_or_default();
            let is_done = event["data"].as_str().is_some_and(|data| data.starts_with("[DONE]"));
            let what = if is_done { "[DONE]" } else { what };
            assert!(row.starts_with(&format!("#{number}  {what}")), "{name}: {row}");
        }
        let verdict = if recording.expected["complete"] == true { "\ncomplete\n" } else { "\nbroken\n" };
        assert!(run.text().contains(verdict), "{name}: {verdict:?} {}", run.text());
        assert_eq!(run.status, decoded.status, "{name}: {}", run.stderr);
        let fact = format!("    dialect      {}, as server-sent events\n", recording.dialect());
        assert!(run.text().contains(&fact), "{name}: {}", run.text());
        let chunks = decoded.lines().iter().filter(|line| line["failure"].is_null()).count();
        assert!(run.text().contains(&format!("    chunks       {chunks}; ")), "{name}: {}", run.text());

        let page = run_alone(&["inspect", "--html", recording.path()]);
        assert_eq!(page.status, decoded.status, "{name}");
        let word = verdict.trim();
        assert!(page.text().contains(&format!("<strong>{word}</strong>")), "{name}");
        assert!(page.text().contains("<h2>Events</h2>") && !page.text().contains("<script"), "{name}");
        assert_eq!(page.text().matches("<tr id=\"m").count(), events.len(), "{name}");
    }
}

#[test]
fn a_server_sent_event_is_explained_in_full() {
    let stream = b": hi\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":\
        {\"type\":\"text_delta\",\"text\":\"Hi \x1b[2J\"}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\ndata: nonsense\n\n\
        data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n\
        data: {\"type\":\"message_stop\"}\n\ndata: [DONE]\n\n";
    let stream = String::from_utf8_lossy(stream).replace("        ", "").replace('\u{1b}', "\\u001b");
    let run = inspect(&[], stream.as_bytes());
    check_layout(&run);
    let text = run.text();
    for part in [
        "#0  content_block_delta",
        "byte 6\n",
        " bytes: data ",
        "event          field    content_block_delta\n",
        "[ block 0 opens: text\n",
        "\u{2192} text, block 0: ",
        "#1  ping",
        "it keeps the connection open",
        "#2  an event without a name",
        "! skipped: ",
        "#3  message_delta",
        "#4  message_stop",
        "\u{2192} stop: end_turn\n",
        "\u{2192} done: end_turn\n",
        "#5  [DONE]",
        "ignored: the answer was already complete",
        "\ncomplete\n",
        "`message_stop` came in event #4, and the usage arrived",
        "    dialect      messages, as server-sent events\n",
        "    events       6 in ",
        "1 event was skipped",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    assert_eq!(run.status, 1, "an event was skipped");

    // Cut inside an event.
    let at = stream.find("event: ping").expect("it is there");
    let cut = inspect(&[], &stream.as_bytes()[..at + 20]);
    assert_eq!(cut.status, 1);
    for part in [
        &*format!("cut short, in the event at byte {at} "),
        "event: ping",
        "\nbroken\n",
        "before the answer was",
    ] {
        assert!(cut.text().contains(part), "{part:?} in {}", cut.text());
    }
    // Without its last empty line, an event with complete data counts.
    let end = stream.find("data: [DONE]").expect("it is there");
    let bare = inspect(&[], stream[..end - 1].trim_end().as_bytes());
    assert!(bare.text().contains("\ncomplete\n"), "{}", bare.text());
    assert!(bare.text().contains("#4  message_stop"), "{}", bare.text());
    // A stream whose events do not identify a dialect counts as complete, like that of another service.
    let other = inspect(&[], b"data: {\"x\":1}\n\n");
    assert_eq!((other.status, other.text().contains("\nwhole\n")), (0, true), "{}", other.text());
    let error = inspect(&[], b"event: error\ndata: {\"error\":{\"message\":\"No.\"}}\n\n");
    assert_eq!((error.status, error.text().contains("\nbroken\n")), (1, true), "{}", error.text());
}

#[test]
fn an_invoked_answer_is_explained_by_its_payloads() {
    let Some(recordings) = recordings() else { return };
    let recording = recordings
        .iter()
        .find(|recording| recording.name == "invoke-claude-opus-4-6-tool-fantasy")
        .expect("it is there");
    let run = run_alone(&["inspect", "--width", "80", recording.path()]);
    for part in [
        "#0  chunk",
        "in its `bytes`:",
        "\u{2192} tool_call_start, block ",
        "`message_stop` came in message #",
        "    dialect      messages, from InvokeModelWithResponseStream\n",
    ] {
        assert!(run.text().contains(part), "{part:?} in {}", run.text());
    }
}

/// The decoded payload comes before its base64, and its event is named.
#[test]
fn the_page_of_an_invoked_answer_shows_its_payloads() {
    let Some(recordings) = recordings() else { return };
    let recording = recordings
        .iter()
        .find(|recording| recording.name == "invoke-claude-3-5-sonnet-tool-openinference")
        .expect("it is there");
    let html = run_alone(&["inspect", "--html", recording.path()]).text().to_owned();
    let row = html.split("<tr id=").nth(2).expect("there is a second row");
    assert!(row.contains("content_block_start</span>"), "{row}");
    let places =
        ["{&quot;type&quot;:&quot;content_block_start&quot;", "in base64"].map(|part| row.find(part));
    assert!(matches!(places, [Some(payload), Some(base64)] if payload < base64), "{places:?} in {row}");
    assert!(html.contains("no chunk: the block opens with its first delta"), "{html}");
    assert!(html.contains(">messages</span>"), "{html}");
}

#[test]
fn the_page_of_server_sent_events_says_events() {
    let Some(recordings) = sse_recordings() else { return };
    let html = run_alone(&["inspect", "--html", recordings[0].path()]).text().to_owned();
    assert!(html.contains("<h2>Events</h2>") && !html.contains("messages</"), "{html}");
}
