use super::{END, MESSAGE_STOP, START, STOP_0, TEXT_START, TOOL_START, block, given};

#[test]
fn text_also_in_the_start() {
    assert_eq!(
        block(&[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"He","citations":null}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"llo"}       }"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}"#,
            STOP_0,
        ]),
        [
            r#"{"type":"block_start","block":0,"kind":"text"}"#,
            r#"{"type":"text","block":0,"text":"He"}"#,
            r#"{"type":"text","block":0,"text":"llo"}"#,
            r#"{"type":"block_end","block":0}"#,
        ]
    );
    assert_eq!(block(&[TEXT_START, STOP_0]), [""; 0], "a block without a chunk gives nothing");
}

#[test]
fn thinking_with_its_signature() {
    assert_eq!(
        block(&[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#,
            STOP_0,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"thinking","thinking":"ha","signature":"c2"}}"#,
            r#"{"type":"content_block_stop","index":1}"#,
        ]),
        [
            r#"{"type":"block_start","block":0,"kind":"reasoning"}"#,
            r#"{"type":"reasoning","block":0,"text":"hm"}"#,
            r#"{"type":"reasoning_signature","block":0,"signature":"c2ln"}"#,
            r#"{"type":"block_end","block":0}"#,
            r#"{"type":"block_start","block":1,"kind":"reasoning"}"#,
            r#"{"type":"reasoning","block":1,"text":"ha"}"#,
            r#"{"type":"reasoning_signature","block":1,"signature":"c2"}"#,
            r#"{"type":"block_end","block":1}"#,
        ]
    );
}

#[test]
fn redacted_thinking_is_kept_so_that_it_can_be_sent_back() {
    let start = |data: &str| {
        [
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":""#,
            data,
            r#""}}"#,
        ]
        .concat()
    };
    assert_eq!(
        block(&[&start("EmwKAhgB"), STOP_0]),
        [
            r#"{"type":"block_start","block":0,"kind":"reasoning_redacted"}"#,
            r#"{"type":"reasoning_redacted","block":0,"data":"EmwKAhgB"}"#,
            r#"{"type":"block_end","block":0}"#,
        ]
    );
    // Without padding, and with bits that no byte has: the bytes are the same.
    for data in ["EmwKAhg", "EmwKAhh="] {
        let given = block(&[&start(data), STOP_0]);
        assert_eq!(given[1], r#"{"type":"reasoning_redacted","block":0,"data":"EmwKAhg="}"#, "{data}");
    }
    // No bytes would give this text again.
    let given = block(&[&start("NOT_BASE64"), STOP_0]);
    assert_eq!(given[0], r#"{"type":"block_start","block":0,"kind":"unknown"}"#);
    assert!(
        given[1].contains(r#""member":"redacted_thinking""#) && given[1].contains("NOT_BASE64"),
        "{given:?}"
    );
}

#[test]
fn a_tool_call_and_its_arguments() {
    assert_eq!(
        block(&[
            TOOL_START,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"1}"}}"#,
            STOP_0,
        ]),
        [
            r#"{"type":"tool_call_start","block":0,"id":"t","name":"f"}"#,
            r#"{"type":"tool_call_delta","block":0,"id":"t","arguments_delta":"{\"a\":"}"#,
            r#"{"type":"tool_call_delta","block":0,"id":"t","arguments_delta":"1}"}"#,
            r#"{"type":"tool_call_end","block":0,"id":"t","name":"f","input":{"a":1}}"#,
        ]
    );
    let none = r#"{"type":"tool_call_end","block":0,"id":"t","name":"f","input":{}}"#;
    assert_eq!(block(&[TOOL_START, STOP_0])[1], none, "a call without arguments");
}

#[test]
fn calls_of_other_kinds_and_arguments_in_the_start() {
    assert_eq!(
        block(&[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{"q": "a"}}}"#,
            STOP_0,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"mcp_tool_use","id":"m","name":"g","server_name":"x","input":{ }}}"#,
            r#"{"type":"content_block_stop","index":1}"#,
        ]),
        [
            r#"{"type":"tool_call_start","block":0,"id":"s","name":"web_search","kind":"server_tool_use"}"#,
            r#"{"type":"tool_call_delta","block":0,"id":"s","arguments_delta":"{\"q\": \"a\"}"}"#,
            r#"{"type":"tool_call_end","block":0,"id":"s","name":"web_search","input":{"q": "a"}}"#,
            r#"{"type":"tool_call_start","block":1,"id":"m","name":"g","kind":"mcp_tool_use"}"#,
            r#"{"type":"unknown","member":"server_name","block":1,"value":"x"}"#,
            r#"{"type":"tool_call_end","block":1,"id":"m","name":"g","input":{}}"#,
        ]
    );
}

#[test]
fn a_result_is_whole_in_its_start() {
    for (block_start, kind_and_status, content) in [
        (
            r#"{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","url":"u"}]}"#,
            r#""kind":"web_search_tool_result""#,
            r#"[{"json":[{"type":"web_search_result","url":"u"}]}]"#,
        ),
        (
            r#"{"type":"web_search_tool_result","tool_use_id":"s","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}"#,
            r#""kind":"web_search_tool_result","status":"error""#,
            r#"[{"json":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}]"#,
        ),
        (
            r#"{"type":"mcp_tool_result","tool_use_id":"s","is_error":false,"content":"done"}"#,
            r#""kind":"mcp_tool_result","status":"success""#,
            r#"[{"text":"done"}]"#,
        ),
    ] {
        let start =
            [r#"{"type":"content_block_start","index":0,"content_block":"#, block_start, "}"].concat();
        assert_eq!(
            block(&[&start, STOP_0]),
            [
                &*[r#"{"type":"tool_result_start","block":0,"id":"s","#, kind_and_status, "}"].concat(),
                &*[r#"{"type":"tool_result","block":0,"id":"s","content":"#, content, "}"].concat(),
                r#"{"type":"block_end","block":0}"#,
            ]
        );
    }
}

#[test]
fn citations_in_the_start_and_as_deltas() {
    let citation = r#"{"type":"char_location","cited_text":"a","document_index":0,"document_title":"T","start_char_index":0,"end_char_index":1}"#;
    let start = [
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":["#,
        citation,
        "]}}",
    ]
    .concat();
    let delta = [
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":"#,
        citation,
        "}}",
    ]
    .concat();
    let chunk = r#"{"type":"citation","block":0,"citation":{"title":"T","sourceContent":[{"text":"a"}],"location":{"documentChar":{"documentIndex":0,"start":0,"end":1}}}}"#;
    assert_eq!(
        block(&[
            &start,
            &delta,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"new_location"}}}"#,
            STOP_0,
        ]),
        [
            r#"{"type":"block_start","block":0,"kind":"text"}"#,
            chunk,
            chunk,
            r#"{"type":"unknown","member":"citations_delta","block":0,"value":{"type":"citations_delta","citation":{"type":"new_location"}}}"#,
            r#"{"type":"block_end","block":0}"#,
        ]
    );
}

#[test]
fn an_image_in_the_payload() {
    assert_eq!(
        block(&[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}}}"#,
            STOP_0,
        ]),
        [
            r#"{"type":"image_start","block":0,"format":"png"}"#,
            r#"{"type":"image","block":0,"image":{"source":{"bytes":"iVBORw=="}}}"#,
            r#"{"type":"block_end","block":0}"#,
        ]
    );
    let by_address = r#"{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}"#;
    let start = [r#"{"type":"content_block_start","index":0,"content_block":"#, by_address, "}"].concat();
    let unknown = [r#"{"type":"unknown","member":"image","block":0,"value":"#, by_address, "}"].concat();
    assert_eq!(block(&[&start, STOP_0])[1], unknown);
}

#[test]
fn kinds_that_converse_does_not_have_are_kept_as_they_are() {
    for kept in [
        r#"{"type":"fallback","from":"a","to":"b","trigger":null}"#,
        r#"{"type":"compaction","content":null}"#,
        r#"{"type":"container_upload","file_id":"f"}"#,
        r#"{"type":"new_kind","text":5}"#,
    ] {
        let name = kept.split('"').nth(3).expect("it has a type");
        let start = [r#"{"type":"content_block_start","index":0,"content_block":"#, kept, "}"].concat();
        assert_eq!(
            block(&[
                &start,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"s"}}"#,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
                STOP_0,
            ]),
            [
                r#"{"type":"block_start","block":0,"kind":"unknown"}"#,
                &*[r#"{"type":"unknown","member":""#, name, r#"","block":0,"value":"#, kept, "}"].concat(),
                r#"{"type":"unknown","member":"compaction_delta","block":0,"value":{"type":"compaction_delta","content":"s"}}"#,
                r#"{"type":"unknown","member":"input_json_delta","block":0,"value":{"type":"input_json_delta","partial_json":"{"}}"#,
                r#"{"type":"block_end","block":0}"#,
            ]
        );
    }
}

#[test]
fn members_that_are_not_known_are_kept() {
    assert_eq!(
        block(&[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","new":1,"old":null},"more":2,"p":"abc"}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a","new":3},"more":4}"#,
            r#"{"type":"content_block_stop","index":0,"more":5}"#,
        ]),
        [
            r#"{"type":"block_start","block":0,"kind":"unknown"}"#,
            r#"{"type":"unknown","member":"new","block":0,"value":1}"#,
            r#"{"type":"unknown","member":"more","block":0,"value":2}"#,
            r#"{"type":"text","block":0,"text":"a"}"#,
            r#"{"type":"unknown","member":"new","block":0,"value":3}"#,
            r#"{"type":"unknown","member":"more","block":0,"value":4}"#,
            r#"{"type":"unknown","member":"more","block":0,"value":5}"#,
            r#"{"type":"block_end","block":0}"#,
        ]
    );
}

#[test]
fn a_call_that_cannot_start_is_one_error() {
    let given = given(&[
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"f","input":{"a":1},"new":1}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
        STOP_0,
        END,
        MESSAGE_STOP,
    ]);
    assert_eq!(given[0], START);
    assert!(given[1].starts_with("unexpected: ") && given[1].contains("must begin with its id"), "{given:?}");
    assert!(
        given[3].contains(r#""skipped_events":2"#) && given.len() == 4,
        "the rest is only counted: {given:?}"
    );
}
