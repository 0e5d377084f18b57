//! The answer that faults are applied to: of the example `every_fault`, and of the tests of the AWS SDK for Rust.

use bedrock_stream_testkit::{Answer, answer};
use serde_json::json;

/// An answer with reasoning, text and a tool call, for the faults.
pub(crate) fn weather() -> Answer {
    answer()
        .reasoning("They ask for the weather, so the tool has to be asked.")
        .signature("c2lnbmF0dXJl")
        .text(
            "Let me see what the weather is like. It may take a moment, since the tool has to ask the nearest station \
             first, and that one answers only when it has something new to say about wind, rain and sun.",
        )
        .tool_with_id("tooluse_1", "get_weather", json!({"city": "Paris", "unit": "celsius"}))
}
