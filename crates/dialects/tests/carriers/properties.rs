use bedrock_stream_dialects::Dialect;
use proptest::prelude::*;

use super::reading::Carrier;
use super::wire::{METRICS, PROOF, TEXT, chunk, data, event, message};

/// Parts of event streams, right and wrong.
fn invoke_part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => payload().prop_map(chunk),
        1 => Just(event("chunk", br#"{"bytes":"***"}"#)),
        1 => Just(event("other", b"{}")),
        1 => Just(message(&[], b"")),
        1 => Just(message(&[(":exception-type", "throttlingException")], b"{}")),
        1 => Just(b"\0\0\0".to_vec()),
    ]
}

/// Parts of streams of server-sent events.
fn sse_part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => payload().prop_map(data),
        1 => Just(b": ping\r\n\r\n".to_vec()),
        1 => Just(data("[DONE]")),
        1 => Just(b"event: error\n".to_vec()),
        1 => Just(format!("data: {PROOF}").into_bytes()),
        1 => Just(b"data: \xff".to_vec()),
    ]
}

fn payload() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![TEXT, TEXT, PROOF, METRICS, "nonsense", r#"{"a":1}"#, r#"{"message":"m"}"#])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_split_of_any_stream_gives_the_same(
        invoke in prop::collection::vec(invoke_part(), 0..7),
        sse in prop::collection::vec(sse_part(), 0..7),
        lens in prop::collection::vec(0..40_usize, 1..5),
        is_known in any::<bool>(),
    ) {
        let dialect = is_known.then_some(Dialect::Titan);
        for (carrier, stream) in [(Carrier::Invoke, invoke.concat()), (Carrier::Sse, sse.concat())] {
            let whole = carrier.read(dialect, &stream);
            for (lens, lend) in [(&[1][..], true), (&[1], false), (&lens, true), (&lens, false)] {
                prop_assert_eq!(&carrier.read_in(dialect, &stream, lens, lend), &whole);
            }
        }
    }
}
