use bedrock_stream_core::converse::{Event, EventEncoder};
use bedrock_stream_core::frame::{Limits, Message};

use crate::control::Control;
use crate::repair::repair;
use crate::split::Whole;

/// Every event that can be decoded can be encoded, with and without padding, and decodes to the same event again.
/// Modeled events also survive a round trip through JSON.
pub fn event_round_trip(data: &[u8]) {
    let (control, stream) = Control::split(data);
    let mut stream = stream.to_vec();
    repair(&mut stream, control.bits);
    for message in Whole::parse(&stream, Limits::none()).messages {
        let Ok(event) = Event::decode(&message) else {
            continue;
        };
        for mut encoder in [EventEncoder::new(), EventEncoder::padded(u64::from(control.bits))] {
            let mut bytes = Vec::new();
            if encoder.encode(&event, &mut bytes).is_err() {
                // Only a header of more than 32,767 bytes can be decoded but not encoded.
                assert!(message.as_bytes().len() > 32_767 && bytes.is_empty());
                continue;
            }
            let (again, rest) = Message::parse(&bytes).unwrap().unwrap();
            assert!(rest.is_empty());
            assert_eq!(Event::decode(&again).as_ref(), Ok(&event));
        }
        // The JSON of other events has only their name, which does not always identify them.
        if matches!(event, Event::Exception(_) | Event::Error(_) | Event::Unknown(_)) {
            continue;
        }
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{json}");
    }
}
