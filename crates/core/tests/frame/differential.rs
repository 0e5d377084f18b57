//! Compares this crate with `aws-smithy-eventstream`, the codec of the AWS SDK for Rust: each decodes what the other
//! encodes, split in any way. Where they differ, a test shows how.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, read_message_from, write_message_to};
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream::{self as smithy, HeaderValue};
use bedrock_stream_core::frame::{Decoder, Error, Header, HeaderError, Message, Value, encode};
use bytes::{Buf, Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use super::properties::{OwnedHeader, headers};
use super::split::pieces;
use super::wire::{framed, header, prelude};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn both_write_the_same_bytes_and_each_reads_the_other(
        headers in headers(), payload in vec(any::<u8>(), 0..300),
    ) {
        let headers: Vec<Header<'_>> = headers.iter().map(OwnedHeader::borrow).collect();
        let mut ours = Vec::new();
        encode(&headers, &payload, &mut ours).unwrap();
        let mut theirs = Vec::new();
        write_message_to(&to_smithy(&headers, &payload), &mut theirs).unwrap();
        prop_assert_eq!(&ours, &theirs);

        let read = read_message_from(&ours[..]).unwrap();
        prop_assert_eq!(&read, &to_smithy(&headers, &payload));
        let (message, rest) = Message::parse(&theirs).unwrap().unwrap();
        prop_assert!(rest.is_empty());
        assert_same(message, &read);
    }

    #[test]
    fn both_decoders_give_the_same_messages_in_any_split(
        messages in vec((headers(), vec(any::<u8>(), 0..200)), 0..6),
        lens in vec(0_usize..300, 1..8),
    ) {
        let mut stream = Vec::new();
        for (headers, payload) in &messages {
            encode(headers.iter().map(OwnedHeader::borrow), payload, &mut stream).unwrap();
        }
        let mut ours = Decoder::new();
        let mut theirs = MessageFrameDecoder::new();
        let mut buffer = BytesMut::new();
        let mut count = 0;
        for piece in pieces(&stream, &lens) {
            let mut input = piece;
            buffer.extend_from_slice(piece);
            loop {
                let ours = ours.next_from(&mut input).unwrap();
                let theirs = theirs.decode_frame(&mut buffer).unwrap();
                match (ours, theirs) {
                    (Some(ours), DecodedFrame::Complete(theirs)) => {
                        assert_same(ours, &theirs);
                        count += 1;
                    }
                    (None, DecodedFrame::Incomplete) => break,
                    (ours, theirs) => panic!("{ours:?} is not {theirs:?}"),
                }
            }
        }
        prop_assert_eq!(count, messages.len());
        prop_assert_eq!(ours.finish(), Ok(()));
    }

    #[test]
    fn both_refuse_or_accept_the_same_damaged_message(
        headers in headers(), payload in vec(any::<u8>(), 0..100), at in any::<usize>(), flip in 1..=255_u8,
    ) {
        let mut bytes = Vec::new();
        encode(headers.iter().map(OwnedHeader::borrow), &payload, &mut bytes).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let error = Message::parse(&bytes).unwrap_err();
        let found = matches!(error, Error::PreludeChecksum { .. } | Error::MessageChecksum { .. });
        prop_assert!(found, "{:?}", error);
        prop_assert!(read_message_from(&bytes[..]).is_err());
    }

    #[test]
    fn both_agree_on_any_header_block_except_for_empty_names(
        block in vec(prop_oneof![3 => 0..=10_u8, 2 => Just(b'n'), 1 => any::<u8>()], 0..40),
        payload in vec(any::<u8>(), 0..100),
    ) {
        let bytes = framed(&block, &payload);
        let theirs = read_message_from(&bytes[..]);
        match Message::parse(&bytes) {
            Ok(Some((message, _))) => assert_same(message, &theirs.unwrap()),
            Ok(None) => panic!("a whole message is incomplete"),
            Err(Error::Header { error: HeaderError::EmptyName, .. }) => {}
            Err(_) => prop_assert!(theirs.is_err()),
        }
    }
}

#[test]
fn theirs_accepts_an_end_after_twelve_bytes_and_ours_does_not() {
    let message = framed(&[], b"payload");
    let mut theirs = MessageFrameDecoder::new();
    let mut buffer = BytesMut::from(&message[..12]);
    assert!(matches!(theirs.decode_frame(&mut buffer).unwrap(), DecodedFrame::Incomplete));
    // It has removed the prelude from the buffer, and at the end its user can only ask whether bytes are left there.
    assert!(!buffer.has_remaining());

    let mut ours = Decoder::new();
    ours.push(&message[..12]);
    assert_eq!(ours.next_message(), Ok(None));
    let need = message.len() as u32;
    assert_eq!(ours.finish(), Err(Error::truncated(0, 12, need)));
}

#[test]
fn theirs_checks_the_prelude_with_the_whole_message_and_ours_immediately() {
    let mut bytes = prelude(1000, 0);
    bytes[11] ^= 1;
    let mut theirs = MessageFrameDecoder::new();
    let mut buffer = BytesMut::from(&bytes[..]);
    assert!(matches!(theirs.decode_frame(&mut buffer).unwrap(), DecodedFrame::Incomplete));
    buffer.extend_from_slice(&[0; 987]);
    assert!(matches!(theirs.decode_frame(&mut buffer).unwrap(), DecodedFrame::Incomplete));
    buffer.extend_from_slice(&[0]);
    assert!(theirs.decode_frame(&mut buffer).is_err());

    let mut ours = Decoder::new();
    ours.push(&bytes);
    assert!(matches!(ours.next_message(), Err(Error::PreludeChecksum { .. })));
}

#[test]
fn theirs_waits_for_a_page_of_html_and_ours_does_not() {
    let body = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>";
    let mut theirs = MessageFrameDecoder::new();
    let mut buffer = BytesMut::from(&body[..]);
    assert!(matches!(theirs.decode_frame(&mut buffer).unwrap(), DecodedFrame::Incomplete));

    let mut ours = Decoder::new();
    ours.push(body);
    assert_eq!(ours.next_message().unwrap_err().looks_like(), Some("HTML or XML"));
}

#[test]
fn theirs_has_no_length_limit_and_ours_does() {
    let bytes = prelude(u32::MAX, 0);
    let mut theirs = MessageFrameDecoder::new();
    let mut buffer = BytesMut::from(&bytes[..]);
    buffer.extend_from_slice(&vec![0; 32 * 1024 * 1024]);
    assert!(matches!(theirs.decode_frame(&mut buffer).unwrap(), DecodedFrame::Incomplete));

    let mut ours = Decoder::new();
    ours.push(&bytes);
    assert!(matches!(ours.next_message(), Err(Error::TooLong { len: u32::MAX, .. })));
}

#[test]
fn theirs_reads_headers_before_the_checksum_and_ours_after() {
    let mut bytes = framed(&header(b"n", 77, &[]), b"");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let theirs = format!("{:?}", read_message_from(&bytes[..]).unwrap_err());
    assert!(theirs.contains("InvalidHeaderValueType"), "{theirs}");
    assert!(matches!(Message::parse(&bytes), Err(Error::MessageChecksum { .. })));
}

#[test]
fn theirs_accepts_an_empty_name_and_ours_does_not() {
    let bytes = framed(&header(b"", 0, &[]), b"");
    assert_eq!(read_message_from(&bytes[..]).unwrap().headers().len(), 1);
    let error = HeaderError::EmptyName;
    assert_eq!(Message::parse(&bytes), Err(Error::header(0, 12, error)));
}

#[test]
fn theirs_continues_after_an_error_and_ours_does_not() {
    let mut bytes = framed(&[], b"damaged");
    bytes[14] ^= 1;
    bytes.extend(framed(&[], b"sound"));
    let mut theirs = MessageFrameDecoder::new();
    let mut buffer = BytesMut::from(&bytes[..]);
    assert!(theirs.decode_frame(&mut buffer).is_err());
    assert!(matches!(theirs.decode_frame(&mut buffer), Ok(DecodedFrame::Complete(_))));

    let mut ours = Decoder::new();
    ours.push(&bytes);
    let error = ours.next_message().unwrap_err();
    assert_eq!(ours.next_message(), Err(error));
}

fn assert_same(ours: Message<'_>, theirs: &smithy::Message) {
    assert_eq!(ours.payload(), &theirs.payload()[..]);
    assert_eq!(ours.headers().count(), theirs.headers().len());
    for (ours, theirs) in ours.headers().zip(theirs.headers()) {
        assert_eq!(&to_smithy_header(&ours), theirs);
    }
}

fn to_smithy(headers: &[Header<'_>], payload: &[u8]) -> smithy::Message {
    let headers = headers.iter().map(to_smithy_header).collect();
    smithy::Message::new_from_parts(headers, Bytes::copy_from_slice(payload))
}

fn to_smithy_header(header: &Header<'_>) -> smithy::Header {
    let value = match header.value {
        Value::Bool(bool) => HeaderValue::Bool(bool),
        Value::Byte(byte) => HeaderValue::Byte(byte),
        Value::Short(short) => HeaderValue::Int16(short),
        Value::Integer(integer) => HeaderValue::Int32(integer),
        Value::Long(long) => HeaderValue::Int64(long),
        Value::ByteArray(bytes) => HeaderValue::ByteArray(Bytes::copy_from_slice(bytes)),
        Value::String(text) => HeaderValue::String(text.to_owned().into()),
        Value::Timestamp(millis) => HeaderValue::Timestamp(DateTime::from_millis(millis)),
        Value::Uuid(bytes) => HeaderValue::Uuid(u128::from_be_bytes(bytes)),
    };
    smithy::Header::new(header.name.to_owned(), value)
}
