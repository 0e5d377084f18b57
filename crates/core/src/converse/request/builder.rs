//! The request's methods that build it. Each takes the request and gives it back.

use alloc::string::String;

use super::guardrail_config::GuardrailConfig;
use super::inference_config::InferenceConfig;
use super::output_config::{Effort, OutputConfig, OutputFormat};
use super::prompt_variable::PromptVariable;
use super::request::Request;
use super::system_block::SystemBlock;
use super::tool_choice::ToolChoice;
use super::tool_config::{Tool, ToolConfig};
use crate::answer::{Latency, PerformanceConfig, ServiceTier, ServiceTierType};
use crate::content::{ContentBlock, Message};
use crate::json::Json;

impl Request {
    /// A request that says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message at the end.
    #[must_use]
    pub fn message(mut self, message: Message) -> Self {
        self.messages.get_or_insert_default().push(message);
        self
    }

    /// Adds a message of the caller's at the end.
    #[must_use]
    pub fn user(self, content: impl Into<ContentBlock>) -> Self {
        self.message(Message::user(content))
    }

    /// Adds a message of the model's at the end.
    #[must_use]
    pub fn assistant(self, content: impl Into<ContentBlock>) -> Self {
        self.message(Message::assistant(content))
    }

    /// Adds instructions for the model.
    #[must_use]
    pub fn system(mut self, block: impl Into<SystemBlock>) -> Self {
        self.system.get_or_insert_default().push(block.into());
        self
    }

    /// Limits the answer to this many tokens.
    #[must_use]
    pub fn max_tokens(self, max_tokens: u32) -> Self {
        self.inference(|config| config.max_tokens = Some(max_tokens))
    }

    /// How freely the model chooses, from 0 to 1.
    #[must_use]
    pub fn temperature(self, temperature: f64) -> Self {
        self.inference(|config| config.temperature = Some(temperature))
    }

    /// What share of the likeliest tokens the model chooses from, from 0 to 1.
    #[must_use]
    pub fn top_p(self, top_p: f64) -> Self {
        self.inference(|config| config.top_p = Some(top_p))
    }

    /// Adds a text at which the model stops.
    #[must_use]
    pub fn stop_sequence(self, stop_sequence: impl Into<String>) -> Self {
        self.inference(|config| config.stop_sequences.get_or_insert_default().push(stop_sequence.into()))
    }

    /// Adds a tool that the model may call, or a cache point after those added so far.
    #[must_use]
    pub fn tool(self, tool: impl Into<Tool>) -> Self {
        self.tools(|config| config.tools.push(tool.into()))
    }

    /// Says whether the model must call a tool, and which.
    #[must_use]
    pub fn tool_choice(self, tool_choice: ToolChoice) -> Self {
        self.tools(|config| config.tool_choice = Some(tool_choice))
    }

    /// Sets the guardrail.
    #[must_use]
    pub fn guardrail(mut self, guardrail: GuardrailConfig) -> Self {
        self.guardrail_config = Some(guardrail);
        self
    }

    /// Sets what only this model takes.
    #[must_use]
    pub fn additional_model_request_fields(mut self, fields: impl Into<Json>) -> Self {
        self.additional_model_request_fields = Some(fields.into());
        self
    }

    /// Gives a variable of the prompt its value.
    #[must_use]
    pub fn prompt_variable(mut self, name: impl Into<String>, value: impl Into<PromptVariable>) -> Self {
        self.prompt_variables.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Asks for a member of the model's own answer, by its JSON Pointer.
    #[must_use]
    pub fn additional_model_response_field_path(mut self, path: impl Into<String>) -> Self {
        self.additional_model_response_field_paths.get_or_insert_default().push(path.into());
        self
    }

    /// Adds a key and its value for the invocation logs.
    #[must_use]
    pub fn request_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.request_metadata.get_or_insert_default().insert(key.into(), value.into());
        self
    }

    /// Asks for a latency.
    #[must_use]
    pub fn latency(mut self, latency: Latency) -> Self {
        self.performance_config =
            Some(PerformanceConfig { latency: Some(latency), ..PerformanceConfig::default() });
        self
    }

    /// Says how the request is queued and priced.
    #[must_use]
    pub fn service_tier(mut self, tier: ServiceTierType) -> Self {
        self.service_tier = Some(ServiceTier { tier: Some(tier), ..ServiceTier::default() });
        self
    }

    /// Says what the text of the answer must look like.
    #[must_use]
    pub fn text_format(self, format: OutputFormat) -> Self {
        self.output(|config| config.text_format = Some(format))
    }

    /// Says how hard the model should think.
    #[must_use]
    pub fn effort(self, effort: Effort) -> Self {
        self.output(|config| config.effort = Some(effort))
    }

    fn inference(mut self, set: impl FnOnce(&mut InferenceConfig)) -> Self {
        set(self.inference_config.get_or_insert_default());
        self
    }

    fn tools(mut self, set: impl FnOnce(&mut ToolConfig)) -> Self {
        set(self.tool_config.get_or_insert_default());
        self
    }

    fn output(mut self, set: impl FnOnce(&mut OutputConfig)) -> Self {
        set(self.output_config.get_or_insert_default());
        self
    }
}
