use bedrock_stream_core::converse::Constraint;
use bedrock_stream_dialects::Dialect::{self, Messages};
use bedrock_stream_dialects::request::{self, LeftOutReason, Options, RequestErrorReason};
use serde_json::{Value, json};

use super::ask::{
    CLAUDE, PDF, PNG, converse, incoming, left_out, lenient, refused, to_json, try_read, unsupported, with,
};

fn user(content: Value) -> Value {
    with(Messages, json!({"messages": [{"role": "user", "content": content}]}))
}

fn content(body: &Value) -> Value {
    converse(Messages, body)["messages"][0]["content"].clone()
}

#[test]
fn a_request_says_what_the_gateway_must_know() {
    let body = with(Messages, json!({"stream": true, "temperature": 0.5, "top_p": 1, "top_k": 40.0}));
    let read = incoming(Messages, &body);
    assert_eq!((read.model.as_str(), read.stream), (CLAUDE, true));
    assert!(read.answer.include_usage && read.answer.tools.is_trivial() && !read.answer.asks_for_reasoning);
    assert!(read.left_out.is_empty(), "{:?}", read.left_out);
    assert_eq!(
        to_json(&read),
        json!({
            "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "inferenceConfig": {"maxTokens": 2000, "temperature": 0.5, "topP": 1.0},
            "additionalModelRequestFields": {"top_k": 40},
        })
    );
    assert_eq!(request::model(Messages, body.to_string().as_bytes()).as_deref(), Ok(CLAUDE));
}

#[test]
fn only_a_count_needs_no_limit() {
    let body = json!({"model": CLAUDE, "messages": [{"role": "user", "content": "Hi"}]});
    assert_eq!(refused(Messages, &body), ("max_tokens".into(), RequestErrorReason::Missing));
    assert!(request::count_tokens(body.to_string().as_bytes(), &Options::new()).is_ok());
    for name in ["model", "messages"] {
        let mut body = with(Messages, json!({}));
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(refused(Messages, &body), (name.into(), RequestErrorReason::Missing));
    }
}

#[test]
fn instructions_keep_their_order_and_their_cache_marks() {
    let body = with(
        Messages,
        json!({
            "system": [
                {"type": "text", "text": "One.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                {"type": "text", "text": "Two.", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": ""},
            ],
            "messages": [
                {"role": "user", "content": "Hi"},
                {"role": "system", "content": "Three."},
                {"role": "user", "content": [{"type": "text", "text": "Go", "cache_control": {"type": "ephemeral"}}]},
            ],
            "tools": [{"name": "t", "input_schema": {"type": "object"}, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        }),
    );
    let read = converse(Messages, &body);
    let (hour, default) =
        (json!({"cachePoint": {"type": "default", "ttl": "1h"}}), json!({"cachePoint": {"type": "default"}}));
    assert_eq!(
        read["system"],
        json!([{"text": "One."}, hour, {"text": "Two."}, default, {"text": "Three."}])
    );
    assert_eq!(
        read["messages"],
        json!([{"role": "user", "content": [{"text": "Hi"}, {"text": "Go"}, default]}])
    );
    assert_eq!(read["toolConfig"]["tools"][1], hour);
    let text = converse(Messages, &with(Messages, json!({"system": "Be brief."})));
    assert_eq!(text["system"], json!([{"text": "Be brief."}]));
}

#[test]
fn the_mark_of_the_whole_request_stands_last() {
    let body = with(Messages, json!({"cache_control": {"type": "ephemeral"}}));
    assert_eq!(content(&body), json!([{"text": "Hi"}, {"cachePoint": {"type": "default"}}]));
}

#[test]
fn images_and_documents_are_bytes() {
    let image =
        json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}});
    let pdf = json!({
        "type": "document", "title": "Report: Q3.pdf", "context": "c", "citations": {"enabled": true},
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
    });
    let text =
        json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}});
    let parts = json!({
        "type": "document",
        "source": {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    });
    let found = json!({
        "type": "search_result", "source": "https://x", "title": "X", "citations": {"enabled": false},
        "content": [{"type": "text", "text": "found"}],
    });
    let body = user(json!([{"type": "text", "text": "Look"}, image, pdf, text, parts, found]));
    assert_eq!(
        content(&body),
        json!([
            {"text": "Look"},
            {"image": {"format": "png", "source": {"bytes": PNG}}},
            {"document": {
                "format": "pdf", "name": "Report- Q3", "source": {"bytes": PDF}, "context": "c",
                "citations": {"enabled": true},
            }},
            {"document": {"format": "txt", "name": "document", "source": {"text": "words"}}},
            {"document": {"format": "txt", "name": "document (2)", "source": {"content": [{"text": "a"}, {"text": "b"}]}}},
            {"searchResult": {"source": "https://x", "title": "X", "content": [{"text": "found"}]}},
        ])
    );
}

#[test]
fn what_would_have_to_be_fetched_is_refused() {
    for kind in ["image", "document"] {
        for source in [
            json!({"type": "url", "url": "https://example.com/a"}),
            json!({"type": "file", "file_id": "file_1"}),
        ] {
            let body = user(json!([{"type": "text", "text": "a"}, {"type": kind, "source": source}]));
            assert_eq!(unsupported(Messages, &body), "messages.0.content.1.source");
        }
    }
    let body = user(
        json!([{"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": PNG}}]),
    );
    assert_eq!(refused(Messages, &body).0, "messages.0.content.0.source.media_type");
    let body = user(
        json!([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "%"}}]),
    );
    assert_eq!(refused(Messages, &body).0, "messages.0.content.0.source.data");
}

#[test]
fn tools_and_their_results_go_back_and_forth() {
    let body = with(
        Messages,
        json!({
            "tools": [
                {"name": "get_weather", "description": "The weather", "strict": true,
                 "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}},
                {"type": "custom", "name": "now", "description": "", "input_schema": {"properties": {}}},
            ],
            "tool_choice": {"type": "tool", "name": "now"},
            "messages": [
                {"role": "user", "content": "Weather?"},
                {"role": "assistant", "content": [
                    {"type": "text", "text": "Let me look."},
                    {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris", "n": 1.0}},
                    {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "text", "text": "Thanks"},
                    {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": true, "content": "no"},
                    {"type": "tool_result", "tool_use_id": "toolu_2", "cache_control": {"type": "ephemeral"}, "content": [
                        {"type": "text", "text": "12:00"},
                        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "d"}},
                    ]},
                ]},
            ],
        }),
    );
    let read = incoming(Messages, &body);
    let text = read.request.to_json().unwrap();
    assert!(text.contains(r#""input":{"city":"Paris","n":1.0}"#), "arguments stay as they were sent: {text}");
    let read = to_json(&read);
    assert_eq!(
        read["messages"][1]["content"],
        json!([
            {"text": "Let me look."},
            {"toolUse": {"toolUseId": "toolu_1", "name": "get_weather", "input": {"city": "Paris", "n": 1.0}}},
            {"toolUse": {"toolUseId": "toolu_2", "name": "now", "input": {}}},
        ])
    );
    // Results come first.
    assert_eq!(
        read["messages"][2]["content"],
        json!([
            {"toolResult": {"toolUseId": "toolu_1", "content": [{"text": "no"}], "status": "error"}},
            {"toolResult": {"toolUseId": "toolu_2", "content": [
                {"text": "12:00"},
                {"image": {"format": "png", "source": {"bytes": PNG}}},
                {"document": {"format": "txt", "name": "document", "source": {"text": "d"}}},
            ]}},
            {"cachePoint": {"type": "default"}},
            {"text": "Thanks"},
        ])
    );
    assert_eq!(
        read["toolConfig"],
        json!({
            "tools": [
                {"toolSpec": {
                    "name": "get_weather", "description": "The weather", "strict": true,
                    "inputSchema": {"json": {"type": "object", "properties": {"city": {"type": "string"}}}},
                }},
                {"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
            ],
            "toolChoice": {"tool": {"name": "now"}},
        })
    );
}

#[test]
fn a_result_without_content_says_so() {
    let history = |result: Value| {
        with(
            Messages,
            json!({"messages": [
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
                {"role": "user", "content": [result]},
            ]}),
        )
    };
    for result in [
        json!({"type": "tool_result", "tool_use_id": "t1"}),
        json!({"type": "tool_result", "tool_use_id": "t1", "content": ""}),
        json!({"type": "tool_result", "tool_use_id": "t1", "content": [], "is_error": false}),
        json!({"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": " "}]}),
    ] {
        let read = converse(Messages, &history(result));
        assert_eq!(
            read["messages"][2]["content"],
            json!([{"toolResult": {"toolUseId": "t1", "content": [{"text": "(empty)"}]}}])
        );
    }
    let other = history(json!({"type": "tool_result", "tool_use_id": "t2", "content": "a"}));
    assert_eq!(
        refused(Messages, &other),
        ("messages.2.content.0".into(), RequestErrorReason::constraint(Constraint::AnswersNoToolUse))
    );
}

#[test]
fn tool_choice_is_converses() {
    let body = |choice: Value| {
        with(
            Messages,
            json!({"tools": [{"name": "t", "input_schema": {"type": "object"}}], "tool_choice": choice}),
        )
    };
    for (choice, expected) in [
        (json!({"type": "auto"}), Value::Null),
        (json!({"type": "any"}), json!({"any": {}})),
        (json!({"type": "tool", "name": "t"}), json!({"tool": {"name": "t"}})),
    ] {
        assert_eq!(converse(Messages, &body(choice))["toolConfig"]["toolChoice"], expected);
    }
    assert_eq!(converse(Messages, &body(json!({"type": "none"})))["toolConfig"], Value::Null);
    let unknown = refused(Messages, &body(json!({"type": "tool", "name": "other"})));
    assert_eq!(unknown.0, "tool_choice");
}

/// Claude refuses the flag beside a choice that Converse says.
#[test]
fn one_tool_at_a_time_is_a_field_of_claudes() {
    let body = |members: Value| with(Messages, members);
    let tools = json!([{"name": "t", "input_schema": {"type": "object"}}]);
    let auto =
        body(json!({"tools": tools, "tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}));
    assert_eq!(
        converse(Messages, &auto)["additionalModelRequestFields"],
        json!({"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}})
    );
    let any =
        body(json!({"tools": tools, "tool_choice": {"type": "any", "disable_parallel_tool_use": true}}));
    let read = incoming(Messages, &any);
    assert_eq!(to_json(&read)["additionalModelRequestFields"], Value::Null);
    let field = "tool_choice.disable_parallel_tool_use";
    assert_eq!(left_out(&read, LeftOutReason::Unsupported), [field]);
    let none = body(json!({"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}));
    assert_eq!(left_out(&incoming(Messages, &none), LeftOutReason::NoEffect), [field]);
}

#[test]
fn thinking_goes_back_as_it_came() {
    let body = with(
        Messages,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "AAEC"},
                {"type": "thinking", "thinking": "", "signature": "c2lu"},
                {"type": "thinking", "thinking": "unsigned", "signature": ""},
                {"type": "text", "text": "b"},
            ]},
            {"role": "user", "content": "c"},
        ]}),
    );
    let read = incoming(Messages, &body);
    assert_eq!(
        to_json(&read)["messages"][1]["content"],
        json!([
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
            {"reasoningContent": {"redactedContent": "AAEC"}},
            {"reasoningContent": {"reasoningText": {"text": "", "signature": "c2lu"}}},
            {"text": "b"},
        ])
    );
    assert_eq!(left_out(&read, LeftOutReason::Unsigned), ["messages.1.content.3"]);
}

#[test]
fn cited_text_keeps_its_sources() {
    let citations = json!([
        {"type": "char_location", "cited_text": "x", "document_index": 0, "document_title": "T",
         "start_char_index": 1, "end_char_index": 5},
        {"type": "web_search_result_location", "cited_text": "", "url": "https://x", "title": "X", "encrypted_index": ""},
        {"type": "search_result_location", "cited_text": "y", "search_result_index": 1, "source": "s", "title": null,
         "start_block_index": 0, "end_block_index": 2},
        {"type": "new_location"},
    ]);
    let body = with(
        Messages,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [{"type": "text", "text": "b", "citations": citations}]},
            {"role": "user", "content": "c"},
        ]}),
    );
    let read = incoming(Messages, &body);
    assert_eq!(
        to_json(&read)["messages"][1]["content"],
        json!([{"citationsContent": {"content": [{"text": "b"}], "citations": [
            {"title": "T", "sourceContent": [{"text": "x"}],
             "location": {"documentChar": {"documentIndex": 0, "start": 1, "end": 5}}},
            {"title": "X", "location": {"web": {"url": "https://x"}}},
            {"source": "s", "sourceContent": [{"text": "y"}],
             "location": {"searchResultLocation": {"searchResultIndex": 1, "start": 0, "end": 2}}},
        ]}}])
    );
    assert_eq!(left_out(&read, LeftOutReason::Unsupported), ["messages.1.content.0.citations.3"]);
}

#[test]
fn structured_output_is_the_schemas_text() {
    let schema = r#"{"type":"object","properties":{"n":{"const":1.0}},"additionalProperties":false}"#;
    for body in [
        format!(r#"{{"output_config":{{"format":{{"type":"json_schema","schema":{schema}}}}}"#),
        format!(r#"{{"output_format":{{"type":"json_schema","schema":{schema}}}"#),
    ] {
        let body =
            format!(r#"{body},"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"a"}}]}}"#);
        let read = request::messages(body.as_bytes(), &Options::new()).unwrap();
        assert_eq!(
            to_json(&read)["outputConfig"],
            json!({"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": schema}}}})
        );
    }
}

#[test]
fn stop_sequences_are_told_back() {
    let read = converse(Messages, &with(Messages, json!({"stop_sequences": ["END", "\n\n"]})));
    assert_eq!(read["inferenceConfig"]["stopSequences"], json!(["END", "\n\n"]));
    assert_eq!(read["additionalModelResponseFieldPaths"], json!(["/delta/stop_sequence"]));
    assert_eq!(
        converse(Messages, &with(Messages, json!({"stop_sequences": []}))),
        converse(Messages, &with(Messages, json!({})))
    );
}

#[test]
fn what_has_no_effect_is_left_out_and_told() {
    let body = with(
        Messages,
        json!({"metadata": {"user_id": "u"}, "service_tier": "auto", "anthropic_version": "bedrock-2023-05-31", "speed": "standard"}),
    );
    let read = incoming(Messages, &body);
    assert_eq!(left_out(&read, LeftOutReason::NoEffect), ["metadata"]);
    assert_eq!(read.left_out.fields.len(), 1);
    let flex = converse(Messages, &with(Messages, json!({"service_tier": "flex"})));
    assert_eq!(flex["serviceTier"], json!({"type": "flex"}));
}

#[test]
fn what_bedrock_has_nothing_for_is_refused_or_left_out() {
    for (members, field) in [
        (json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}), "tools.0.type"),
        (json!({"tools": [{"type": "bash_20250124", "name": "bash"}]}), "tools.0.type"),
        (json!({"container": "c"}), "container"),
        (json!({"mcp_servers": []}), "mcp_servers"),
        (json!({"context_management": {"edits": []}}), "context_management"),
        (json!({"compaction": {"type": "summarize"}}), "compaction"),
        (json!({"fallbacks": "default"}), "fallbacks"),
        (json!({"speed": "fast"}), "speed"),
        (json!({"inference_geo": "eu"}), "inference_geo"),
    ] {
        let body = with(Messages, members);
        assert_eq!(unsupported(Messages, &body), field);
        let (left_out, read) = lenient(Messages, &body);
        assert_eq!(left_out, [field]);
        assert_eq!(read, converse(Messages, &with(Messages, json!({}))));
    }
    let server = json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
            {"type": "text", "text": "b"},
        ]},
        {"role": "user", "content": "c"},
    ]);
    let body = with(Messages, json!({"messages": server}));
    assert_eq!(unsupported(Messages, &body), "messages.1.content.0.type");
    let (left_out, read) = lenient(Messages, &body);
    assert_eq!(left_out, ["messages.1.content.0.type", "messages.1.content.1.type"]);
    assert_eq!(read["messages"][1]["content"], json!([{"text": "b"}]));
}

#[test]
fn roles_merge_and_an_answer_may_be_begun() {
    let body = with(
        Messages,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "user", "content": "b"},
            {"role": "assistant", "content": "The answer: \n"},
        ]}),
    );
    assert_eq!(
        converse(Messages, &body)["messages"],
        json!([
            {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
            {"role": "assistant", "content": [{"text": "The answer:"}]},
        ])
    );
    let first = with(Messages, json!({"messages": [{"role": "assistant", "content": "a"}]}));
    assert_eq!(
        refused(Messages, &first),
        ("messages.0.content".into(), RequestErrorReason::constraint(Constraint::FirstNotUser))
    );
}

#[test]
fn betas_pass_by_an_allow_list() {
    let body = with(Messages, json!({"anthropic_beta": ["context-1m-2025-08-07", "new-2030-01-01"]}));
    let options =
        Options::new().anthropic_beta("effort-2025-11-24, claude-code-20250219,context-1m-2025-08-07,");
    let read = try_read(Messages, &body, &options).unwrap();
    assert_eq!(
        to_json(&read)["additionalModelRequestFields"],
        json!({"anthropic_beta": ["context-1m-2025-08-07", "effort-2025-11-24"]})
    );
    assert_eq!(
        left_out(&read, LeftOutReason::Unsupported),
        ["anthropic_beta.1", "anthropic-beta.claude-code-20250219"]
    );
    let read = try_read(Messages, &body, &Options::new().allowed_betas(["new-2030-01-01"])).unwrap();
    assert_eq!(to_json(&read)["additionalModelRequestFields"], json!({"anthropic_beta": ["new-2030-01-01"]}));
    let other = try_read(Messages, &body, &Options::new().model_id("amazon.nova-lite-v1:0")).unwrap();
    assert_eq!(to_json(&other)["additionalModelRequestFields"], Value::Null);
}

#[test]
fn a_block_stands_only_where_its_role_has_it() {
    for (role, block) in [
        ("user", json!({"type": "tool_use", "id": "a", "name": "f", "input": {}})),
        ("user", json!({"type": "thinking", "thinking": "a", "signature": "b"})),
        ("assistant", json!({"type": "tool_result", "tool_use_id": "a"})),
        ("assistant", json!({"type": "image", "source": {}})),
    ] {
        let body = with(Messages, json!({"messages": [{"role": role, "content": [block]}]}));
        assert_eq!(refused(Messages, &body).0, "messages.0.content.0.type");
    }
    let list = with(
        Messages,
        json!({"messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "f", "input": [1]}]},
        ]}),
    );
    assert_eq!(refused(Messages, &list).0, "messages.1.content.0.input");
}

/// What was said before is where the thread is, so a request with one is never answered without it.
#[test]
fn a_thread_is_refused_whoever_asks() {
    for thread in [json!({"type": "create"}), json!({"type": "continue", "previous_message_id": "msg_1"})] {
        let body = with(Messages, json!({"thread": thread})).to_string();
        for options in [Options::new(), Options::new().lenient(true)] {
            for read in [request::messages, request::count_tokens] {
                let error = read(body.as_bytes(), &options).unwrap_err();
                assert_eq!(error.field.as_deref(), Some("thread"));
                // After this code Anthropic's package sends the whole conversation.
                let told: Value = serde_json::from_str(&error.body(None)).unwrap();
                assert_eq!(told["error"]["details"], json!({"error_code": "thread_unsupported_request"}));
            }
        }
    }
    let other = request::messages(b"{}", &Options::new()).unwrap_err();
    assert!(!other.body(None).contains("details"));
}

/// A newer model refuses it, and thinks between its calls without.
#[test]
fn thinking_between_calls_is_asked_of_models_that_think_by_a_budget() {
    const BETA: &str = "interleaved-thinking-2025-05-14";
    for (model, is_passed) in [
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", true),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", true),
        ("anthropic.claude-opus-4-7", false),
        ("anthropic.claude-3-haiku-20240307-v1:0", false),
        ("claude", false),
    ] {
        let body = with(Messages, json!({"model": model}));
        let read =
            request::messages(body.to_string().as_bytes(), &Options::new().anthropic_beta(BETA)).unwrap();
        let passed = to_json(&read)["additionalModelRequestFields"]["anthropic_beta"].clone();
        assert_eq!(passed, if is_passed { json!([BETA]) } else { Value::Null }, "{model}");
        assert_eq!(read.left_out.fields.is_empty(), is_passed, "{model}");
        assert_eq!(Options::new().model_id(model).is_allowed_beta(BETA), is_passed, "{model}");
    }
    assert!(Options::new().allowed_betas([BETA]).is_allowed_beta(BETA));
}

/// Converse has no place for them there, so they go to the beginning, and the client is told.
#[test]
fn instructions_in_the_middle_are_listed() {
    let (asked, told) =
        (json!({"role": "user", "content": "a"}), json!({"role": "assistant", "content": "b"}));
    for (dialect, role, name, field) in [
        (Dialect::Messages, "system", "messages", "messages.2.role"),
        (Dialect::Chat, "developer", "messages", "messages[2].role"),
        (Dialect::Responses, "system", "input", "input[2].role"),
    ] {
        let late = json!({"role": role, "content": "In French."});
        let read = |messages: Value| incoming(dialect, &with(dialect, json!({name: messages})));
        let moved = read(json!([asked, told, late, asked]));
        let listed: Vec<_> = moved.left_out.fields.iter().map(|left_out| &*left_out.field).collect();
        assert_eq!(listed, [field], "{dialect}");
        assert_eq!(to_json(&moved)["system"], json!([{"text": "In French."}]));
        assert!(dialect == Dialect::Messages || read(json!([late, asked, told, asked])).left_out.is_empty());
    }
}

#[test]
fn thinking_leaves_room_for_an_answer() {
    for (max_tokens, budget) in [(1_025, 1_024), (2_000, 1_024), (6_000, 3_000), (100_000, 4_096)] {
        let members = json!({
            "model": "anthropic.claude-haiku-4-5-20251001-v1:0",
            "max_completion_tokens": max_tokens,
            "reasoning_effort": "high",
        });
        let read = converse(Dialect::Chat, &with(Dialect::Chat, members));
        assert_eq!(read["additionalModelRequestFields"]["thinking"]["budget_tokens"], budget, "{max_tokens}");
    }
}
