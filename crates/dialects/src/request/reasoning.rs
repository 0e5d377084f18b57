//! How hard the model is to think, as each family of models takes it.

use alloc::format;
use alloc::string::ToString;

use bedrock_stream_core::converse::Effort;
use bedrock_stream_core::json::Json;
use serde_json::json;

use super::asked_reasoning::AskedEffort;
use super::draft::Draft;
use super::error::Problem;
use super::field::Field;
use super::left_out::LeftOutReason;
use super::model_family::ModelFamily;
use super::reasoning_style::{MIN_BUDGET, ReasoningStyle, ThinkingBudgets};

/// Takes an effort. `starts_thinking`: it alone makes a model think, as in OpenAI's dialects.
pub(super) fn read_effort(
    draft: &mut Draft<'_>,
    field: &Field<'_>,
    starts_thinking: bool,
) -> Result<(), Problem> {
    let word = field.string()?;
    if !EFFORTS.contains(&&*word) {
        return Err(field.invalid("it must be none, minimal, low, medium, high, xhigh or max"));
    }
    draft.reasoning.effort = Some(AskedEffort { word, path: field.path.clone(), starts_thinking });
    Ok(())
}

/// Takes `thinking`, which Claude gets as it is.
pub(super) fn read_thinking(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut thinking = field.object()?;
    let kind = thinking.require_string("type")?;
    let is_thinking = kind != "disabled";
    match draft.traits.family {
        ModelFamily::Anthropic | ModelFamily::Unknown => {
            draft.additional.set("thinking", field.json_object()?);
        }
        _ if is_thinking => {
            return draft.refuse(
                field,
                "this model is not Claude, and has no thinking in this form: ask for an effort instead",
            );
        }
        _ => {}
    }
    draft.reasoning.is_thinking = is_thinking;
    Ok(())
}

/// Writes the effort as the model accepts it. Returns whether the client asked for reasoning.
pub(super) fn finish(draft: &mut Draft<'_>) -> Result<bool, Problem> {
    let is_thinking = draft.reasoning.is_thinking;
    let Some(asked) = draft.reasoning.effort.take() else { return Ok(is_thinking) };
    let has_thinking = draft.additional.has("thinking");
    let word = &*asked.word;
    if word == "none" && draft.traits.reasoning != ReasoningStyle::Unmapped {
        return Ok(is_thinking);
    }
    match draft.traits.reasoning {
        ReasoningStyle::Adaptive => {
            if asked.starts_thinking && !has_thinking {
                draft.additional.set("thinking", json!({"type": "adaptive"}));
            }
            set_effort(draft, &asked);
        }
        ReasoningStyle::Budget if has_thinking => set_effort(draft, &asked),
        ReasoningStyle::Budget => return set_budget(draft, &asked),
        ReasoningStyle::Effort => set_effort(draft, &asked),
        ReasoningStyle::ReasoningConfig => {
            let word = match word {
                "minimal" | "low" => "low",
                "medium" => "medium",
                _ => "high",
            };
            draft.additional.set("reasoningConfig", json!({"type": "enabled", "maxReasoningEffort": word}));
        }
        ReasoningStyle::Unmapped => draft.additional.set("reasoning_effort", Json::from(word)),
        ReasoningStyle::None => {
            return no_reasoning(draft, &asked, "this model does not reason, so it has no effort");
        }
    }
    // In Messages, an effort by itself does not make Claude think.
    let is_thinking_by_effort = asked.starts_thinking || draft.traits.reasoning != ReasoningStyle::Adaptive;
    Ok(is_thinking || (is_thinking_by_effort && word != "none"))
}

fn set_effort(draft: &mut Draft<'_>, asked: &AskedEffort) {
    draft.output.effort = Some(match &*asked.word {
        "minimal" => Effort::Low,
        word => Effort::from(word),
    });
    draft.origins.note("outputConfig.effort", &asked.path);
}

/// A budget must be less than the answer may be long; at most half of that is for thinking, as far as the least budget allows.
fn set_budget(draft: &mut Draft<'_>, asked: &AskedEffort) -> Result<bool, Problem> {
    let wanted = budget(&draft.options.budgets, &asked.word);
    let budget = match draft.inference.max_tokens {
        Some(max_tokens) => wanted.min((max_tokens / 2).max(MIN_BUDGET)).min(max_tokens.saturating_sub(1)),
        None => {
            draft.inference.max_tokens = Some(wanted.saturating_add(ANSWER_TOKENS));
            wanted
        }
    };
    if budget < MIN_BUDGET {
        let message = format!(
            "the answer may have too few tokens for this model to think: it needs more than {MIN_BUDGET} of them"
        );
        return no_reasoning(draft, asked, &message);
    }
    draft.additional.set("thinking", json!({"type": "enabled", "budget_tokens": budget}));
    Ok(true)
}

fn no_reasoning(draft: &mut Draft<'_>, asked: &AskedEffort, message: &str) -> Result<bool, Problem> {
    if draft.options.is_lenient {
        draft.left_out.push(&asked.path, LeftOutReason::Unsupported);
        return Ok(false);
    }
    Err(Problem::unsupported(asked.path.clone(), message.to_string()))
}

fn budget(budgets: &ThinkingBudgets, word: &str) -> u32 {
    match word {
        "minimal" | "low" => budgets.low,
        "medium" => budgets.medium,
        "high" => budgets.high,
        "xhigh" => budgets.extra_high,
        _ => budgets.max,
    }
}

const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// How long an answer may be besides its thinking, if the client does not say: Claude has to be told a limit above its budget.
const ANSWER_TOKENS: u32 = 4_096;
