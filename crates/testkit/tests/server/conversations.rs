//! Replies chosen by what a request says: an agent's loop, in every dialect.

use std::time::Duration;

use bedrock_stream_testkit::{
    Builder, FakeBedrock, Refusal, RefusalKind, Reply, RequestDialect, ResultMatch, TextMatch, TurnMatch,
    When, answer,
};
use serde_json::{Value, json};

use crate::support::{Reply as Received, call, request};

/// A loop that asks for the weather, then for an umbrella, and ends.
fn agent() -> Builder {
    FakeBedrock::builder()
        .reply_when(
            "*",
            When::new().turn(1),
            answer().tool_with_id("call_1", "weather", json!({"city": "Paris"})),
        )
        .reply_when(
            "*",
            When::new().tool_result(ResultMatch::new().tool("weather").text("rain")),
            answer().tool_with_id("call_2", "umbrella", json!({})),
        )
        .reply_when("*", When::new().tool_result("taken").prompt("Paris"), answer().text("Take it with you."))
}

async fn ask(bedrock: &FakeBedrock, path: &str, body: &Value) -> Received {
    call(bedrock, request(bedrock, path, body.to_string())).await
}

async fn json_of(bedrock: &FakeBedrock, path: &str, body: &Value) -> Value {
    let reply = ask(bedrock, path, body).await;
    assert_eq!(reply.status, 200, "{path} {body} {:?}", reply.body);
    serde_json::from_slice(&reply.body).expect("an answer is JSON")
}

/// Runs an agent of ten lines: it sends back what it got, with the results of its tools, until no tool is called. `call` finds the
/// call's id and name in an answer, `next` is what is added to the messages.
async fn run(
    path: &str,
    mut body: Value,
    list: &str,
    call: impl Fn(&Value) -> Option<(String, String)>,
    next: impl Fn(&Value, &str, &str) -> Vec<Value>,
) -> Value {
    let bedrock = agent().start().await.expect("a port is free");
    for _ in 0..5 {
        let answer = json_of(&bedrock, path, &body).await;
        let Some((id, name)) = call(&answer) else {
            assert!(bedrock.unmatched().is_empty(), "{:?}", bedrock.unmatched());
            return answer;
        };
        let result = if name == "weather" { "rain, 8 degrees" } else { "taken" };
        let more = next(&answer, &id, result);
        body[list].as_array_mut().expect("it is a list").extend(more);
    }
    panic!("the loop does not end: {body}");
}

#[tokio::test]
async fn an_agents_loop_runs_in_every_dialect() {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let user = json!([{"role": "user", "content": "Do I need an umbrella in Paris?"}]);

    let converse = json!({
        "messages": [{"role": "user", "content": [{"text": "Do I need an umbrella in Paris?"}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}},
                                 {"toolSpec": {"name": "umbrella", "inputSchema": {"json": {"type": "object"}}}}]},
    });
    let next = |answer: &Value, id: &str, result: &str| {
        let block = json!({"toolResult": {"toolUseId": id, "content": [{"text": result}]}});
        vec![answer["output"]["message"].clone(), json!({"role": "user", "content": [block]})]
    };
    let call_of = |answer: &Value| {
        let call = answer["output"]["message"]["content"]
            .as_array()?
            .iter()
            .find_map(|block| block.get("toolUse"))?;
        Some((text(&call["toolUseId"])?, text(&call["name"])?))
    };
    let end = run("/model/m/converse", converse.clone(), "messages", call_of, next).await;
    assert_eq!(end["output"]["message"]["content"][0]["text"], "Take it with you.");
    let nova = "/model/us.amazon.nova-lite-v1%3A0/invoke";
    let end = run(nova, converse, "messages", call_of, next).await;
    assert_eq!(end["output"]["message"]["content"][0]["text"], "Take it with you.");

    let tools = json!([{"name": "weather", "input_schema": {"type": "object"}}]);
    let messages = json!({"model": "m", "max_tokens": 99, "messages": user, "tools": tools,
                          "anthropic_version": "bedrock-2023-05-31"});
    let mut invoked = messages.clone();
    invoked.as_object_mut().expect("it is an object").remove("model");
    for (path, body) in [
        ("/anthropic/v1/messages", messages),
        ("/model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/invoke", invoked),
    ] {
        let next = |answer: &Value, id: &str, result: &str| {
            let block = json!({"type": "tool_result", "tool_use_id": id, "content": result});
            vec![
                json!({"role": "assistant", "content": answer["content"]}),
                json!({"role": "user", "content": [block]}),
            ]
        };
        let call_of = |answer: &Value| {
            let call = answer["content"].as_array()?.iter().find(|block| block["type"] == "tool_use")?;
            Some((text(&call["id"])?, text(&call["name"])?))
        };
        let end = run(path, body, "messages", call_of, next).await;
        assert_eq!(end["content"][0]["text"], "Take it with you.", "{path}");
    }

    let chat = json!({"model": "m", "messages": user});
    for (path, body) in [
        ("/v1/chat/completions", chat),
        ("/model/openai.gpt-oss-20b-1%3A0/invoke", json!({"messages": user})),
        ("/model/mistral.mistral-large-2402-v1%3A0/invoke", json!({"messages": user})),
    ] {
        let next = |answer: &Value, id: &str, result: &str| {
            let message = answer["choices"][0]["message"].clone();
            vec![message, json!({"role": "tool", "tool_call_id": id, "content": result})]
        };
        let call_of = |answer: &Value| {
            let call = &answer["choices"][0]["message"]["tool_calls"][0];
            Some((text(&call["id"])?, text(&call["function"]["name"])?))
        };
        let end = run(path, body, "messages", call_of, next).await;
        assert_eq!(end["choices"][0]["message"]["content"], "Take it with you.", "{path}");
    }

    let responses = json!({"model": "m", "input": user});
    let next = |answer: &Value, id: &str, result: &str| {
        let mut items = answer["output"].as_array().cloned().unwrap_or_default();
        items.push(json!({"type": "function_call_output", "call_id": id, "output": result}));
        items
    };
    let call_of = |answer: &Value| {
        let call = answer["output"].as_array()?.iter().find(|item| item["type"] == "function_call")?;
        Some((text(&call["call_id"])?, text(&call["name"])?))
    };
    let end = run("/v1/responses", responses, "input", call_of, next).await;
    assert_eq!(end["output"][0]["content"][0]["text"], "Take it with you.");
}

/// A question in Converse's words, and what the fake says to it.
async fn said(bedrock: &FakeBedrock, model: &str, question: &str) -> String {
    let body = json!({"messages": [{"role": "user", "content": [{"text": question}]}]});
    let reply = ask(bedrock, &format!("/model/{model}/converse"), &body).await;
    let answer: Value = serde_json::from_slice(&reply.body).expect("it is JSON");
    match answer["output"]["message"]["content"][0]["text"].as_str() {
        Some(text) => text.to_owned(),
        None => format!("{} {}", reply.status.as_u16(), answer["message"].as_str().unwrap_or_default()),
    }
}

#[tokio::test]
async fn the_models_own_list_decides_before_that_for_all_others() {
    let bedrock = FakeBedrock::builder()
        .reply("*", answer().text("other"))
        .reply_when("*", When::new().prompt("rain"), answer().text("other, rain"))
        .reply_when("m", When::new().prompt("rain"), answer().text("m, rain"))
        .reply_when("m", When::new().prompt(TextMatch::Is("snow".into())), answer().text("m, snow"))
        .reply_when("m", When::new().prompt("snow"), answer().text("m, more snow"))
        .reply("own", answer().text("one"))
        .reply("own", answer().text("two"))
        .reply_when("own", When::new().prompt("rain"), answer().text("own, rain"))
        .start()
        .await
        .expect("a port is free");
    for (model, question, expected) in [
        ("m", "Does it rain?", "m, rain"),
        ("m", "snow", "m, snow"),
        ("m", "Much snow", "m, more snow"),
        ("m", "sun", "other"),
        ("x", "rain", "other, rain"),
        ("x", "snow", "other"),
        ("own", "sun", "one"),
        ("own", "rain", "own, rain"),
        ("own", "sun", "two"),
        ("own", "sun", "two"),
    ] {
        assert_eq!(said(&bedrock, model, question).await, expected, "{model} {question}");
    }
    assert!(bedrock.unmatched().is_empty());
}

#[tokio::test]
async fn what_fits_nothing_is_refused_with_what_was_compared() {
    let bedrock = FakeBedrock::builder()
        .reply_when("m", When::new().prompt("rain").turn(2).written_at("here"), answer().text("x"))
        .reply_when("m", When::new().prompt("rain").turn(1), answer().text("y"))
        .start()
        .await
        .expect("a port is free");
    let refused = said(&bedrock, "m", "sun").await;
    assert_eq!(
        refused,
        "400 No reply of the script of this fake Bedrock matches the request: model \"m\", turn 1, prompt \"sun\", tool \
         results [], system \"\"."
    );
    let other = said(&bedrock, "another", "sun").await;
    assert!(other.starts_with("200 "), "models without a script are answered as usual: {other}");
    let unmatched: Vec<String> = bedrock.unmatched().iter().map(When::to_string).collect();
    assert_eq!(unmatched, [r#"here: {"prompt":"rain","turn":2}"#, r#"{"prompt":"rain","turn":1}"#]);
    assert_eq!(said(&bedrock, "m", "rain").await, "y");
    assert_eq!(bedrock.unmatched().len(), 1);
}

#[tokio::test]
async fn replies_are_counted_for_each_conversation() {
    let busy = || Reply::from(Refusal::of(RefusalKind::Throttling).message("Wait."));
    let bedrock = FakeBedrock::builder()
        .replies_when("m", When::new(), [busy(), answer().text("Now.").into()])
        .start()
        .await
        .expect("a port is free");
    for (question, expected) in
        [("one", "429 Wait."), ("two", "429 Wait."), ("one", "Now."), ("one", "Now."), ("two", "Now.")]
    {
        assert_eq!(said(&bedrock, "m", question).await, expected, "{question}");
    }
}

#[tokio::test]
async fn a_dialect_can_be_asked_for_and_counting_takes_no_answer() {
    let bedrock = FakeBedrock::builder()
        .reply_when("m", When::new().dialect(RequestDialect::Chat), answer().text("chat"))
        .replies_when(
            "m",
            When::new().dialect(RequestDialect::Messages),
            [answer().text("first").into(), answer().text("second").into()],
        )
        .reply("n", answer().text("first"))
        .reply("n", answer().text("second"))
        .start()
        .await
        .expect("a port is free");
    let body = |model: &str| {
        json!({"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}],
               "anthropic_version": "bedrock-2023-05-31"})
    };
    for model in ["m", "n"] {
        for expected in ["first", "second"] {
            let count = json_of(&bedrock, "/anthropic/v1/messages/count_tokens", &body(model)).await;
            assert!(count["input_tokens"].is_u64(), "{count}");
            let answer = json_of(&bedrock, "/anthropic/v1/messages", &body(model)).await;
            assert_eq!(answer["content"][0]["text"], expected, "{model}");
        }
    }
    let answer = json_of(&bedrock, "/v1/chat/completions", &body("m")).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "chat");
}

#[tokio::test]
async fn a_closure_reads_every_dialect_alike() {
    let bedrock = FakeBedrock::builder()
        .delay(Duration::ZERO)
        .respond(|request| {
            let said = request.conversation();
            Reply::from(answer().text(&format!("{} {} {}", said.turn, said.system, said.prompt)))
        })
        .reply_when("late", When::new().turn(TurnMatch::AtLeast(9)), answer().text("never"))
        .start()
        .await
        .expect("a port is free");
    let user = json!([{"role": "user", "content": "Hi"}]);
    let chat = json!({"model": "late", "messages": [{"role": "system", "content": "S"}, user[0]]});
    let answer = json_of(&bedrock, "/v1/chat/completions", &chat).await;
    assert_eq!(answer["choices"][0]["message"]["content"], "1 S Hi");
    let responses = json!({"model": "m", "instructions": "S", "input": "Hi"});
    let answer = json_of(&bedrock, "/v1/responses", &responses).await;
    assert_eq!(answer["output"][0]["content"][0]["text"], "1 S Hi");
}
