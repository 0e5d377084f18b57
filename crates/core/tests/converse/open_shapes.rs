//! What the shapes of events accept beyond the documentation (C2).

use bedrock_stream_core::answer::{SkippedEvent, StopReason};
use bedrock_stream_core::content::{CitationLocation, ToolResultDelta};
use bedrock_stream_core::converse::{Delta, Event, ReasoningDelta, UnknownEvent};
use serde_json::json;

use super::wire::{decode, decode_bytes, error, event, exception};

#[test]
fn c2_unknown_members_are_kept_as_sent_at_every_depth() {
    for (name, payload) in [
        ("messageStart", r#"{"role":"assistant","z":1.0,"a":{"b":null,"a":1E5}}"#),
        (
            "contentBlockStart",
            r#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a","name":"f","q":-0}},"w":[]}"#,
        ),
        (
            "contentBlockStart",
            r#"{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"a"},"other":0.10}}"#,
        ),
        (
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"citation":{"location":{"web":{"url":"u","q":1.0},"map":"\u0041"},"q":2.0}}}"#,
        ),
        (
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"toolResult":[{"json":{"b":1.0,"a":[ 1 ]}},{"new":1.0}]}}"#,
        ),
        (
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"image":{"source":{"s3Location":{"uri":"u","q":1.0}},"error":{"q":1.0}}}}"#,
        ),
        ("contentBlockStop", r#"{"contentBlockIndex":0,"q":"\ud83d"}"#),
        ("messageStop", r#"{"stopReason":"x","additionalModelResponseFields":[1.0, null],"q":1e400}"#),
        (
            "metadata",
            r#"{"usage":{"inputTokens":1,"cacheDetails":[{"ttl":"2h","inputTokens":1,"q":1.0}],"q":1.0},"q":1.0}"#,
        ),
        (
            "metadata",
            r#"{"trace":{"guardrail":{"inputAssessment":{"g":{"x":1.0}},"q":1.0},"promptRouter":{"q":1.0},"q":1.0}}"#,
        ),
    ] {
        let event = decode(name, payload).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), format!("{{\"{name}\":{payload}}}"));
    }
}

#[test]
fn c2_padding_is_removed_only_from_the_payload() {
    for (name, payload, left) in [
        ("messageStart", r#"{"p":"abcd","role":"assistant"}"#, r#"{"role":"assistant"}"#),
        ("messageStart", r#"{"p":["not", {"a": "string"}]}"#, "{}"),
        ("contentBlockStop", r#"{"contentBlockIndex":1,"p":"ab","p":"abc"}"#, r#"{"contentBlockIndex":1}"#),
        (
            "contentBlockDelta",
            r#"{"contentBlockIndex":1,"delta":{"p":"kept"},"p":"ab"}"#,
            r#"{"contentBlockIndex":1,"delta":{"p":"kept"}}"#,
        ),
        ("metadata", r#"{"usage":{"p":1},"p":"ab"}"#, r#"{"usage":{"p":1}}"#),
        ("later", r#"{"b":1.0,"p":"ab","a":{"p":null}}"#, r#"{"b":1.0,"a":{"p":null}}"#),
        ("later", r#"{"a": "p", "b" : {"p":1}}"#, r#"{"a": "p", "b" : {"p":1}}"#),
        ("later", r#"["p"]"#, r#"["p"]"#),
        ("later", r#""p""#, r#""p""#),
    ] {
        let event = decode(name, payload).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), format!("{{\"{name}\":{left}}}"));
    }
}

#[test]
fn c2_null_members_count_as_absent() {
    for (name, with, without) in [
        ("messageStart", r#"{"role":null}"#, "{}"),
        ("contentBlockStart", r#"{"contentBlockIndex":null,"start":null}"#, "{}"),
        (
            "contentBlockStart",
            r#"{"start":{"toolUse":{"toolUseId":"a","name":null,"type":null},"toolResult":null,"image":null}}"#,
            r#"{"start":{"toolUse":{"toolUseId":"a"}}}"#,
        ),
        (
            "contentBlockDelta",
            r#"{"contentBlockIndex":0,"delta":{"text":"a","toolUse":null,"citation":null,"reasoningContent":null}}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#,
        ),
        (
            "contentBlockDelta",
            r#"{"delta":{"citation":{"title":null,"location":{"web":null,"documentPage":{"start":null,"end":2}}}}}"#,
            r#"{"delta":{"citation":{"location":{"documentPage":{"end":2}}}}}"#,
        ),
        ("messageStop", r#"{"stopReason":null,"additionalModelResponseFields":null}"#, "{}"),
        (
            "metadata",
            r#"{"usage":{"inputTokens":1,"cacheDetails":null},"metrics":null,"trace":{"guardrail":null}}"#,
            r#"{"usage":{"inputTokens":1},"trace":{}}"#,
        ),
    ] {
        assert_eq!(decode(name, with), decode(name, without), "{with}");
    }
}

#[test]
fn c2_integers_may_be_written_as_floats() {
    for (spelled, number) in [
        ("28.0", 28),
        ("28", 28),
        ("2.8e1", 28),
        ("280E-1", 28),
        ("0.0", 0),
        ("-0.0", 0),
        ("-0", 0),
        ("4294967295", u32::MAX),
        ("4294967295.0", u32::MAX),
    ] {
        let Ok(Event::ContentBlockStop(stop)) =
            decode("contentBlockStop", &format!("{{\"contentBlockIndex\":{spelled}}}"))
        else {
            panic!("{spelled}")
        };
        assert_eq!(stop.content_block_index, Some(number), "{spelled}");
    }
    for spelled in ["28.5", "-1", "-1.0", "4294967296", "4294967296.0", "1e400", "\"28\"", "true", "[28]"] {
        let result = decode("contentBlockStop", &format!("{{\"contentBlockIndex\":{spelled}}}"));
        assert!(matches!(result, Err(SkippedEvent::Payload { .. })), "{spelled}: {result:?}");
    }
    let Ok(Event::Metadata(metadata)) = decode(
        "metadata",
        r#"{"metrics":{"latencyMs":-9223372036854775808.0},"usage":{"inputTokens":18446744073709551615,"totalTokens":9007199254740992.0}}"#,
    ) else {
        panic!()
    };
    assert_eq!(metadata.metrics.unwrap().latency_ms, Some(i64::MIN));
    let usage = metadata.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.total_tokens), (Some(u64::MAX), Some(1 << 53)));
}

#[test]
fn c2_a_lone_surrogate_escape_reads_as_the_replacement_character() {
    for (escaped, read) in [
        (r"\ud83d", "\u{fffd}"),
        (r"a\udE00b", "a\u{fffd}b"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
        (r"\ud83d\ude00", "\u{1f600}"),
        (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (r"\ud83d\n", "\u{fffd}\n"),
        (r"\\ud83d", "\\ud83d"),
    ] {
        // Deltas as Bedrock writes them, and in other formats.
        for payload in [
            format!(r#"{{"contentBlockIndex":0,"delta":{{"text":"{escaped}"}}}}"#),
            format!(r#"{{ "contentBlockIndex": 0, "delta": {{ "text": "{escaped}" }} }}"#),
            format!(r#"{{"delta":{{"text":"{escaped}"}},"contentBlockIndex":0,"p":"ab"}}"#),
        ] {
            let Ok(Event::ContentBlockDelta(delta)) = decode("contentBlockDelta", &payload) else {
                panic!("{payload}")
            };
            assert_eq!(delta.delta, Some(Delta::Text(read.into())), "{payload}");
            assert_eq!(delta.content_block_index, Some(0));
        }
        let Ok(Event::ContentBlockDelta(delta)) = decode(
            "contentBlockDelta",
            &format!(
                r#"{{"delta":{{"citation":{{"title":"{escaped}"}},"reasoningContent":{{"signature":"{escaped}"}}}}}}"#
            ),
        ) else {
            panic!("{escaped}")
        };
        let [Delta::Citation(citation), Delta::Reasoning(reasoning)] =
            delta.delta.as_ref().unwrap().members()
        else {
            panic!("{delta:?}")
        };
        assert_eq!(citation.title.as_deref(), Some(read));
        assert_eq!(reasoning, &ReasoningDelta::Signature(read.into()));
        let stop = decode("messageStop", &format!(r#"{{"stopReason":"{escaped}"}}"#)).unwrap();
        let Event::MessageStop(stop) = stop else { panic!() };
        assert_eq!(stop.stop_reason, Some(StopReason::Unknown(read.into())));
    }
}

#[test]
fn c2_every_location_of_a_citation_is_read() {
    for (location, wire) in [
        ("web", r#"{"url":"u","domain":"d"}"#),
        ("documentChar", r#"{"documentIndex":1,"start":2,"end":3}"#),
        ("documentPage", r#"{"documentIndex":1,"start":2,"end":3}"#),
        ("documentChunk", r#"{"documentIndex":1,"start":2,"end":3}"#),
        ("searchResultLocation", r#"{"searchResultIndex":1,"start":2,"end":3}"#),
    ] {
        let payload = format!(r#"{{"delta":{{"citation":{{"location":{{"{location}":{wire}}}}}}}}}"#);
        let Ok(Event::ContentBlockDelta(delta)) = decode("contentBlockDelta", &payload) else { panic!() };
        let Some(Delta::Citation(citation)) = delta.delta else { panic!() };
        match (location, citation.location.unwrap()) {
            ("web", CitationLocation::Web(web)) => assert_eq!(web.domain.as_deref(), Some("d")),
            ("documentChar", CitationLocation::DocumentChar(range))
            | ("documentPage", CitationLocation::DocumentPage(range))
            | ("documentChunk", CitationLocation::DocumentChunk(range)) => {
                assert_eq!((range.document_index, range.start, range.end), (Some(1), Some(2), Some(3)));
            }
            ("searchResultLocation", CitationLocation::SearchResult(range)) => {
                assert_eq!((range.search_result_index, range.start, range.end), (Some(1), Some(2), Some(3)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn c2_every_stop_reason_of_the_model_is_known_and_others_are_kept() {
    let of_the_model = [
        "end_turn",
        "tool_use",
        "max_tokens",
        "stop_sequence",
        "guardrail_intervened",
        "content_filtered",
        "malformed_model_output",
        "malformed_tool_use",
        "model_context_window_exceeded",
    ];
    assert_eq!(StopReason::KNOWN.iter().map(StopReason::as_str).collect::<Vec<_>>(), of_the_model);
    for name in of_the_model {
        assert!(StopReason::KNOWN.contains(&StopReason::from(name)), "{name}");
    }
    for name in ["", "END_TURN"] {
        let reason = StopReason::from(name);
        assert_eq!(reason.as_str(), name);
        assert!(matches!(reason, StopReason::Unknown(_)), "{name}");
    }
}

#[test]
fn c2_a_delta_reads_the_same_however_it_is_formatted() {
    let plain =
        |delta: &str| decode("contentBlockDelta", &format!(r#"{{"contentBlockIndex":1,"delta":{delta}}}"#));
    for delta in [
        r#"{"text":"a\"\\\u00e9"}"#,
        r#"{"toolUse":{"input":"{\"a\":"}}"#,
        r#"{"reasoningContent":{"text":"a"}}"#,
        r#"{"reasoningContent":{"signature":"a"}}"#,
        r#"{"reasoningContent":{"redactedContent":"QUI="}}"#,
        r#"{"citation":{"title":"a"}}"#,
        r#"{"image":{"source":{"bytes":"QUI="}}}"#,
        r#"{"toolResult":[{"text":"a"}]}"#,
        r#"{"new":1.0}"#,
        "{}",
    ] {
        let expected = plain(delta).unwrap();
        for payload in [
            format!(r#"{{"contentBlockIndex":1,"delta":{delta},"p":"abcdef"}}"#),
            format!(r#"{{"contentBlockIndex":1.0,"delta":{delta}}}"#),
            format!(r#"{{"delta":{delta},"contentBlockIndex":1}}"#),
            format!(r#"{{"p":"ab","delta":{delta},"contentBlockIndex":1e0}}"#),
            format!("\n{{ \"contentBlockIndex\" :1,\t\"delta\": {delta} }}\r\n"),
            format!(r#"{{"content\u0042lockIndex":1,"\u0064elta":{delta},"\u0070":"x"}}"#),
            format!(r#"{{"contentBlockIndex":1,"delta":null,"delta":{delta}}}"#),
        ] {
            assert_eq!(decode("contentBlockDelta", &payload).as_ref(), Ok(&expected), "{payload}");
        }
    }
    let Ok(Event::ContentBlockDelta(delta)) = plain(r#"{"toolResult":[{"json":null},{"json":[]}]}"#) else {
        panic!()
    };
    let Some(Delta::ToolResult(pieces)) = delta.delta else { panic!() };
    assert!(matches!(&pieces[1], ToolResultDelta::Json(json) if json.as_str() == "[]"));
}

#[test]
fn c2_an_unknown_event_keeps_any_json() {
    for payload in ["null", "[1.0, 2]", "\"\\ud83d\"", "{\"b\":1,\"a\":1e9,\"b\":null}", "-0.0e-0"] {
        let Ok(Event::Unknown(UnknownEvent { payload: kept, event_type, message_type, .. })) =
            decode("later", payload)
        else {
            panic!("{payload}")
        };
        assert_eq!((event_type.as_deref(), message_type), (Some("later"), None));
        assert_eq!(kept.unwrap().as_str(), payload);
    }
    let Ok(Event::Unknown(event)) = decode("later", "") else { panic!() };
    assert_eq!(event.payload, None);
}

#[test]
fn c2_an_event_prints_as_one_member_named_after_it() {
    let print = |bytes: &[u8]| serde_json::to_value(decode_bytes(bytes).unwrap()).unwrap();
    assert_eq!(
        print(&event("messageStart", r#"{"role":"assistant","p":"abc"}"#)),
        json!({"messageStart": {"role": "assistant"}})
    );
    assert_eq!(
        print(&exception("throttlingException", br#"{"message":"m"}"#)),
        json!({"throttlingException": {"message": "m"}})
    );
    assert_eq!(print(&error("c", "m")), json!({"error": {"code": "c", "message": "m"}}));
    assert_eq!(print(&event("later", r#"{"a":1}"#)), json!({"later": {"a": 1}}));
}

#[test]
fn c2_null_items_count_as_absent_and_unknown_nulls_are_kept() {
    let event: Event = serde_json::from_str(
        r#"{"metadata":{"usage":{"inputTokens":1,"cacheDetails":[null]},"trace":{"guardrail":{
            "modelOutput":[null,"a"],"outputAssessments":{"g":null,"h":[{}]}}}}}"#,
    )
    .unwrap();
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        serde_json::json!({"metadata":{"usage":{"inputTokens":1,"cacheDetails":[]},"trace":{"guardrail":{
            "modelOutput":["a"],"outputAssessments":{"h":[{}]}}}}})
    );
    let delta: Delta = serde_json::from_str(r#"{"text":"a","toolUse":null,"new":null}"#).unwrap();
    let [Delta::Text(_), Delta::Unknown(member)] = delta.members() else { panic!("{delta:?}") };
    assert_eq!((&*member.name, member.value.as_str()), ("new", "null"));
}
