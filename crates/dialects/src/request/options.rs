use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bedrock_stream_core::converse::GuardrailConfig;

use super::betas;
use super::model_family::{ModelFamily, ModelTraits};
use super::reasoning_style::{ReasoningStyle, ThinkingBudgets};

/// How requests are read: what the caller knows besides the body.
///
/// ```
/// use bedrock_stream_dialects::request::{self, Options};
///
/// let body = br#"{"model":"fast","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}"#;
/// let options = Options::new().model_id("us.anthropic.claude-haiku-4-5-20251001-v1:0");
/// let converted = request::messages(body, &options)?;
/// assert_eq!(converted.model, "fast");
/// assert_eq!(converted.request.to_json()?, concat!(
///     r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}],"#,
///     r#""inferenceConfig":{"maxTokens":100}}"#,
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(super) is_lenient: bool,
    model_id: Option<String>,
    family: Option<ModelFamily>,
    reasoning: Option<ReasoningStyle>,
    pub(super) budgets: ThinkingBudgets,
    pub(super) betas: Vec<String>,
    allowed_betas: Option<Vec<String>>,
    pub(super) guardrail: Option<GuardrailConfig>,
}

impl Options {
    /// What is refused is refused, and the request's own model is Bedrock's.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether parts without an equivalent in Bedrock, such as built-in tools, are left out instead of refused.
    #[must_use]
    pub const fn lenient(mut self, is_lenient: bool) -> Self {
        self.is_lenient = is_lenient;
        self
    }

    /// Sets the model's id at Bedrock, if it is not what the request calls the model. It tells the family;
    /// [`request::model`](super::model) reads what it is chosen by.
    #[must_use]
    pub fn model_id(mut self, model_id: impl Into<String>) -> Self {
        self.model_id = Some(model_id.into());
        self
    }

    /// Sets the model's family, if its id does not reveal it.
    #[must_use]
    pub const fn family(mut self, family: ModelFamily) -> Self {
        self.family = Some(family);
        self
    }

    /// Sets how the model is told how hard to think, whatever its id says.
    #[must_use]
    pub const fn reasoning_style(mut self, style: ReasoningStyle) -> Self {
        self.reasoning = Some(style);
        self
    }

    /// Sets how many tokens the model may think, if it takes a budget.
    #[must_use]
    pub const fn thinking_budgets(mut self, budgets: ThinkingBudgets) -> Self {
        self.budgets = budgets;
        self
    }

    /// Adds the value of a header `anthropic-beta`: names, separated by commas.
    #[must_use]
    pub fn anthropic_beta(mut self, header: &str) -> Self {
        let names = header.split(',').map(str::trim).filter(|name| !name.is_empty());
        self.betas.extend(names.map(ToString::to_string));
        self
    }

    /// Sets which betas are passed on to the model, in place of those that Bedrock is known to take. Others are left out.
    #[must_use]
    pub fn allowed_betas<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.allowed_betas = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the guardrail of every request.
    #[must_use]
    pub fn guardrail(mut self, guardrail: GuardrailConfig) -> Self {
        self.guardrail = Some(guardrail);
        self
    }

    /// What the model takes, of which the request says this name.
    pub(super) fn traits(&self, model: &str) -> ModelTraits {
        let by_id = ModelTraits::of(self.model_id.as_deref().unwrap_or(model));
        let family = self.family.unwrap_or(by_id.family);
        let by_family = if family == by_id.family { by_id.reasoning } else { family.reasoning() };
        ModelTraits { family, reasoning: self.reasoning.unwrap_or(by_family) }
    }

    /// Whether the caller said how the model is told to think.
    pub(super) const fn has_reasoning_style(&self) -> bool {
        self.reasoning.is_some()
    }

    /// Whether a beta of Anthropic's API is passed on to the model: by [`allowed_betas`](Self::allowed_betas), or because Bedrock
    /// is known to take it, `interleaved-thinking-2025-05-14` only for a model that thinks by a budget.
    #[must_use]
    pub fn is_allowed_beta(&self, name: &str) -> bool {
        self.allows_beta(name, self.traits("").reasoning)
    }

    /// The same for a model that is asked to reason so.
    pub(super) fn allows_beta(&self, name: &str, reasoning: ReasoningStyle) -> bool {
        match &self.allowed_betas {
            Some(allowed) => allowed.iter().any(|allowed| allowed == name),
            None => betas::is_allowed(name, reasoning),
        }
    }
}
