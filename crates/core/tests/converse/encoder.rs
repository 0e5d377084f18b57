//! The event encoder: events to messages and back (C10).

use bedrock_stream_core::answer::{Exception, UnmodeledError};
use bedrock_stream_core::converse::{
    ContentBlockDelta, Delta, EncodeEventError, Event, EventEncoder, MessageStart, UnknownEvent,
};
use bedrock_stream_core::frame::Message;
use bedrock_stream_core::json::{Fields, Json};
use proptest::prelude::*;

use super::model::event;
use super::shared::recordings;
use super::wire::{decode_bytes, error, event as event_message, exception};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn c10_encoded_events_decode_to_themselves_padded_or_not(event in event(), seed in any::<u64>()) {
        for mut encoder in [EventEncoder::new(), EventEncoder::padded(seed)] {
            let mut bytes = Vec::new();
            encoder.encode(&event, &mut bytes).unwrap();
            prop_assert_eq!(&decode_bytes(&bytes).unwrap(), &event);
        }
    }
}

#[test]
fn c10_every_recorded_message_is_reproduced_with_the_same_headers_and_event() {
    for recording in recordings().unwrap_or_default() {
        let mut rest = &recording.bytes[..];
        let mut encoder = EventEncoder::new();
        while let Some((message, after)) = Message::parse(rest).unwrap() {
            let event = Event::decode(&message).unwrap();
            let mut bytes = Vec::new();
            encoder.encode(&event, &mut bytes).unwrap();
            let (again, _) = Message::parse(&bytes).unwrap().unwrap();
            assert!(again.headers().eq(message.headers()), "{}", recording.name);
            assert_eq!(Event::decode(&again), Ok(event));
            rest = after;
        }
    }
}

#[test]
fn c10_the_headers_are_bedrocks_in_the_same_order() {
    let encoded = |event: &Event| {
        let mut bytes = Vec::new();
        EventEncoder::new().encode(event, &mut bytes).unwrap();
        bytes
    };
    let mut start = MessageStart::default();
    start.role = Some("assistant".into());
    assert_eq!(
        encoded(&Event::MessageStart(start)),
        event_message("messageStart", r#"{"role":"assistant"}"#)
    );
    let payload = br#"{"message":"m"}"#;
    assert_eq!(
        encoded(&Event::Exception(Exception::new("throttlingException", *payload))),
        exception("throttlingException", payload)
    );
    let mut message = UnmodeledError::default();
    (message.code, message.message) = (Some("c".into()), Some("m".into()));
    assert_eq!(encoded(&Event::Error(message)), error("c", "m"));
    let mut unknown = UnknownEvent::default();
    (unknown.event_type, unknown.payload) = (Some("later".into()), Some(Json::from_text("[1.0]").unwrap()));
    assert_eq!(encoded(&Event::Unknown(unknown)), event_message("later", "[1.0]"));
}

#[test]
fn c10_padding_is_like_bedrocks_and_determined_by_the_seed() {
    let event = text("a");
    let mut lens = [0; 64];
    let (mut encoder, mut twin) = (EventEncoder::padded(7), EventEncoder::padded(7));
    for _ in 0..6000 {
        let (mut bytes, mut again) = (Vec::new(), Vec::new());
        encoder.encode(&event, &mut bytes).unwrap();
        twin.encode(&event, &mut again).unwrap();
        assert_eq!(bytes, again);
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        let payload: serde_json::Value = serde_json::from_slice(message.payload()).unwrap();
        let padding = payload["p"].as_str().unwrap();
        assert!("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".starts_with(padding));
        lens[padding.len()] += 1;
    }
    // Uniform in 2..=61: each length about a hundred times.
    for (len, count) in lens.into_iter().enumerate() {
        assert_eq!(count > 0, (2..=61).contains(&len), "{len}: {count}");
        assert!(count < 200, "{len}: {count}");
    }
    let (mut first, mut other) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        EventEncoder::padded(1).encode(&event, &mut first).unwrap();
        EventEncoder::padded(2).encode(&event, &mut other).unwrap();
    }
    assert_ne!(first, other);
}

#[test]
fn c10_padding_does_not_break_an_empty_payload() {
    let mut bytes = Vec::new();
    EventEncoder::padded(0).encode(&Event::MessageStart(MessageStart::default()), &mut bytes).unwrap();
    assert_eq!(decode_bytes(&bytes), Ok(Event::MessageStart(MessageStart::default())));
}

#[test]
fn c10_free_form_json_is_kept_byte_for_byte() {
    for json in ["1.0e5", "{ \"b\" : [ 1 , null ] ,\"a\":-0.0}", "\"\\u0041\\/\"", "{\"p\":1,\"p\":2}"] {
        let mut event = MessageStart::default();
        event.other.set("x", Json::from_text(json).unwrap());
        let mut bytes = Vec::new();
        EventEncoder::padded(1).encode(&Event::MessageStart(event), &mut bytes).unwrap();
        let Ok(Event::MessageStart(event)) = decode_bytes(&bytes) else { panic!() };
        assert_eq!(event.other.value("x").unwrap().as_str(), json);
        let (message, _) = Message::parse(&bytes).unwrap().unwrap();
        assert!(std::str::from_utf8(message.payload()).unwrap().contains(json));
    }
}

#[test]
fn c10_an_event_that_cannot_be_encoded_is_an_error_and_writes_nothing() {
    let mut unknown = UnknownEvent::default();
    unknown.event_type = Some("x".repeat(32_768));
    for event in [text(&"x".repeat(24 * 1024 * 1024)), Event::Unknown(unknown)] {
        let mut out = vec![1, 2, 3];
        let result = EventEncoder::padded(0).encode(&event, &mut out);
        assert!(matches!(result, Err(EncodeEventError::Frame(_))), "{result:?}");
        assert_eq!(out, [1, 2, 3]);
    }
}

fn text(text: &str) -> Event {
    let mut event = ContentBlockDelta::default();
    (event.content_block_index, event.delta, event.other) =
        (Some(0), Some(Delta::Text(text.into())), Fields::new());
    Event::ContentBlockDelta(event)
}
