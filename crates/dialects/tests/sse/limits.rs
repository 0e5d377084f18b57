use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::EventTooLong;
use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::sse::{Decoder, Error};

/// Feeds `piece` repeatedly until there is an error. Returns how many bytes that took.
fn until_error(decoder: &mut Decoder, piece: &[u8]) -> (usize, Error) {
    let mut fed = 0;
    loop {
        fed += piece.len();
        assert!(fed < 64 * 1024 * 1024, "there is no limit");
        decoder.push(piece);
        match decoder.next_event() {
            Ok(event) => assert_eq!(event, None),
            Err(error) => return (fed, error),
        }
    }
}

#[test]
fn an_event_may_have_so_many_bytes_of_data_and_no_more() {
    let limits = Limits::max_message_len(100);
    for (data, is_allowed) in [
        (format!("data: {}\n\n", "x".repeat(100)), true),
        (format!("data: {}\n\n", "x".repeat(101)), false),
        (format!("data: {}\ndata: {}\n\n", "x".repeat(49), "x".repeat(50)), true),
        (format!("data: {}\ndata: {}\n\n", "x".repeat(50), "x".repeat(50)), false),
        ("data\n".repeat(101) + "\n", true),
        ("data\n".repeat(102) + "\n", false),
    ] {
        let mut decoder = Decoder::with_limits(limits);
        let stream = format!("data: 1\n\n{data}");
        decoder.push(stream.as_bytes());
        assert_eq!(decoder.next_event().unwrap().unwrap().data, "1");
        match decoder.next_event() {
            Ok(event) => assert!(event.is_some() && is_allowed, "{data}"),
            Err(error) => {
                assert!(!is_allowed, "{data}");
                assert_eq!(error, EventTooLong::new(9, 100).into());
                assert_eq!(error.kind(), ErrorKind::TooLong);
                assert_eq!(
                    error.to_string(),
                    "the server-sent event at byte 9 is longer than the limit of 100 bytes"
                );
            }
        }
    }
}

#[test]
fn a_line_without_an_end_is_an_error_and_its_memory_is_bounded() {
    for (start, limit) in [
        ("data: ", 24 * 1024 * 1024 + 128 * 1024 + 16),
        ("event: ", 64 * 1024),
        (": ", 64 * 1024),
        ("id: ", 64 * 1024),
        ("x", 64 * 1024),
    ] {
        let mut decoder = Decoder::new();
        decoder.push(start.as_bytes());
        let mut most = 0;
        let piece = [b'x'; 16 * 1024];
        let error = loop {
            decoder.push(&piece);
            match decoder.next_event() {
                Ok(_) => most = most.max(decoder.buffer_capacity()),
                Err(error) => break error,
            }
        };
        assert_eq!(error, EventTooLong::new(0, limit).into(), "{start}");
        assert!(most <= limit as usize + 2 * piece.len(), "{start}: {most} bytes are held");
        assert_eq!(decoder.buffer_capacity(), 0);
    }
}

#[test]
fn lines_without_an_end_of_the_event_are_an_error_if_they_are_data() {
    let mut decoder = Decoder::new();
    let (_, error) = until_error(&mut decoder, &b"data: 0123456789\n".repeat(1000));
    assert!(matches!(error, Error::TooLong(_)));
    // Nothing is kept of any other.
    let mut decoder = Decoder::new();
    for _ in 0..4000 {
        decoder.push(&b": ping\nid: 7\nevent: x\n".repeat(100));
        assert_eq!(decoder.next_event(), Ok(None));
        assert!(decoder.buffer_capacity() < 8192);
    }
}

#[test]
fn without_a_limit_an_event_of_30_mb_is_read() {
    let mut decoder = Decoder::with_limits(Limits::none());
    let stream = [&b"data: "[..], &vec![b'x'; 30_000_000], b"\n\n"].concat();
    let mut input = &stream[..];
    assert_eq!(decoder.next_from(&mut input).unwrap().unwrap().data.len(), 30_000_000);
    let mut given = 0;
    for mut read in stream.chunks(16 * 1024) {
        if let Some(event) = decoder.next_from(&mut read).unwrap() {
            given += event.data.len();
        }
    }
    assert_eq!(given, 30_000_000);
}
