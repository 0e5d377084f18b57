//! Answers generated from a request.

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::converse::{Delta, ReasoningDelta, ToolUseDelta};

use super::prompt::Prompt;
use super::{Answer, answer, schema_value, text};
use crate::rng::{Rng, digest};
use crate::validation::InvalidRequest;

impl Answer {
    /// Answers a ConverseStream request, given as the JSON of its body: reasoning with a signature, text in deltas of
    /// about a token, and a tool call if the request offers tools and has no tool result, or if its `toolChoice` requires one.
    /// If its `outputConfig.textFormat` has a schema, or `output_config.format` in its `additionalModelRequestFields`, the text is
    /// JSON that fits the schema, except for patterns. After `maxTokens` deltas the answer ends with the stop reason `max_tokens`.
    ///
    /// The same request and seed give the same answer on every machine. The seed determines padding, signature and tool call id.
    ///
    /// ```
    /// use bedrock_stream_testkit::Answer;
    ///
    /// let request = br#"{"messages":[{"role":"user","content":[{"text":"Why is the sky blue?"}]}]}"#;
    /// let answer = Answer::from_request(request, 0)?;
    /// assert!(answer.response().expect("it is whole").text().contains("Why is the sky blue?"));
    /// # Ok::<(), bedrock_stream_testkit::InvalidRequest>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`]: Bedrock would refuse the request with a `ValidationException`, as far as is known.
    pub fn from_request(body: &[u8], seed: u64) -> Result<Self, InvalidRequest> {
        Ok(Self::to(&Prompt::parse(body)?, seed ^ digest(body)))
    }

    pub(crate) fn to(prompt: &Prompt, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let signature = rng.text(BASE64, SIGNATURE_LEN);
        let tool_use_id = rng.tool_use_id();
        let mut budget = Budget { left: prompt.max_tokens.unwrap_or(u64::MAX), spent: 0, is_short: false };
        let mut answer = answer().seed(rng.next_u64());
        let reasoning = prompt.reasons.then(|| text::reasoning(prompt));
        if let Some(pieces) = reasoning.as_deref().and_then(|text| budget.take(text::tokens(text))) {
            let pieces = pieces.into_iter().map(|piece| Delta::Reasoning(ReasoningDelta::Text(piece)));
            answer = answer.reasoning_start().deltas(pieces);
            if !budget.is_short {
                answer = answer.signature(signature);
            }
        }
        if let Some(said) = text::answer(prompt) {
            if let Some(pieces) = budget.take(text::tokens(&said)) {
                answer = answer.text_start().deltas(pieces.into_iter().map(Delta::Text));
            }
        }
        if let Some(tool) = &prompt.tool {
            let input = schema_value::tool_input(&tool.schema, &prompt.text_or_tool_results()).to_string();
            if let Some(pieces) = budget.take(text::fragments(&input)) {
                answer = answer.tool_start(tool_use_id, &*tool.name);
                answer = answer.deltas(pieces.into_iter().map(ToolUseDelta::new).map(Delta::from));
            }
        }
        if budget.is_short {
            answer = answer.stop(StopReason::MaxTokens);
        }
        answer.usage(prompt.input_tokens, budget.spent)
    }
}

/// How many deltas the answer may still have, one per token.
struct Budget {
    left: u64,
    spent: u64,
    /// Whether something was left out.
    is_short: bool,
}

impl Budget {
    /// As many pieces of a block as the budget allows. `None` if nothing is left of it, so that the block is left out.
    fn take<'t>(&mut self, pieces: impl Iterator<Item = &'t str>) -> Option<Vec<String>> {
        if self.left == 0 || self.is_short {
            self.is_short = true;
            return None;
        }
        let mut taken = Vec::new();
        for piece in pieces {
            if self.left == 0 {
                self.is_short = true;
                break;
            }
            self.left -= 1;
            self.spent += 1;
            taken.push(piece.to_owned());
        }
        Some(taken)
    }
}

/// A multiple of four, so that the signature is base64 without padding.
const SIGNATURE_LEN: usize = 184;
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
