use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{
    ADD, CALL, CALLED, COMPLETED, CREATED, HELLO, MESSAGE, TEXT, added, completed, content, delta, done,
    item_done,
};

#[test]
fn whichever_copy_has_a_text_it_is_written_once() {
    let text_done =
        r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hello"}"#;
    let part_done = r#"{"type":"response.content_part.done","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hello","annotations":[]}}"#;
    let (start, delta, item) = (added(0, MESSAGE), delta("output_text", 0, "Hello"), item_done(0, TEXT));
    let terminal = completed(&format!("[{TEXT}]"));
    for copies in 1_u32..32 {
        let all = [&*delta, text_done, part_done, &*item, &*terminal];
        let kept = (0..).zip(all).filter(|(bit, _)| copies & (1 << bit) != 0).map(|(_, copy)| copy);
        let mut payloads: Vec<&str> = [CREATED, &start].into_iter().chain(kept).collect();
        if copies & 16 == 0 {
            payloads.push(COMPLETED);
        }
        assert_eq!(content(&payloads), HELLO, "{payloads:?}");
        payloads.remove(1);
        assert_eq!(content(&payloads), HELLO, "without the item's beginning: {payloads:?}");
    }
}

#[test]
fn reasoning_is_one_block_and_its_encrypted_form_another() {
    let reasoning = r#"{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"A"},{"type":"summary_text","text":"B"}],"encrypted_content":"rsn_%"}"#;
    let content = content(&[
        &added(0, r#"{"type":"reasoning","id":"r","summary":[],"encrypted_content":"early"}"#),
        r#"{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"A"}"#,
        r#"{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"A"}"#,
        r#"{"type":"response.reasoning_summary_part.done","output_index":0,"summary_index":1,"part":{"type":"summary_text","text":"B"}}"#,
        &item_done(0, reasoning),
        &completed(&format!("[{reasoning}]")),
    ]);
    assert_eq!(
        content,
        [
            r#"{"type":"block_start","block":0,"kind":"reasoning"}"#,
            r#"{"type":"reasoning","block":0,"text":"A"}"#,
            r#"{"type":"reasoning","block":0,"text":"B"}"#,
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"block_start","block":1,"kind":"reasoning_redacted"}"#,
            r#"{"type":"reasoning_redacted","block":1,"data":"cnNuXyU="}"#,
            r#"{"type":"block_end","block":1}"#,
        ]
    );
}

/// Some servers send the encrypted form only with the item's beginning, and some never say that the item is done.
#[test]
fn the_encrypted_form_that_an_item_began_with_is_not_lost() {
    let start = added(0, r#"{"type":"reasoning","id":"r","summary":[],"encrypted_content":"rsn_%"}"#);
    let again = added(0, r#"{"type":"reasoning","id":"r","summary":[],"encrypted_content":"other"}"#);
    let done = item_done(0, r#"{"type":"reasoning","id":"r","summary":[],"encrypted_content":null}"#);
    let redacted = [
        r#"{"type":"block_start","block":0,"kind":"reasoning_redacted"}"#,
        r#"{"type":"reasoning_redacted","block":0,"data":"cnNuXyU="}"#,
        r#"{"type":"block_end","block":0}"#,
    ];
    for payloads in [
        &[CREATED, &start, &done, COMPLETED][..],
        &[CREATED, &start, COMPLETED],
        &[CREATED, &again, &start, &done, COMPLETED],
        &[
            CREATED,
            &start,
            &done,
            &completed(r#"[{"type":"reasoning","summary":[],"encrypted_content":"rsn_%"}]"#),
        ],
        &[CREATED, &start, r#"{"type":"response.incomplete","response":{"status":"incomplete"}}"#],
    ] {
        assert_eq!(content(payloads), redacted, "{payloads:?}");
    }
}

#[test]
fn text_of_a_reasoning_item_is_reasoning() {
    let content = content(&[
        &added(0, r#"{"type":"reasoning","id":"r","content":[]}"#),
        &delta("output_text", 0, "Hm"),
        &item_done(0, r#"{"type":"reasoning","content":[{"type":"output_text","text":"Hmm"}]}"#),
        COMPLETED,
    ]);
    let texts: Vec<&String> = content.iter().filter(|chunk| chunk.contains(r#""text":"#)).collect();
    assert_eq!(
        texts,
        [r#"{"type":"reasoning","block":0,"text":"Hm"}"#, r#"{"type":"reasoning","block":0,"text":"m"}"#]
    );
}

#[test]
fn a_refusal_is_text_in_a_block_of_its_own() {
    let content = content(&[
        &added(0, MESSAGE),
        &delta("output_text", 0, "Well. "),
        r#"{"type":"response.refusal.delta","output_index":0,"content_index":1,"delta":"No"}"#,
        r#"{"type":"response.refusal.done","output_index":0,"content_index":1,"refusal":"No."}"#,
        COMPLETED,
    ]);
    let texts: Vec<&String> = content.iter().filter(|chunk| chunk.contains(r#""text":"#)).collect();
    assert_eq!(
        texts,
        [
            r#"{"type":"text","block":0,"text":"Well. "}"#,
            r#"{"type":"text","block":1,"text":"No"}"#,
            r#"{"type":"text","block":1,"text":"."}"#,
        ]
    );
}

#[test]
fn annotations_are_written_once_and_unknown_ones_are_kept() {
    let web = r#"{"type":"url_citation","url":"https://a.example","title":"A"}"#;
    let path = r#"{"type":"file_path","file_id":"f"}"#;
    let part = format!(r#"{{"type":"output_text","text":"Hi","annotations":[{web},{path}]}}"#);
    let content = content(&[
        &delta("output_text", 0, "Hi"),
        &format!(
            r#"{{"type":"response.output_text.annotation.added","output_index":0,"content_index":0,"annotation_index":0,"annotation":{web}}}"#
        ),
        &format!(
            r#"{{"type":"response.content_part.done","output_index":0,"content_index":0,"part":{part}}}"#
        ),
        &item_done(0, &format!(r#"{{"type":"message","content":[{part}]}}"#)),
        COMPLETED,
    ]);
    assert_eq!(
        content[2..],
        [
            r#"{"type":"citation","block":0,"citation":{"title":"A","location":{"web":{"url":"https://a.example"}}}}"#,
            r#"{"type":"unknown","member":"annotation","block":0,"value":{"type":"file_path","file_id":"f"}}"#,
            r#"{"type":"block_end","block":0}"#,
        ]
    );
}

#[test]
fn an_item_of_another_kind_is_kept_once() {
    let search = r#"{"type":"web_search_call","id":"ws","status":"completed","action":{"query":"q"}}"#;
    let item = format!(r#"{{"type":"unknown","member":"item","block":0,"value":{search}}}"#);
    let expected = [
        r#"{"type":"block_start","block":0,"kind":"unknown"}"#.to_string(),
        item,
        r#"{"type":"block_end","block":0}"#.to_string(),
    ];
    let begun = added(0, r#"{"type":"web_search_call","id":"ws","status":"in_progress"}"#);
    let output = completed(&format!("[{search}]"));
    assert_eq!(content(&[&begun, &item_done(0, search), &output]), expected);
    assert_eq!(content(&[&begun, &output]), expected);
    assert_eq!(content(&[&output]), expected);

    // Such an item may have members of any shape.
    let arguments = r#"{"type":"tool_search_call","arguments":{"query":"q"},"content":"c","summary":5}"#;
    let kept = content(&[&item_done(0, arguments), &completed(&format!("[{arguments}]"))]);
    assert_eq!(kept[1], format!(r#"{{"type":"unknown","member":"item","block":0,"value":{arguments}}}"#));
    assert_eq!(kept.len(), 3, "{kept:?}");
}

#[test]
fn an_item_may_be_nested_deep() {
    let deep =
        format!(r#"{{"type":"mcp_call","id":"m","output":{}1{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    let kept = content(&[&item_done(0, &deep), &completed(&format!("[{deep}]"))]);
    assert_eq!(kept[1], format!(r#"{{"type":"unknown","member":"item","block":0,"value":{deep}}}"#));
    assert_eq!(kept.len(), 3, "{kept:?}");
    let called =
        CALLED.replace(r#""id""#, &format!(r#""odd":{0}{1},"id""#, "[".repeat(300), "]".repeat(300)));
    assert_eq!(content(&[&item_done(0, &called), COMPLETED])[..1], ADD[..1]);
}

#[test]
fn an_output_that_cannot_be_read_is_told() {
    for output in ["[5]", "{}", "5", &format!("{}1{}", "[".repeat(300), "]".repeat(300))] {
        let told = content(&[&item_done(0, TEXT), &completed(output)]);
        assert_eq!(told[3], format!(r#"{{"type":"unknown","member":"output","value":{output}}}"#));
    }
}

#[test]
fn an_unknown_event_is_kept_without_its_padding() {
    assert_eq!(
        content(&[
            r#"{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws"}"#,
            r#"{"type":"response.shell_call_command.delta","delta":{"any":1},"obfuscation":"xxx"}"#,
            r#"{"type":"keepalive"}"#,
            COMPLETED,
        ]),
        [
            r#"{"type":"unknown","event":"response.web_search_call.searching","value":{"type":"response.web_search_call.searching","output_index":0,"item_id":"ws"}}"#,
            r#"{"type":"unknown","event":"response.shell_call_command.delta","value":{"type":"response.shell_call_command.delta","delta":{"any":1}}}"#,
            r#"{"type":"unknown","event":"keepalive","value":{"type":"keepalive"}}"#,
        ]
    );
}

#[test]
fn unknown_members_are_kept_and_token_probabilities_too() {
    let content = content(&[
        r#"{"type":"response.output_text.delta","output_index":0,"delta":"Hi","logprobs":[{"token":"Hi"}],"extra":1}"#,
        r#"{"type":"response.output_text.done","output_index":0,"text":"Hi","logprobs":[{"token":"Hi"}]}"#,
        &item_done(1, &CALLED.replace(r#""id""#, r#""namespace":"n","id""#)),
        r#"{"type":"response.completed","null":null,"response":{"status":"completed","new":true,"tools":[],"completed_at":null,"none":null}}"#,
    ]);
    let unknown: Vec<&String> = content.iter().filter(|chunk| chunk.contains("unknown")).collect();
    assert_eq!(
        unknown,
        [
            r#"{"type":"unknown","member":"extra","value":1}"#,
            r#"{"type":"unknown","member":"logprobs","block":0,"value":[{"token":"Hi"}]}"#,
            r#"{"type":"unknown","member":"namespace","block":1,"value":"n"}"#,
            r#"{"type":"unknown","member":"new","value":true}"#,
        ]
    );
}

#[test]
fn a_copy_that_contradicts_is_told_and_changes_no_text() {
    let other = TEXT.replace("Hello", "Bye");
    let (delta, item) = (delta("output_text", 0, "Hello"), item_done(0, &other));
    let told = content(&[&delta, &item, &completed(&format!("[{other}]"))]);
    let texts: Vec<&String> = told.iter().filter(|chunk| chunk.contains(r#""type":"text""#)).collect();
    assert_eq!(texts, [HELLO[1]]);
    let told = told.iter().filter(|step| step.starts_with("unexpected:"));
    assert_eq!(told.count(), 1, "it may come again with the item, and with the response");
    for copy in [
        r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Bye"}"#,
        // Nothing may follow what was whole.
        r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hell"}"#,
        r#"{"type":"response.content_part.done","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Bye"}}"#,
        &item,
    ] {
        assert!(done(&[&delta, copy, &item, COMPLETED]).contains(r#""skipped_events":1"#), "{copy}");
    }
    let repeated =
        r#"{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hello"}"#;
    assert!(done(&[&delta, repeated, repeated, COMPLETED]).contains(r#""skipped_events":0"#));

    let output = content(&[&delta, &completed(&format!("[{other}]"))]);
    assert!(
        output[2].starts_with(r#"{"type":"unknown","member":"output","value":[{"type":"message""#),
        "{output:?}"
    );
    assert_eq!(content(&[&item_done(0, TEXT), &completed("[]")]), HELLO, "an empty one is no copy");
}

#[test]
fn an_event_without_an_index_belongs_to_the_only_open_item() {
    let delta = r#"{"type":"response.output_text.delta","delta":"Hello"}"#;
    assert_eq!(content(&[delta, COMPLETED]), HELLO);
    let several = [&*added(0, MESSAGE), &added(1, CALL), delta, delta, COMPLETED];
    let told = content(&several);
    assert!(told.iter().filter(|step| step.starts_with("unexpected:")).count() == 1, "{told:?}");
    assert!(done(&several).contains(r#""skipped_events":2"#));
}

#[test]
fn a_number_that_cannot_be_read_costs_nothing_of_the_event() {
    for number in [r#""1""#, "-1", "1.5", "{}", "18446744073709551616"] {
        let delta = alloc::format!(
            r#"{{"type":"response.output_text.delta","sequence_number":{number},"output_index":0,"delta":"a"}}"#
        );
        let given = crate::decode::steps::lines(crate::dialect::Dialect::Responses, &[&delta]);
        let text = r#"{"type":"text","block":0,"text":"a"}"#;
        assert!(given.iter().any(|line| line == text), "{number}: {given:?}");
        assert_eq!(given.last().map(|line| &**line), Some("incomplete"), "{given:?}");
    }
}
