//! `InvokeGuardrailChecks`: its answer, and what its requests are refused for.

use bedrock_stream_testkit::{FakeBedrock, Fault, Operation, Refusal, RefusalKind, Reply};
use serde_json::{Value, json};

use crate::dialects::ask;

const PATH: &str = "/guardrail-checks/invoke";

fn valid() -> Value {
    json!({
        "messages": [
            {"role": "system", "content": [{"text": "Be brief."}]},
            {"role": "user", "content": [{"text": "x".repeat(1_000)}, {"text": "Hello"}]},
        ],
        "checks": {
            "contentFilter": {"categories": [{"category": "HATE"}, {"category": "VIOLENCE"}]},
            "sensitiveInformation": {"entities": [{"type": "EMAIL"}]},
        },
    })
}

#[tokio::test]
async fn each_check_that_is_asked_for_is_answered() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let reply = ask(&bedrock, PATH, &valid()).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/json"));
    let answer: Value = serde_json::from_slice(&reply.body).expect("it is JSON");
    let expected = json!({
        "results": {
            "contentFilter": {"results": [
                {"category": "HATE", "severityScore": 0.0}, {"category": "VIOLENCE", "severityScore": 0.0},
            ]},
            "sensitiveInformation": {"results": []},
        },
        "usage": {"contentFilter": {"textUnits": 2}, "sensitiveInformation": {"textUnits": 2}},
    });
    assert_eq!(answer, expected);
    assert_eq!(bedrock.requests()[0].operation, Some(Operation::InvokeGuardrailChecks));
}

#[tokio::test]
async fn a_wrong_shape_is_refused_with_its_path() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let many = vec![json!({"category": "HATE"}); 6];
    for (pointer, value, said) in [
        ("/messages", Value::Null, "Value null at 'messages'"),
        ("/messages", json!([]), "'messages' failed to satisfy constraint: Member must have length greater"),
        (
            "/messages/1/role",
            json!("tool"),
            "'messages.2.member.role' failed to satisfy constraint: Member must",
        ),
        (
            "/messages/1/content",
            json!("Hello"),
            "Value at 'messages.2.member.content' failed to satisfy constraint: Member must be a list",
        ),
        (
            "/messages/1/role",
            json!(5),
            "'messages.2.member.role' failed to satisfy constraint: Member must be a string",
        ),
        ("/messages/1/content/0", json!({"image": {}}), "'messages.2.member.content.1.member.text'"),
        ("/messages/1/content/1/text", json!(""), "'messages.2.member.content.2.member.text'"),
        ("/checks", json!([]), "Value at 'checks' failed to satisfy constraint: Member must be an object"),
        ("/checks/contentFilter", json!({}), "Value null at 'checks.contentFilter.categories'"),
        ("/checks/contentFilter/categories", json!(many), "Member must have length less than or equal to 5"),
        (
            "/checks/contentFilter/categories/1/category",
            json!("hate"),
            "'checks.contentFilter.categories.2.member.category' failed to satisfy constraint: Member must satisfy enum \
             value set: [VIOLENCE, HATE,",
        ),
        (
            "/checks/sensitiveInformation/entities/0",
            json!({}),
            "'checks.sensitiveInformation.entities.1.member.type'",
        ),
    ] {
        let mut body = valid();
        *body.pointer_mut(pointer).expect("it is there") = value;
        let (status, code, message) = ask(&bedrock, PATH, &body).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{pointer}");
        assert!(message.contains(said), "{pointer}: {message}");
    }
}

#[tokio::test]
async fn it_can_be_refused_by_a_script_and_by_a_fault() {
    let busy = Reply::from(Refusal::of(RefusalKind::Throttling));
    let bedrock = FakeBedrock::builder().reply("*", busy).start().await.expect("a port is free");
    assert_eq!(ask(&bedrock, PATH, &valid()).await.code().0, 429);
    let bedrock = FakeBedrock::builder().fault(Fault::Throttle).start().await.expect("a port is free");
    assert_eq!(ask(&bedrock, PATH, &valid()).await.code().0, 429);
}
