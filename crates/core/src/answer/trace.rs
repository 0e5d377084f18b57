use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Json;

object! {
    /// What guardrails and prompt routers did, if they were traced.
    ///
    /// ```
    /// use bedrock_stream_core::answer::Trace;
    ///
    /// let trace: Trace = serde_json::from_str(r#"{"promptRouter":{"invokedModelId":"anthropic.claude-3-haiku"}}"#)?;
    /// let chosen = trace.prompt_router.and_then(|router| router.invoked_model_id);
    /// assert_eq!(chosen.as_deref(), Some("anthropic.claude-3-haiku"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Trace {
        /// What the guardrail found.
        "guardrail" => guardrail: Option<GuardrailTrace>,
        /// The router's choice.
        "promptRouter" => prompt_router: Option<PromptRouterTrace>,
    }
}

setters! {
    Trace {
        /// Sets the guardrail's findings.
        guardrail: GuardrailTrace,
        /// Sets the router's choice.
        prompt_router: PromptRouterTrace,
    }
}

object! {
    /// What a guardrail found (`GuardrailTraceAssessment`). The assessments stay JSON, since they are deeply nested and
    /// change often.
    ///
    /// ```
    /// use bedrock_stream_core::answer::GuardrailTrace;
    ///
    /// let trace: GuardrailTrace = serde_json::from_str(
    ///     r#"{"actionReason":"Guardrail blocked.","inputAssessment":{"gr-1":{"topicPolicy":{"topics":[]}}}}"#,
    /// )?;
    /// let assessments = trace.input_assessment.unwrap_or_default();
    /// // As it was sent, to be read as far as a program needs it.
    /// assert_eq!(assessments["gr-1"].as_str(), r#"{"topicPolicy":{"topics":[]}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct GuardrailTrace {
        /// The model's output before the guardrail replaced it.
        "modelOutput" => model_output: Option<Vec<String>>,
        /// The assessment of the request, by guardrail id.
        "inputAssessment" => input_assessment: Option<BTreeMap<String, Json>>,
        /// The assessments of the answer, by guardrail id.
        "outputAssessments" => output_assessments: Option<BTreeMap<String, Vec<Json>>>,
        /// A description of why it intervened.
        "actionReason" => action_reason: Option<String>,
    }
}

setters! {
    GuardrailTrace {
        /// Sets the model's output before the guardrail replaced it.
        model_output: Vec<String>,
        /// Sets the findings in the request, by guardrail id.
        input_assessment: BTreeMap<String, Json>,
        /// Sets the findings in the answer, by guardrail id.
        output_assessments: BTreeMap<String, Vec<Json>>,
        /// Sets the description of why it intervened.
        action_reason: impl Into<String>,
    }
}

object! {
    /// Which model a prompt router chose.
    pub struct PromptRouterTrace {
        /// The model's id.
        "invokedModelId" => invoked_model_id: Option<String>,
    }
}

impl PromptRouterTrace {
    /// A trace of the choice of the model with this id.
    pub fn new(invoked_model_id: impl Into<String>) -> Self {
        Self { invoked_model_id: Some(invoked_model_id.into()), ..Self::default() }
    }
}
