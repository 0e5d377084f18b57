//! When an answer in Chat Completions is done: of server-sent events at the usage, of an invocation at its metrics.

use bedrock_stream_core::answer::{Chunk, Error};
use bedrock_stream_dialects::{Dialect, InvokeDecoder};

use super::reading::Carrier;
use super::wire::{METRICS, chunk};

const TEXT: &str = r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}"#;
const FINISH: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;

fn carry(carrier: Carrier, payloads: &[&str]) -> Vec<u8> {
    payloads.iter().flat_map(|payload| carrier.carry(payload)).collect()
}

#[test]
fn the_usage_ends_server_sent_events_and_the_metrics_an_invocation() {
    for (carrier, are_metrics_read) in [(Carrier::Sse, false), (Carrier::Invoke, true)] {
        let stream = carry(carrier, &[TEXT, FINISH, USAGE, "[DONE]", METRICS, "not read any more"]);
        for dialect in [None, Some(Dialect::Chat)] {
            for lens in [&[0][..], &[1]] {
                let reading = carrier.read_in(dialect, &stream, lens, true);
                let done = reading.done().unwrap_or_else(|| panic!("{reading:?}"));
                assert_eq!((reading.text(), done.skipped_events), ("Hi".to_owned(), 0), "{reading:?}");
                assert_eq!(done.invocation_metrics.is_some(), are_metrics_read, "{reading:?}");
                let usage = done.usage.as_ref().unwrap();
                assert_eq!((usage.input_tokens, usage.output_tokens), (Some(3), Some(1)));
            }
        }
    }
}

#[test]
fn an_invocation_is_not_done_before_its_metrics() {
    let mut decoder = InvokeDecoder::new(None).with_choice(0);
    for payload in [TEXT, FINISH, USAGE, "[DONE]"] {
        decoder.push(&chunk(payload));
        while let Some(given) = decoder.next_chunk().unwrap() {
            assert!(!matches!(given, Chunk::Stop { .. } | Chunk::Done(_)), "{given:?}");
        }
    }
    assert!(decoder.is_stopped() && !decoder.is_done());
    decoder.push(&chunk(METRICS));
    while decoder.next_chunk().unwrap().is_some() {}
    assert!(decoder.is_done());
}

#[test]
fn an_invocation_without_metrics_is_done_at_its_end() {
    let proven = carry(Carrier::Invoke, &[TEXT, FINISH, USAGE, "[DONE]"]);
    assert!(Carrier::Invoke.read(None, &proven).done().is_some());
    let open = carry(Carrier::Invoke, &[TEXT, USAGE, "[DONE]", METRICS]);
    assert!(matches!(Carrier::Invoke.read(None, &open).failure(), Some(Error::Incomplete(_))));
    // An error after the usage is final.
    let failed = carry(Carrier::Invoke, &[TEXT, FINISH, USAGE, r#"{"error":{"message":"m"}}"#]);
    assert!(matches!(Carrier::Invoke.read(None, &failed).failure(), Some(Error::Exception(_))));
}
