use bedrock_stream_core::answer::{Done, Response, StopReason};
use bedrock_stream_core::json::Fields;
use http::HeaderMap;
use serde::Deserialize;

use crate::telemetry::token_counts::{TokenCounts, VendorUsage};

/// What an answer says about itself. Nothing of its content is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AnswerFacts {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    /// Why the model stopped, for each answer that it gave.
    pub(super) finish_reasons: Vec<String>,
    pub(super) tokens: TokenCounts,
}

impl AnswerFacts {
    pub(super) fn of_done(done: &Done) -> Self {
        let usage = done.usage.clone().unwrap_or_default();
        Self {
            id: text(&done.other, "id"),
            model: text(&done.other, "model"),
            finish_reasons: reasons([Some(done.stop_reason.as_str())]),
            tokens: TokenCounts::of(&usage, done.vendor_usage.as_ref()),
        }
    }

    pub(super) fn of_response(response: &Response) -> Self {
        let usage = response.usage.clone().unwrap_or_default();
        Self {
            finish_reasons: reasons([response.stop_reason.as_ref().map(StopReason::as_str)]),
            tokens: TokenCounts::of(&usage, None),
            ..Self::default()
        }
    }

    /// The facts of a whole answer in any dialect. What cannot be read is not known.
    pub(super) fn of_json(body: &[u8], headers: &HeaderMap) -> Self {
        let whole: WholeAnswer = serde_json::from_slice(body).unwrap_or_default();
        let told = whole.choices.iter().map(|choice| choice.finish_reason.as_deref());
        let own = [whole.stop_reason.as_deref(), whole.status.as_deref()];
        let mut tokens = whole.usage.map(|usage| usage.counts()).unwrap_or_default();
        let count = |name| headers.get(name)?.to_str().ok()?.parse().ok();
        // `InvokeModel` sends them for most models.
        tokens.input = tokens.input.or_else(|| count("x-amzn-bedrock-input-token-count"));
        tokens.output = tokens.output.or_else(|| count("x-amzn-bedrock-output-token-count"));
        Self {
            id: whole.id.filter(|id| id.len() <= MAX_LEN),
            model: whole.model.filter(|model| model.len() <= MAX_LEN),
            finish_reasons: reasons(told.chain(own).take(MAX_REASONS)),
            tokens,
        }
    }
}

/// The members of whole answers that tell how they ended.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WholeAnswer {
    id: Option<String>,
    model: Option<String>,
    /// Messages, Llama; and Nova.
    #[serde(alias = "stopReason")]
    stop_reason: Option<String>,
    /// Responses.
    status: Option<String>,
    choices: Vec<Choice>,
    usage: Option<VendorUsage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    finish_reason: Option<String>,
}

fn reasons<'a>(told: impl IntoIterator<Item = Option<&'a str>>) -> Vec<String> {
    let told = told.into_iter().flatten();
    told.filter(|reason| !reason.is_empty() && reason.len() <= MAX_LEN).map(str::to_owned).collect()
}

/// A member that is a text.
fn text(members: &Fields, name: &str) -> Option<String> {
    let text: String = serde_json::from_str(members.value(name)?.as_str()).ok()?;
    (1..=MAX_LEN).contains(&text.len()).then_some(text)
}

/// The longest text taken from an answer, in bytes: longer than any id or name in use.
const MAX_LEN: usize = 256;
/// OpenAI's limit on `n`.
const MAX_REASONS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_answers_of_each_dialect() {
        let facts = |body: &str| AnswerFacts::of_json(body.as_bytes(), &HeaderMap::new());
        let chat = facts(
            r#"{"id":"c","model":"m","choices":[{"finish_reason":"stop","message":{}},{"finish_reason":"length"}],
            "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
            "prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":3}}}"#,
        );
        let told = TokenCounts {
            input: Some(10),
            output: Some(5),
            cache_read: Some(8),
            cache_write: None,
            reasoning: Some(3),
        };
        assert_eq!((chat.id.as_deref(), chat.model.as_deref(), chat.tokens), (Some("c"), Some("m"), told));
        assert_eq!(chat.finish_reasons, ["stop", "length"]);

        let responses = facts(
            r#"{"id":"r","status":"completed","usage":{"input_tokens":10,"output_tokens":5,
            "input_tokens_details":{"cached_tokens":8},"output_tokens_details":{"reasoning_tokens":3}}}"#,
        );
        assert_eq!((responses.tokens, &*responses.finish_reasons[0]), (told, "completed"));

        let messages = facts(
            r#"{"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":5,
            "cache_read_input_tokens":8,"cache_creation_input_tokens":1}}"#,
        );
        let apart = TokenCounts { cache_write: Some(1), reasoning: None, ..told };
        assert_eq!((messages.tokens, &*messages.finish_reasons[0]), (apart, "end_turn"));

        let nova = facts(r#"{"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2}}"#);
        assert_eq!((nova.tokens.input, nova.tokens.output), (Some(1), Some(2)));
    }

    #[test]
    fn what_cannot_be_read_is_not_known() {
        let mut headers = HeaderMap::new();
        for body in ["", "[]", r#"{"id":5}"#, r#"{"usage":{"input_tokens":"1"}}"#] {
            assert_eq!(AnswerFacts::of_json(body.as_bytes(), &headers), AnswerFacts::default(), "{body}");
        }
        headers.insert("x-amzn-bedrock-input-token-count", "7".parse().unwrap());
        assert_eq!(AnswerFacts::of_json(b"", &headers).tokens.input, Some(7));
        let long = format!(r#"{{"id":"{0}","model":"{0}","stop_reason":"{0}"}}"#, "x".repeat(300));
        assert_eq!(AnswerFacts::of_json(long.as_bytes(), &HeaderMap::new()), AnswerFacts::default());
    }
}
