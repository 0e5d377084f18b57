//! A fake Bedrock with one answer that has a bit of everything: prints its URL, then the answer's events as JSON, one a
//! line, and runs until standard input ends.
//!
//! ```text
//! cargo run -p bedrock-stream-testkit --example every_field
//! ```

use std::error::Error;
use std::io::{Read, stdin};

use bedrock_stream_testkit::{Answer, FakeBedrock, answer};
use serde_json::{from_value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let answer = everything()?;
    let events = answer.events();
    let bedrock = FakeBedrock::builder().respond(move |_| answer.clone()).start().await?;
    println!("{}", bedrock.url());
    for event in &events {
        println!("{}", serde_json::to_string(event)?);
    }
    println!();
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn everything() -> Result<Answer, serde_json::Error> {
    let citation = from_value(json!({
        "title": "Almanac", "source": "almanac.txt", "sourceContent": [{"text": "It rains."}],
        "location": {"documentChar": {"documentIndex": 0, "start": 3, "end": 12}},
    }))?;
    let web =
        from_value(json!({"location": {"web": {"url": "https://example.com/a", "domain": "example.com"}}}))?;
    let result = from_value(
        json!({"toolResult": {"toolUseId": "server_1", "type": "web_result", "status": "success"}}),
    )?;
    let result_delta = from_value(json!({"toolResult": [{"text": "found"}, {"json": {"hits": 3}}]}))?;
    let image = from_value(json!({"image": {"format": "png"}}))?;
    let image_delta = from_value(json!({"image": {"source": {"bytes": "iVBORw0KGgo="}}}))?;
    let metadata = from_value(json!({
        "usage": {
            "inputTokens": 10, "outputTokens": 20, "totalTokens": 37, "cacheReadInputTokens": 3,
            "cacheWriteInputTokens": 4, "cacheDetails": [{"ttl": "1h", "inputTokens": 4}],
        },
        "metrics": {"latencyMs": 1234},
        "trace": {
            "guardrail": {"actionReason": "No action.", "modelOutput": ["It rains."]},
            "promptRouter": {"invokedModelId": "amazon.nova-lite-v1:0"},
        },
        "performanceConfig": {"latency": "optimized"},
        "serviceTier": {"type": "priority"},
    }))?;
    Ok(answer()
        .reasoning("Hm, \"quoted\", ünïcödé and \u{1f600}.")
        .signature("c2lnbmF0dXJl")
        .redacted([0, 1, 254, 255])
        .text("It rains in Paris.\n")
        .citation(citation)
        .citation(web)
        .tool_with_id("tooluse_1", "get_weather", json!({"city": "Paris", "days": 2}))
        .tool_with_id("tooluse_2", "get_time", json!({}))
        .start(result)
        .delta(result_delta)
        .start(image)
        .delta(image_delta)
        .additional_fields(json!({"stop_sequence": null, "score": 0.5}))
        .metadata(metadata))
}
