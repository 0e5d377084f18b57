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
    /// Build it by its methods, or read it from JSON; what has no member here goes into `other`.
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
    /// Source: the Amazon Bedrock Runtime API, `ConverseStream`. The model's id stands in the URL.
    pub struct Request {
        /// The conversation. May be left out if the model's id is a prompt's ARN.
        "messages" => messages: Option<Vec<Message>>,
        /// Instructions for the model.
        "system" => system: Option<Vec<SystemBlock>>,
        /// How the model produces its answer.
        "inferenceConfig" => inference_config: Option<InferenceConfig>,
        /// The tools that the model may call.
        "toolConfig" => tool_config: Option<ToolConfig>,
        /// The guardrail.
        "guardrailConfig" => guardrail_config: Option<GuardrailConfig>,
        /// The project that the request is counted for: its id, or its ARN.
        "projectIdentifier" => project_identifier: Option<String>,
        /// What only this model takes, such as `{"thinking":{..}}`.
        "additionalModelRequestFields" => additional_model_request_fields: Option<Json>,
        /// The values of a prompt's variables, by name.
        "promptVariables" => prompt_variables: Option<BTreeMap<String, PromptVariable>>,
        /// JSON Pointers to what else of the model's own answer is wanted.
        "additionalModelResponseFieldPaths" => additional_model_response_field_paths: Option<Vec<String>>,
        /// What invocation logs can be filtered by.
        "requestMetadata" => request_metadata: Option<BTreeMap<String, String>>,
        /// What latency is asked for.
        "performanceConfig" => performance_config: Option<PerformanceConfig>,
        /// How the request is queued and priced.
        "serviceTier" => service_tier: Option<ServiceTier>,
        /// What the answer must look like.
        "outputConfig" => output_config: Option<OutputConfig>,
    }
}

impl Request {
    /// Reads a request body.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or a member that this version knows has a value of another kind.
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
