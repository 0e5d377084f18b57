use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::guardrail_config::GuardrailConfig;
use super::inference_config::InferenceConfig;
use super::output_config::OutputConfig;
use super::prompt_variable::PromptVariable;
use super::system_block::SystemBlock;
use super::tool_config::ToolConfig;
use crate::answer::{PerformanceConfig, ServiceTier};
use crate::content::Message;
use crate::json::Json;

object! {
    /// The body of a `Converse` or `ConverseStream` request.
    ///
    /// Build it with its methods, or read it from JSON. Members that have no field here are kept in `other`.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{Request, ToolSpec};
    /// use serde_json::json;
    ///
    /// let request = Request::new()
    ///     .system("Answer in one sentence.")
    ///     .user("How is the weather in Paris?")
    ///     .tool(ToolSpec::new("get_weather", json!({"type": "object"})).description("The weather in a city"))
    ///     .max_tokens(200);
    /// assert_eq!(request.lint(), []);
    /// ```
    ///
    /// Source: the Amazon Bedrock Runtime API, `ConverseStream`. The model's id is part of the URL.
    pub struct Request {
        /// The conversation. May be omitted if the model's id is the ARN of a prompt.
        "messages" => messages: Option<Vec<Message>>,
        /// Instructions for the model.
        "system" => system: Option<Vec<SystemBlock>>,
        /// The inference parameters.
        "inferenceConfig" => inference_config: Option<InferenceConfig>,
        /// The tools that the model may call.
        "toolConfig" => tool_config: Option<ToolConfig>,
        /// The guardrail.
        "guardrailConfig" => guardrail_config: Option<GuardrailConfig>,
        /// The project that the request is attributed to: its id or ARN.
        "projectIdentifier" => project_identifier: Option<String>,
        /// Parameters that are specific to the model, such as `{"thinking":{..}}`.
        "additionalModelRequestFields" => additional_model_request_fields: Option<Json>,
        /// The values of a prompt's variables, by name.
        "promptVariables" => prompt_variables: Option<BTreeMap<String, PromptVariable>>,
        /// JSON Pointers to additional fields of the model's native response.
        "additionalModelResponseFieldPaths" => additional_model_response_field_paths: Option<Vec<String>>,
        /// Keys and values by which invocation logs can be filtered.
        "requestMetadata" => request_metadata: Option<BTreeMap<String, String>>,
        /// The requested latency.
        "performanceConfig" => performance_config: Option<PerformanceConfig>,
        /// How the request is queued and priced.
        "serviceTier" => service_tier: Option<ServiceTier>,
        /// Requirements on the answer.
        "outputConfig" => output_config: Option<OutputConfig>,
    }
}

impl Request {
    /// Reads a request body.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or a known member has a value of the wrong type.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The request body to send.
    ///
    /// # Errors
    ///
    /// Those of `serde_json`; no request is known to cause one.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
