use alloc::format;
use alloc::vec::Vec;

use super::{FINISH, START, STOPPED, assert_chunks, chunks_of, delta, read};

#[test]
fn reasoning_has_many_names_and_is_given_once() {
    let block = |kind| format!(r#"{{"type":"block_start","block":0,"kind":"{kind}"}}"#);
    for delta in [
        r#"{"content":"","reasoning":"a"}"#,
        r#"{"content":null,"reasoning_content":"a"}"#,
        r#"{"reasoning_content":{"text":"a"}}"#,
        r#"{"reasoning":"a","reasoning_content":"a"}"#,
        r#"{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","format":null,"index":0}]}"#,
        r#"{"reasoning":null,"reasoning_details":[{"type":"reasoning.summary","summary":"a","index":0}]}"#,
        r#"{"content":"<reasoning>a</reasoning>"}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}],"closed":true}]}"#,
        r#"{"content":[{"type":"thinking","thinking":"a"}]}"#,
    ] {
        assert_chunks(
            &[delta],
            &[
                &block("reasoning"),
                r#"{"type":"reasoning","block":0,"text":"a"}"#,
                r#"{"type":"block_end","block":0}"#,
            ],
        );
    }
}

#[test]
fn reasoning_is_signed_and_encrypted() {
    assert_chunks(
        &[
            r#"{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","signature":""}]}"#,
            r#"{"reasoning_details":[{"type":"reasoning.text","signature":"s"},{"type":"reasoning.encrypted","data":"gA_="},{"type":"odd","x":1}]}"#,
            r#"{"content":"b"}"#,
        ],
        &[
            r#"{"type":"block_start","block":0,"kind":"reasoning"}"#,
            r#"{"type":"reasoning","block":0,"text":"a"}"#,
            r#"{"type":"unknown","member":"reasoning_details","value":{"type":"odd","x":1}}"#,
            r#"{"type":"reasoning_signature","block":0,"signature":"s"}"#,
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"block_start","block":1,"kind":"reasoning_redacted"}"#,
            r#"{"type":"reasoning_redacted","block":1,"data":"Z0FfPQ=="}"#,
            r#"{"type":"block_end","block":1}"#,
            r#"{"type":"block_start","block":2,"kind":"text"}"#,
            r#"{"type":"text","block":2,"text":"b"}"#,
            r#"{"type":"block_end","block":2}"#,
        ],
    );
}

#[test]
fn a_refusal_is_text_and_what_is_unknown_is_kept() {
    assert_chunks(
        &[
            r#"{"role":"assistant","content":null,"refusal":""}"#,
            r#"{"refusal":"I can't","audio":{"id":"x"},"odd":null}"#,
            r#"{"content":[{"type":"text","text":"."},{"type":"image_url","image_url":{}}]}"#,
        ],
        &[
            r#"{"type":"block_start","block":0,"kind":"text"}"#,
            r#"{"type":"text","block":0,"text":"I can't"}"#,
            r#"{"type":"unknown","member":"audio","value":{"id":"x"}}"#,
            r#"{"type":"text","block":0,"text":"."}"#,
            r#"{"type":"unknown","member":"content","value":{"type":"image_url","image_url":{}}}"#,
            r#"{"type":"block_end","block":0}"#,
        ],
    );
}

#[test]
fn what_may_be_a_tag_is_held_back_and_not_lost() {
    let text = |pieces: &[&str]| {
        let lines = chunks_of(pieces, FINISH);
        lines.into_iter().filter(|line| line.starts_with(r#"{"type":"text""#)).collect::<Vec<_>>()
    };
    let held = r#"{"type":"text","block":0,"text":"<rea"}"#;
    assert_eq!(text(&[r#"{"content":"<rea"}"#]), [held]);
    assert_eq!(text(&[r#"{"content":"<rea"}"#, r#"{"reasoning":"","content":"soning>"}"#]).len(), 0);
    assert_eq!(text(&[r#"{"content":"<rea"}"#, r#"{"reasoning":"r"}"#]), [held]);
    for failure in [r#"{"error":{}}"#, "[DONE]"] {
        let given = read(&[&delta(r#"{"content":"<rea"}"#), failure]);
        assert_eq!(given[2], held, "{given:?}");
    }
}

#[test]
fn models_with_choices_of_their_own_are_read() {
    for payloads in [
        &[
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"stop_reason":null}]}"#,
            r#"{"choices":[{"index":0,"message":{"content":""},"stop_reason":"stop"}]}"#,
        ][..],
        &[
            r#"{"choices":[{"text":"Hi","stop_reason":null}]}"#,
            r#"{"choices":[{"text":"","stop_reason":"stop"}]}"#,
        ],
        &[
            r#"{"choices":[{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}]}"#,
            r#"{"choices":[{"text":"","finish_reason":"stop"}]}"#,
        ],
        // The message repeats the delta.
        &[r#"{"choices":[{"delta":{"content":"Hi"},"message":{"content":"Hi"},"finish_reason":"stop"}]}"#],
        &[r#"{"object":"chat.completion","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#],
    ] {
        assert_eq!(
            read(payloads),
            [
                START,
                r#"{"type":"block_start","block":0,"kind":"text"}"#,
                r#"{"type":"text","block":0,"text":"Hi"}"#,
                r#"{"type":"block_end","block":0}"#,
                STOPPED[0],
                STOPPED[1],
            ],
            "{payloads:?}"
        );
    }
}

/// Perplexity has all sources in every payload, `OpenRouter` the provider, Groq the channel, and Together the text twice.
#[test]
fn what_every_payload_repeats_is_told_once() {
    let payload = |content: &str, sources: &str| {
        format!(
            r#"{{"provider":"P","citations":[{sources}],"none":null,"choices":[{{"index":0,"text":"{content}","delta":{{"content":"{content}","channel":"final"}}}}]}}"#
        )
    };
    let given = read(&[&payload("a", "1"), &payload("b", "1"), &payload("c", "1,2"), FINISH]);
    let unknown: Vec<_> = given.iter().filter(|line| line.starts_with(r#"{"type":"unknown""#)).collect();
    assert_eq!(
        unknown,
        [
            r#"{"type":"unknown","member":"channel","value":"final"}"#,
            r#"{"type":"unknown","member":"provider","value":"P"}"#,
            r#"{"type":"unknown","member":"citations","value":[1]}"#,
            r#"{"type":"unknown","member":"citations","value":[1,2]}"#,
        ]
    );
    let given = read(&[r#"{"choices":[{"text":"other","delta":{"content":"a"}}]}"#, FINISH]);
    assert!(given.contains(&r#"{"type":"unknown","member":"text","value":"other"}"#.into()), "{given:?}");
    // What says the same of two tokens says it twice.
    let token = r#"{"choices":[{"logprobs":{"content":[1]},"delta":{"content":"a"}}]}"#;
    let given = read(&[token, token, FINISH]);
    assert_eq!(given.iter().filter(|line| line.contains("logprobs")).count(), 2, "{given:?}");
}

#[test]
fn a_payload_that_cannot_be_read_is_skipped() {
    for payload in
        [r#"{"choices":{}}"#, r#"{"choices":[{"delta":7}]}"#, "7", "{", r#"{"choices":[],"choices":[]}"#]
    {
        let given = read(&[payload, FINISH]);
        assert!(
            given[0].starts_with("payload: ") || given[1].starts_with("payload: "),
            "{payload}: {given:?}"
        );
        assert!(given.last().unwrap().contains(r#""skipped_events":1"#), "{payload}: {given:?}");
    }
}
