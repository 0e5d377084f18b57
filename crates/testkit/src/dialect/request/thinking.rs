//! Whether a request of Anthropic's Messages asks for thinking.
//!
//! Source: "Building with extended thinking" of Anthropic's documentation; its refusals, as users report them.

use serde_json::Value;

use super::bad_request::BadRequest;
use super::message_blocks::check_tag;

/// Whether the model thinks: by default it does not.
pub(super) fn is_asked(body: &Value) -> bool {
    matches!(body["thinking"]["type"].as_str(), Some("enabled" | "adaptive" | "between_tools"))
}

/// Checks the member `thinking`. `interleaves`: a beta allows budgets beyond `max_tokens`.
pub(super) fn check(body: &Value, max_tokens: u64, interleaves: bool) -> Result<(), BadRequest> {
    let thinking = &body["thinking"];
    if thinking.is_null() || check_tag(thinking, "thinking", &KINDS)? != "enabled" {
        return Ok(());
    }
    let path = "thinking.enabled.budget_tokens";
    let budget = match &thinking["budget_tokens"] {
        Value::Null => return Err(BadRequest::required(path)),
        budget => budget.as_u64().ok_or_else(|| BadRequest::not_a(path, "integer"))?,
    };
    if budget < MIN_BUDGET {
        return Err(BadRequest::new(format!(
            "{path}: Input should be greater than or equal to {MIN_BUDGET}"
        )));
    }
    if budget >= max_tokens && !interleaves {
        return Err(BadRequest::new(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
             https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
        ));
    }
    Ok(())
}

const KINDS: [&str; 4] = ["adaptive", "between_tools", "disabled", "enabled"];
const MIN_BUDGET: u64 = 1024;
