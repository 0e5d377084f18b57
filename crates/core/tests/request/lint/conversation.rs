//! The messages together: content, turns, tool calls and their results.

use bedrock_stream_core::content::{ContentBlock, ToolInput, ToolUseBlock};
use bedrock_stream_core::converse::{Constraint, Request};
use serde_json::{Value, json};

use super::{assistant, call, called, lint, refused, result, text, tools, user};

#[test]
fn roles_out_of_turn() {
    refused(
        json!({"messages": [text("system"), text("user")]}),
        json!({"messages": [text("system"), text("assistant"), text("user")]}),
        "messages[1].role",
        Constraint::FirstNotUser,
    );
    for (first, second, third) in [("user", "user", "assistant"), ("user", "system", "user")] {
        let bad = [text(first), text(second), text(third)];
        let at = if second == "system" { 2 } else { 1 };
        refused(
            json!({"messages": [text("user"), text("system"), text("assistant"), text("system"), text("user")]}),
            json!({"messages": bad}),
            &format!("messages[{at}].role"),
            Constraint::RoleRepeated,
        );
    }
    refused(
        json!({"messages": [text("user"), text("assistant")]}),
        json!({"messages": [text("user"), text("assistant"), text("assistant")]}),
        "messages[2].role",
        Constraint::RoleRepeated,
    );
    // The messages of a stored prompt come first, and are not known here.
    assert_eq!(lint(&json!({"promptVariables": {"a": {"text": "b"}}, "messages": [text("assistant")]})), []);
}

#[test]
fn a_result_without_a_call() {
    refused(
        tools(json!([text("user"), assistant(json!([call("a")])), user(json!([result("a")]))])),
        tools(json!([text("user"), assistant(json!([call("a")])), user(json!([result("a"), result("b")]))])),
        "messages[2].content[1].toolResult.toolUseId",
        Constraint::AnswersNoToolUse,
    );
    // Only the previous message counts.
    refused(
        tools(json!([
            text("user"),
            assistant(json!([call("a")])),
            text("system"),
            user(json!([result("a")]))
        ])),
        tools(json!([
            text("user"),
            assistant(json!([call("a")])),
            user(json!([result("a")])),
            text("assistant"),
            user(json!([result("a")])),
        ])),
        "messages[4].content[0].toolResult.toolUseId",
        Constraint::AnswersNoToolUse,
    );
    assert_eq!(
        lint(&tools(json!([user(json!([result("a")]))]))),
        [("messages[0].content[0].toolResult.toolUseId".to_owned(), Constraint::AnswersNoToolUse)]
    );
}

#[test]
fn a_call_without_a_result() {
    refused(
        tools(json!([
            text("user"),
            assistant(json!([call("a"), call("b")])),
            user(json!([result("b"), result("a")]))
        ])),
        tools(json!([text("user"), assistant(json!([call("a"), call("b")])), user(json!([result("a")]))])),
        "messages[1].content[1].toolUse.toolUseId",
        Constraint::Unanswered,
    );
    // Nothing can follow the last message.
    assert_eq!(
        lint(&tools(json!([text("user"), assistant(json!([call("a")]))]))),
        [("messages[1].content[0].toolUse.toolUseId".to_owned(), Constraint::Unanswered)]
    );
}

#[test]
fn tools_that_run_at_bedrock_are_answered_where_they_are_called() {
    let server_call = json!({
        "toolUse": {"toolUseId": "s", "name": "nova_grounding", "input": {}, "type": "server_tool_use"},
    });
    let messages =
        json!([text("user"), assistant(json!([server_call, result("s"), {"text": "a"}])), text("user")]);
    assert_eq!(lint(&json!({"messages": messages})), []);
}

#[test]
fn duplicate_ids() {
    let turn = |calls: Value, results: Value| tools(json!([text("user"), assistant(calls), user(results)]));
    refused(
        turn(json!([call("a"), call("b")]), json!([result("a"), result("b")])),
        turn(json!([call("a"), call("a")]), json!([result("a")])),
        "messages[1].content[1].toolUse.toolUseId",
        Constraint::duplicate_id(0),
    );
    assert_eq!(
        lint(&turn(json!([call("a")]), json!([result("a"), result("a")]))),
        [("messages[2].content[1].toolResult.toolUseId".to_owned(), Constraint::duplicate_id(0))]
    );
}

#[test]
fn tool_use_ids_out_of_range() {
    let allowed = "ASCII letters, digits, `_`, `.`, `:` and `-`";
    let wrong = [
        ("a b".to_owned(), Constraint::character(' ', allowed)),
        ("a".repeat(65), Constraint::too_long(65, 64)),
        (String::new(), Constraint::Empty),
    ];
    for (id, reason) in wrong {
        assert_eq!(lint(&called(json!({"toolUseId": "aZ0_.:-", "name": "f", "input": {}}))), []);
        assert_eq!(
            lint(&called(json!({"toolUseId": id, "name": "f", "input": {}}))),
            [
                ("messages[1].content[0].toolUse.toolUseId".to_owned(), reason.clone()),
                ("messages[2].content[0].toolResult.toolUseId".to_owned(), reason),
            ]
        );
    }
}

#[test]
fn malformed_tool_input() {
    let path = "messages[1].content[0].toolUse.input";
    let with = |input: Value| called(json!({"toolUseId": "a", "name": "f", "input": input}));
    for wrong in [json!("{\"a\":"), json!([]), json!(1)] {
        refused(with(json!({"a": 1})), with(wrong), path, Constraint::NotAnObject);
    }

    let request = Request::from_json(&with(json!({})).to_string()).unwrap();
    let text = "{\"a\":".to_owned();
    for input in [ToolInput::malformed(text.clone()), ToolInput::truncated(text)] {
        let mut request = request.clone();
        request.messages.as_mut().unwrap()[1].content[0] =
            ContentBlock::ToolUse(ToolUseBlock::new("a", "f", input));
        let findings = request.lint();
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].path.as_str(), &findings[0].reason), (path, &Constraint::MalformedInput));
    }
}
