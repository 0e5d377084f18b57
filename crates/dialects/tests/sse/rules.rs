use bedrock_stream_dialects::sse::{Decoder, Error};

type Given = Vec<(Option<String>, String)>;

/// The events of a stream, and how it ends.
fn read(stream: impl AsRef<[u8]>) -> (Given, Result<(), Error>) {
    let mut decoder = Decoder::new();
    decoder.push(stream.as_ref());
    let mut events = Vec::new();
    loop {
        match decoder.finish() {
            Ok(Some(event)) => events.push((event.name.map(Into::into), event.data.into())),
            Ok(None) => return (events, Ok(())),
            Err(error) => return (events, Err(error)),
        }
    }
}

#[track_caller]
fn assert_events(stream: impl AsRef<[u8]>, expected: &[(&str, &str)]) {
    let (events, end) = read(stream);
    let events: Vec<(&str, &str)> =
        events.iter().map(|(name, data)| (name.as_deref().unwrap_or(""), &**data)).collect();
    assert_eq!(events, expected);
    assert_eq!(end, Ok(()));
}

#[test]
fn lines_end_with_lf_cr_or_crlf() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = ["event: a", "data: 1", "", "data: 2", "", ""].join(end);
        assert_events(stream, &[("a", "1"), ("", "2")]);
    }
    assert_events("data: 1\r\n\rdata: 2\n\r\ndata: 3\r\r", &[("", "1"), ("", "2"), ("", "3")]);
}

#[test]
fn a_crlf_that_is_cut_is_one_line_end() {
    let mut decoder = Decoder::new();
    for (piece, given) in [
        (&b"data: 1\r"[..], None),
        (b"\n\r", Some("1")),
        (b"\ndata: 2\r", None),
        (b"\ndata: 3\n\r", Some("2\n3")),
    ] {
        let mut input = piece;
        let event = decoder.next_from(&mut input).unwrap();
        assert_eq!(event.map(|event| event.data), given);
    }
    let event = decoder.next_from(&mut &b"\ndata: 4\n\n"[..]).unwrap().unwrap();
    assert_eq!((event.offset, event.data), (30, "4"), "the LF belongs to the event before");
}

#[test]
fn fields_stand_in_any_order_and_reset_with_each_event() {
    assert_events(
        "data: 1\nevent: a\n\ndata: 2\n\nevent: b\n\ndata: 3\n\n",
        &[("a", "1"), ("", "2"), ("", "3")],
    );
    assert_events("event: a\nevent: b\ndata: 1\n\nevent: a\nevent\ndata: 2\n\n", &[("b", "1"), ("", "2")]);
}

#[test]
fn lines_of_data_are_joined_and_one_space_is_no_part_of_them() {
    assert_events("data:1\ndata: 2\ndata:  3\ndata\ndata:\n\n", &[("", "1\n2\n 3\n\n")]);
    assert_events("data\n\ndata: \n\n", &[("", ""), ("", "")]);
    assert_events("data: a: b\n\n", &[("", "a: b")]);
}

#[test]
fn comments_and_other_fields_mean_nothing() {
    assert_events(
        ": OPENROUTER PROCESSING\n\n:\n\nid: 1\nretry: 10\nData: x\ndatab: x\n data: x\nno colon\ndata: 1\n: more\n\n: end\n\n",
        &[("", "1")],
    );
    assert_eq!(read("id: 1\n\nevent: a\n\n: \n").0, []);
}

#[test]
fn a_byte_order_mark_is_dropped_at_the_start_alone() {
    assert_events("\u{feff}data: 1\n\n\u{feff}data: 2\n\n", &[("", "1")]);
    assert_events(b"\xef\xbbdata: 1\n\ndata: 2\n\n", &[("", "2")]);
    assert_events("data: \u{feff}1\n\n", &[("", "\u{feff}1")]);
}

#[test]
fn what_is_not_utf8_is_replaced_a_piece_an_event() {
    assert_events(
        b"data: a\xe2\x82\n\ndata: \xac\nevent: \xff\n\n",
        &[("", "a\u{fffd}"), ("\u{fffd}", "\u{fffd}")],
    );
    // A character that is cut between two reads is whole.
    let mut decoder = Decoder::new();
    for byte in "data: 24 €\n".bytes() {
        assert_eq!(decoder.next_from(&mut &[byte][..]), Ok(None));
    }
    assert_eq!(decoder.next_from(&mut &b"\n"[..]).unwrap().unwrap().data, "24 €");
}

#[test]
fn an_event_that_is_whole_in_the_input_is_borrowed() {
    let input = b"data: {\"a\":1}\nevent: x\n\ndata: 2\n\n";
    let mut rest = &input[..];
    let mut decoder = Decoder::new();
    let event = decoder.next_from(&mut rest).unwrap().unwrap();
    assert_eq!(event.data.as_ptr(), input[6..].as_ptr());
    assert_eq!(event.name.unwrap().as_ptr(), input[21..].as_ptr());
    let event = decoder.next_from(&mut rest).unwrap().unwrap();
    assert_eq!((event.offset, event.data.as_ptr()), (24, input[30..].as_ptr()));
    assert_eq!(decoder.buffer_capacity(), 0);
}

#[test]
fn at_the_end_an_event_is_read_if_nothing_can_be_missing() {
    for (stream, data) in [
        ("event: a\ndata: {\"type\":\"message_stop\"}", "{\"type\":\"message_stop\"}"),
        ("data: {\"a\":[{}]}\nevent: a\n", "{\"a\":[{}]}"),
        ("event: a\ndata: {\ndata: }", "{\n}"),
        ("event: a\ndata:  {} \nid", " {} "),
        ("event: a\ndata: [DONE] ", "[DONE] "),
        ("event: a\ndata: [DONE]\r", "[DONE]"),
    ] {
        assert_events(stream, &[("a", data)]);
    }
    // The name may be cut.
    assert_events("data: {}\nevent: erro", &[("", "{}")]);
    for stream in [
        "data: {\"a\":1",
        "data: {}{}",
        "data: [DONE",
        "data: [1]",
        "data: 17",
        "data:",
        "data",
        "d",
        "eve",
        "event: a\n",
        "data: {}\ndata: {}",
        // A line without its end may be cut, whatever it is.
        ":",
        ": comment",
        "id: 1",
        "x",
    ] {
        let (events, end) = read(format!("data: 1\n\n{stream}"));
        assert_eq!(events.len(), 1, "{stream}");
        assert_eq!(end, Err(Error::Truncated { offset: 9, have: stream.len() }), "{stream}");
    }
    for stream in ["", ": comment\n", "id: 1\n", "retry: 1\n", "x\r", "\n", "\r"] {
        assert_events(format!("data: 1\n\n{stream}"), &[("", "1")]);
    }
    assert_events("", &[]);
    assert_events("\u{feff}", &[]);
}
