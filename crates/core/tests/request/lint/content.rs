//! The contents of a message: tool results, media, documents.

use bedrock_stream_core::converse::{Constraint, Request};
use serde_json::json;

use super::{answered, blocks, lint, refused, text};

#[test]
fn tool_results() {
    let path = "messages[2].content[0].toolResult";
    for wrong in [json!([1]), json!("a"), json!(1)] {
        refused(
            answered(json!({"toolUseId": "a", "content": [{"json": {}}]})),
            answered(json!({"toolUseId": "a", "content": [{"json": wrong}]})),
            &format!("{path}.content[0].json"),
            Constraint::NotAnObject,
        );
    }
    // Bedrock accepts an empty result and a blank one, unless the tool failed without an explanation.
    assert_eq!(lint(&answered(json!({"toolUseId": "a", "content": [{"text": " "}]}))), []);
    refused(
        answered(json!({"toolUseId": "a", "content": []})),
        answered(json!({"toolUseId": "a", "content": [], "status": "error"})),
        &format!("{path}.content"),
        Constraint::EmptyError,
    );
    refused(
        answered(
            json!({"toolUseId": "a", "content": [{"image": {"format": "png", "source": {"bytes": "AA=="}}}]}),
        ),
        answered(
            json!({"toolUseId": "a", "content": [{"image": {"format": "png", "source": {"bytes": ""}}}]}),
        ),
        &format!("{path}.content[0].image.source.bytes"),
        Constraint::Empty,
    );
}

#[test]
fn media() {
    let good = json!({"format": "png", "source": {"s3Location": {"uri": "s3://bucket/key"}}});
    let wrong = [
        (json!({"source": {"bytes": "AA=="}}), "format", Constraint::Missing),
        (json!({"format": "png", "source": {"bytes": ""}}), "source.bytes", Constraint::Empty),
        (json!({"format": "png", "source": {}}), "source", Constraint::not_one_member(0)),
        (json!({"format": "png", "source": {"s3Location": {}}}), "source.s3Location.uri", Constraint::Empty),
        (
            json!({"format": "png", "source": {"s3Location": {"uri": "s".repeat(1025)}}}),
            "source.s3Location.uri",
            Constraint::too_long(1025, 1024),
        ),
    ];
    for kind in ["image", "audio", "video"] {
        for (bad, path, reason) in &wrong {
            refused(
                blocks(json!([{kind: good}])),
                blocks(json!([{kind: bad}])),
                &format!("messages[0].content[0].{kind}.{path}"),
                reason.clone(),
            );
        }
    }
    refused(
        blocks(json!([{"image": {"error": {"message": "not made"}}}])),
        blocks(json!([{"image": {"format": "png"}}])),
        "messages[0].content[0].image.source",
        Constraint::Missing,
    );
    refused(
        blocks(json!([{"guardContent": {"image": {"format": "png", "source": {"bytes": "AA=="}}}}])),
        blocks(json!([{"guardContent": {"image": {"format": "png", "source": {"bytes": ""}}}}])),
        "messages[0].content[0].guardContent.image.source.bytes",
        Constraint::Empty,
    );
}

#[test]
fn unknown_members_are_not_checked() {
    for request in [
        json!({}),
        json!({"hologram": 1}),
        blocks(json!([{"hologram": {}}])),
        json!({"messages": [text("narrator"), text("narrator")]}),
        json!({"system": [{"hologram": {}}], "toolConfig": {"tools": [{"robot": {}}], "toolChoice": {"none": {}}}}),
    ] {
        assert_eq!(lint(&request), [], "{request}");
    }
}

#[test]
fn a_violation_says_where_and_why() {
    let findings = Request::new().user(" ").max_tokens(0).lint();
    let said: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "messages[0].content[0].text: its text is blank",
            "inferenceConfig.maxTokens: it must be at least 1"
        ]
    );
}
