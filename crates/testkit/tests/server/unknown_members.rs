//! Members of a request that the operation does not have.

use bedrock_stream_testkit::FakeBedrock;
use serde_json::json;

use crate::support::{QUESTION, ask};

#[tokio::test]
async fn members_that_bedrock_does_not_know_are_told_and_refused_if_strict() {
    let (tell, told) = std::sync::mpsc::channel();
    let bedrock = FakeBedrock::builder()
        .on_response(move |_, response| {
            tell.send(response.unknown_members.clone()).expect("it is waited for");
        })
        .start()
        .await
        .expect("a port is free");
    let strict = FakeBedrock::builder().strict(true).start().await.expect("a port is free");
    let rest = &QUESTION[1..];
    for (body, path, refusal) in [
        (format!(r#"{{"stream":true,{rest}"#), "stream", "[stream] is not permitted at "),
        (
            format!(r#"{{"inferenceConfig":{{"topK":4}},{rest}"#),
            "inferenceConfig.topK",
            "[topK] is not permitted at inferenceConfig",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"text": "hi", "cache_control": {}}]}]})
                .to_string(),
            "messages[0].content[0].cache_control",
            "[cache_control] is not permitted at messages[0].content[0]",
        ),
        (
            format!(r#"{{"promptVariables":{{"a":{{"text":"x","kind":1}}}},{rest}"#),
            "promptVariables.a.kind",
            "[kind] is not permitted at promptVariables.a",
        ),
    ] {
        assert_eq!(ask(&bedrock, &body).await.status, 200, "{body}");
        assert_eq!(told.recv(), Ok(vec![path.to_owned()]), "{body}");
        let (status, code, message) = ask(&strict, &body).await.refusal();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{body}");
        assert!(message.contains(refusal), "{body}: {message}");
    }
    let all =
        ["stream", "inferenceConfig.topK", "messages[0].content[0].cache_control", "promptVariables.a.kind"];
    assert_eq!(bedrock.unknown_members(), all);
    assert_eq!(strict.unknown_members(), all, "refused, and told");
    // A block that has nothing else says nothing.
    let newer = json!({"messages": [{"role": "user", "content": [{"text": "hi"}, {"hologram": {}}]}]});
    let (status, _, message) = ask(&bedrock, &newer.to_string()).await.refusal();
    assert!(status == 400 && message.contains("object at messages.0.content.1 must set one of"), "{message}");
    assert_eq!(told.recv(), Ok(Vec::new()));
    assert_eq!(ask(&bedrock, QUESTION).await.status, 200);
    assert_eq!(told.recv(), Ok(Vec::new()));
    assert_eq!(ask(&strict, QUESTION).await.status, 200);
}

#[tokio::test]
async fn very_many_unknown_members_are_not_all_kept() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    for request in 0..20 {
        let members: serde_json::Map<String, serde_json::Value> = (0..1_000)
            .map(|member| (format!("{request}-{member}-{}", "x".repeat(1_000)), json!(1)))
            .collect();
        let body =
            json!({"messages": [{"role": "user", "content": [{"text": "hi"}]}], "inferenceConfig": members});
        assert_eq!(ask(&bedrock, &body.to_string()).await.status, 200);
    }
    let kept = bedrock.unknown_members();
    assert_eq!(kept.len(), 100);
    assert!(kept.iter().all(|path| path.len() < 400), "{}", kept[0]);
}
