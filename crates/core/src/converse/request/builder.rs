//! The methods that build a request. Each takes the request by value and returns it.

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
    /// An empty request.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a message without merging. Bedrock refuses consecutive messages of the same role; [`push`](Self::push)
    /// merges them into one.
    #[must_use]
    pub fn message(mut self, message: impl Into<Message>) -> Self {
        self.messages.get_or_insert_default().push(message.into());
        self
    }

    /// Appends each of these messages with [`push`](Self::push).
    #[must_use]
    pub fn messages<M: Into<Message>>(mut self, messages: impl IntoIterator<Item = M>) -> Self {
        for message in messages {
            self.push(message);
        }
        self
    }

    /// Appends a user message with [`message`](Self::message): text, or any other block.
    #[must_use]
    pub fn user(self, content: impl Into<ContentBlock>) -> Self {
        self.message(Message::user(content))
    }

    /// Appends an assistant message with [`message`](Self::message).
    #[must_use]
    pub fn assistant(self, content: impl Into<ContentBlock>) -> Self {
        self.message(Message::assistant(content))
    }

    /// Appends a message to the conversation. If the last message has the same role, the content is added to that
    /// message instead, since user and assistant messages must alternate.
    ///
    /// ```
    /// use bedrock_stream_core::content::Message;
    /// use bedrock_stream_core::converse::Request;
    ///
    /// let mut request = Request::new().user("How is the weather in Paris?");
    /// request.push(Message::assistant("Sunny."));
    /// request.push("And in Rome?");
    /// request.push("Be brief.");
    /// assert_eq!(request.messages.map(|messages| messages.len()), Some(3));
    /// ```
    pub fn push(&mut self, message: impl Into<Message>) -> &mut Self {
        let message = message.into();
        let messages = self.messages.get_or_insert_default();
        match messages.last_mut() {
            // Unknown members belong to one message, so such messages cannot be merged.
            Some(last) if last.role == message.role && message.other.is_empty() => {
                last.content.extend(message.content);
            }
            _ => messages.push(message),
        }
        self
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

    /// Sets the sampling temperature, from 0 to 1.
    #[must_use]
    pub fn temperature(self, temperature: f64) -> Self {
        self.inference(|config| config.temperature = Some(temperature))
    }

    /// Sets the share of the most likely tokens from which the model chooses, from 0 to 1.
    #[must_use]
    pub fn top_p(self, top_p: f64) -> Self {
        self.inference(|config| config.top_p = Some(top_p))
    }

    /// Adds a text at which the model stops.
    #[must_use]
    pub fn stop_sequence(self, stop_sequence: impl Into<String>) -> Self {
        self.inference(|config| config.stop_sequences.get_or_insert_default().push(stop_sequence.into()))
    }

    /// Sets all inference parameters, replacing earlier ones.
    #[must_use]
    pub fn inference_config(mut self, config: InferenceConfig) -> Self {
        self.inference_config = Some(config);
        self
    }

    /// Sets the tools that the model may call, replacing those added so far.
    #[must_use]
    pub fn tool_config(mut self, config: ToolConfig) -> Self {
        self.tool_config = Some(config);
        self
    }

    /// Sets the requirements on the answer, replacing earlier ones.
    #[must_use]
    pub fn output_config(mut self, config: OutputConfig) -> Self {
        self.output_config = Some(config);
        self
    }

    /// Sets the project that the request is attributed to: its id or ARN.
    #[must_use]
    pub fn project_identifier(mut self, project: impl Into<String>) -> Self {
        self.project_identifier = Some(project.into());
        self
    }

    /// Adds a tool that the model may call, or a cache point after the tools added so far.
    #[must_use]
    pub fn tool(self, tool: impl Into<Tool>) -> Self {
        self.tools(|config| config.tools.push(tool.into()))
    }

    /// Sets whether the model must call a tool, and which one.
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

    /// Sets parameters that are specific to the model.
    #[must_use]
    pub fn additional_model_request_fields(mut self, fields: impl Into<Json>) -> Self {
        self.additional_model_request_fields = Some(fields.into());
        self
    }

    /// Sets the value of a prompt variable.
    #[must_use]
    pub fn prompt_variable(mut self, name: impl Into<String>, value: impl Into<PromptVariable>) -> Self {
        self.prompt_variables.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Requests an additional field of the model's native response, by JSON Pointer.
    #[must_use]
    pub fn additional_model_response_field_path(mut self, path: impl Into<String>) -> Self {
        self.additional_model_response_field_paths.get_or_insert_default().push(path.into());
        self
    }

    /// Adds a key and a value by which invocation logs can be filtered.
    #[must_use]
    pub fn request_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.request_metadata.get_or_insert_default().insert(key.into(), value.into());
        self
    }

    /// Requests a latency.
    #[must_use]
    pub fn latency(mut self, latency: Latency) -> Self {
        self.performance_config = Some(PerformanceConfig::new(latency));
        self
    }

    /// Sets the service tier, which determines how the request is queued and priced.
    #[must_use]
    pub fn service_tier(mut self, tier: ServiceTierType) -> Self {
        self.service_tier = Some(ServiceTier::new(tier));
        self
    }

    /// Sets the format that the answer's text must have.
    #[must_use]
    pub fn text_format(self, format: OutputFormat) -> Self {
        self.output(|config| config.text_format = Some(format))
    }

    /// Sets how much effort the model should put into reasoning.
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
