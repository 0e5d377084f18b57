use bedrock_stream_testkit::{Answer, FakeBedrock};
use serde_json::{Value, json};

use crate::support::{QUESTION, ask, events, text};

/// Checks `messageStart block* messageStop metadata`, block indices in order; gives the delta kinds of each block.
fn blocks(events: &[(String, Value)]) -> Vec<Vec<String>> {
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let [first, inner @ .., stop, metadata] = &names[..] else { panic!("{names:?} is too short") };
    assert_eq!((*first, *stop, *metadata), ("messageStart", "messageStop", "metadata"));
    assert_eq!(events[0].1["role"], "assistant");
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let mut open = false;
    for (name, (_, payload)) in inner.iter().zip(&events[1..]) {
        if !open {
            blocks.push(Vec::new());
        }
        let index = blocks.len() - 1;
        assert_eq!(payload["contentBlockIndex"], index, "{payload}");
        match *name {
            "contentBlockStart" => {
                assert!(!open, "a block starts once");
                blocks[index].push("start".to_owned());
            }
            "contentBlockDelta" => {
                let (kind, value) =
                    payload["delta"].as_object().expect("a delta").iter().next().expect("a member");
                let inner = if kind == "reasoningContent" {
                    value.as_object().expect("a union").keys().next()
                } else {
                    None
                };
                blocks[index].push(inner.map_or(kind.clone(), |inner| format!("{kind}.{inner}")));
            }
            "contentBlockStop" => {}
            other => panic!("{other} within the blocks"),
        }
        open = *name != "contentBlockStop";
    }
    assert!(!open, "every block is stopped");
    blocks
}

#[tokio::test]
async fn an_answer_has_bedrocks_grammar() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let reply = ask(&bedrock, QUESTION).await;
    let events = reply.events();
    let blocks = blocks(&events);
    assert_eq!(blocks.len(), 2);
    let (signature, reasoning) = blocks[0].split_last().expect("the first block has deltas");
    assert_eq!(signature, "reasoningContent.signature");
    assert!(reasoning.iter().all(|kind| kind == "reasoningContent.text"), "{reasoning:?}");
    assert!(blocks[1].iter().all(|kind| kind == "text"));
    assert!((40..120).contains(&blocks[1].len()), "{} deltas", blocks[1].len());
    assert!(text(&events).starts_with("You asked: \"Why is the sky blue?\""));

    let end = &events[events.len() - 2..];
    assert_eq!(end[0].1["stopReason"], "end_turn");
    let usage = &end[1].1["usage"];
    assert_eq!(usage["outputTokens"], reasoning.len() + blocks[1].len());
    assert_eq!(
        usage["totalTokens"].as_u64(),
        Some(usage["inputTokens"].as_u64().unwrap() + usage["outputTokens"].as_u64().unwrap())
    );
    assert_eq!(usage["serverToolUsage"], json!({}));
    assert_eq!(end[1].1["metrics"]["latencyMs"], 0);
}

#[tokio::test]
async fn payloads_are_written_as_bedrock_writes_them() {
    let alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let body = ask(&bedrock, QUESTION).await.body;
    let mut rest = &body[..];
    let mut lengths = Vec::new();
    while let Some((message, after)) = bedrock_stream_core::frame::Message::parse(rest).expect("undamaged") {
        let text = std::str::from_utf8(message.payload()).expect("UTF-8");
        let payload: serde_json::Map<String, Value> = serde_json::from_str(text).expect("an object");
        let padding = payload["p"].as_str().expect("the padding is text");
        assert!(alphabet.starts_with(padding) && (2..=61).contains(&padding.len()), "{padding}");
        lengths.push(padding.len());
        assert!(!text.contains("\":  ") && !text.contains(": {"), "{text}");
        assert!(text.ends_with(&format!("\"p\":\"{padding}\"}}")), "{text}");
        rest = after;
    }
    lengths.sort_unstable();
    assert!(lengths[0] < 12 && lengths[lengths.len() - 1] > 50, "the lengths are spread out: {lengths:?}");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let bytes = async |seed, question: &str| {
        let bedrock = FakeBedrock::builder().seed(seed).start().await.expect("a port is free");
        let reply = ask(&bedrock, question).await;
        (reply.header("x-amzn-requestid").to_owned(), reply.body)
    };
    let one = bytes(1, QUESTION).await;
    assert_eq!(one, bytes(1, QUESTION).await);
    let two = bytes(2, QUESTION).await;
    assert!(one.0 != two.0 && one.1 != two.1);
    assert_eq!(Answer::from_request(QUESTION.as_bytes(), 1).unwrap().to_bytes().unwrap(), one.1);

    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let ids = [ask(&bedrock, QUESTION).await, ask(&bedrock, QUESTION).await]
        .map(|reply| reply.header("x-amzn-requestid").to_owned());
    assert_ne!(ids[0], ids[1], "every response has an id of its own");
}

fn with_tools(messages: &Value) -> Value {
    json!({
        "messages": messages,
        "toolConfig": {"tools": [
            {"toolSpec": {"name": "get_time", "inputSchema": {"json": {"type": "object", "properties": {}}}}},
            {"toolSpec": {"name": "get_weather", "inputSchema": {"json": {"type": "object", "properties": {
                "city": {"type": "string"},
                "days": {"type": "integer"},
                "unit": {"enum": ["celsius", "fahrenheit"]},
            }, "required": ["city"]}}}},
        ]},
    })
}

#[tokio::test]
async fn a_tool_is_called_where_there_is_one() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let question =
        json!({"role": "user", "content": [{"text": "What will the weather be in Paris for 5 days?"}]});
    let mut request = with_tools(&json!([question]));
    request["toolConfig"]["toolChoice"] = json!({"tool": {"name": "get_weather"}});
    let events = ask(&bedrock, &request.to_string()).await.events();
    let blocks = blocks(&events);
    assert_eq!(blocks.len(), 3);
    assert_eq!(blocks[2][0], "start");

    let start =
        &events.iter().find(|(name, _)| name == "contentBlockStart").expect("a start").1["start"]["toolUse"];
    assert_eq!(start["name"], "get_weather");
    let id = start["toolUseId"].as_str().expect("an id");
    assert!(id.starts_with("tooluse_") && id.len() <= 64, "{id}");
    let inputs: Vec<&str> =
        events.iter().filter_map(|(_, payload)| payload["delta"]["toolUse"]["input"].as_str()).collect();
    assert_eq!(inputs[0], "", "the first delta is empty, as Claude's is");
    assert!(inputs.len() > 4);
    let input: Value = serde_json::from_str(&inputs.concat()).expect("the fragments join to JSON");
    assert_eq!(input, json!({"city": "Paris", "days": 5, "unit": "celsius"}));
    assert_eq!(events[events.len() - 2].1["stopReason"], "tool_use");

    // The same next to a member that is accepted.
    let mut with_unknown = request.clone();
    with_unknown["stream"] = json!(true);
    let same = ask(&bedrock, &with_unknown.to_string()).await.events();
    let inputs: String =
        same.iter().filter_map(|(_, payload)| payload["delta"]["toolUse"]["input"].as_str()).collect();
    assert_eq!(serde_json::from_str::<Value>(&inputs).ok(), Some(input));

    // Without a choice, the first tool.
    let first = ask(&bedrock, &with_tools(&json!([question])).to_string()).await.events();
    let start =
        &first.iter().find(|(name, _)| name == "contentBlockStart").expect("a start").1["start"]["toolUse"];
    assert_eq!(start["name"], "get_time");
}

#[tokio::test]
async fn a_tools_result_is_answered_with_text() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let request = with_tools(&json!([
        {"role": "user", "content": [{"text": "What is the weather in Paris?"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "get_weather", "input": {"city": "Paris"}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"json": {"sky": "clear"}}, {"text": "warm"}]}}]},
    ]));
    let events = ask(&bedrock, &request.to_string()).await.events();
    assert_eq!(blocks(&events).len(), 2);
    assert!(text(&events).contains(r#"The tool answered: {"sky":"clear"} warm"#), "{}", text(&events));
    assert_eq!(events[events.len() - 2].1["stopReason"], "end_turn");
}

#[tokio::test]
async fn a_tool_that_must_be_called_is_called_after_a_result_too() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let mut request = with_tools(&json!([
        {"role": "user", "content": [{"text": "What is the weather in Paris?"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t1", "name": "get_time", "input": {}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t1", "content": [{"text": "It is noon in Paris"}]}}]},
    ]));
    for (choice, name) in [
        (json!({"tool": {"name": "get_weather"}}), Some("get_weather")),
        (json!({"any": {}}), Some("get_time")),
        (json!({"auto": {}}), None),
    ] {
        request["toolConfig"]["toolChoice"] = choice;
        let events = ask(&bedrock, &request.to_string()).await.events();
        assert_eq!(blocks(&events).len(), if name.is_some() { 3 } else { 2 }, "{name:?}");
        let start = events.iter().find(|(name, _)| name == "contentBlockStart");
        assert_eq!(start.map(|(_, start)| start["start"]["toolUse"]["name"].as_str()), name.map(Some));
        let reason = if name.is_some() { "tool_use" } else { "end_turn" };
        assert_eq!(events[events.len() - 2].1["stopReason"], reason);
        assert!(text(&events).contains("It is noon in Paris"), "{}", text(&events));
        if name == Some("get_weather") {
            let inputs: String = events
                .iter()
                .filter_map(|(_, payload)| payload["delta"]["toolUse"]["input"].as_str())
                .collect();
            assert!(inputs.contains(r#""city":"Paris""#), "{inputs}");
        }
    }
}

#[tokio::test]
async fn an_answer_has_the_format_that_is_asked_for() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let schema = json!({
        "$defs": {"Day": {"type": "object", "required": ["date", "sky"], "additionalProperties": false, "properties": {
            "date": {"type": "string", "format": "date"}, "sky": {"enum": ["clear", "cloudy"]},
        }}},
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/Day"}},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["city", "days"],
        "additionalProperties": false,
    });
    let mut request = json!({
        "messages": [{"role": "user", "content": [{"text": "How will the weather be in Paris?"}]}],
        "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
            "schema": schema.to_string(), "name": "forecast",
        }}}},
    });
    let events = ask(&bedrock, &request.to_string()).await.events();
    let said: Value = serde_json::from_str(&text(&events)).expect("the text is JSON and nothing else");
    let day = json!({"date": "2026-01-31", "sky": "clear"});
    assert_eq!(said, json!({"city": "Paris", "days": [day, day], "note": "Paris"}));
    assert_eq!(events[events.len() - 2].1["stopReason"], "end_turn");

    // If a tool is called first, there is no text that would not fit.
    request["toolConfig"] = with_tools(&json!([]))["toolConfig"].clone();
    let events = ask(&bedrock, &request.to_string()).await.events();
    assert_eq!(text(&events), "");
    assert_eq!(events[events.len() - 2].1["stopReason"], "tool_use");
}

/// What Anthropic's models have for it natively; the AI SDK's provider sends this one.
#[tokio::test]
async fn a_format_may_stand_among_the_models_own_fields() {
    let bedrock = FakeBedrock::start().await.expect("a port is free");
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let mut request = json!({
        "messages": [{"role": "user", "content": [{"text": "Paris"}]}],
        "additionalModelRequestFields": {"output_config": {"format": {"type": "json_schema", "schema": schema}}},
    });
    let said: Value = serde_json::from_str(&text(&ask(&bedrock, &request.to_string()).await.events()))
        .expect("the text is JSON and nothing else");
    assert_eq!(said, json!({"city": "Paris"}));

    // Other fields ask for no format.
    for fields in [json!({"output_config": {"effort": "high"}}), json!({"output_config": 7}), json!([])] {
        request["additionalModelRequestFields"] = fields;
        let said = text(&ask(&bedrock, &request.to_string()).await.events());
        assert!(said.contains("You asked"), "{said}");
    }
}

#[test]
fn max_tokens_cut_the_answer_short() {
    let question = json!([{"role": "user", "content": [{"text": "Why?"}]}]);
    let mut counts = Vec::new();
    for max in [1, 5, 12, 30, 60, 10_000] {
        let mut request = with_tools(&question);
        request["inferenceConfig"] = json!({"maxTokens": max});
        let answer = Answer::from_request(request.to_string().as_bytes(), 0).expect("the request is valid");
        let events = events(&answer.to_bytes().expect("it can be encoded"));
        blocks(&events);
        let used = events[events.len() - 1].1["usage"]["outputTokens"].as_u64().expect("a number");
        let reason = events[events.len() - 2].1["stopReason"].as_str().expect("a reason").to_owned();
        assert!(used <= max);
        counts.push((used == max, reason));
    }
    assert_eq!(counts[0], (true, "max_tokens".to_owned()));
    assert_eq!(counts[2], (true, "max_tokens".to_owned()));
    assert_eq!(counts[5], (false, "tool_use".to_owned()));
}

#[test]
fn a_hostile_request_does_not_make_a_huge_answer() {
    let long = "word ".repeat(100_000);
    let properties: serde_json::Map<String, Value> =
        (0..20_000).map(|n| (format!("property{n}"), json!({"type": "string"}))).collect();
    let request = json!({
        "messages": [{"role": "user", "content": [{"text": long}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {"type": "object", "properties": properties}}}}]},
    })
    .to_string();
    let answer = Answer::from_request(request.as_bytes(), 0).expect("the request is valid");
    assert!(answer.events().len() < 500);
    assert!(answer.to_bytes().expect("it can be encoded").len() < 4 * request.len());
}
