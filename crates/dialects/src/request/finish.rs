use alloc::vec::Vec;

use bedrock_stream_core::answer::ServiceTier;
use bedrock_stream_core::converse::{InferenceConfig, OutputConfig, Request};

use super::anthropic_beta;
use super::converted_request::{AnswerOptions, ConvertedRequest};
use super::draft::Draft;
use super::error::Problem;
use super::path::Path;
use super::reasoning;
use super::tools;

/// The request, checked against what Bedrock is known to refuse.
pub(super) fn finish(mut draft: Draft<'_>, messages: &Path) -> Result<ConvertedRequest, Problem> {
    if draft.conversation.is_empty() {
        return Err(Problem::invalid(messages.clone(), "there must be a message that is not blank"));
    }
    let asks_for_reasoning = reasoning::finish(&mut draft)?;
    let tool_config = tools::finish(&mut draft)?;
    anthropic_beta::finish(&mut draft);
    let mut request = Request::new();
    let (turns, paths) = draft.conversation.finish();
    draft.origins.messages = paths;
    request.messages = Some(turns);
    let (system, paths): (Vec<_>, Vec<_>) = draft.system.into_iter().unzip();
    draft.origins.system = paths;
    request.system = Some(system).filter(|system| !system.is_empty());
    request.inference_config = Some(draft.inference).filter(|config| *config != InferenceConfig::default());
    request.tool_config = tool_config;
    request.guardrail_config = draft.options.guardrail.clone();
    request.additional_model_request_fields = draft.additional.into_json();
    request.additional_model_response_field_paths =
        Some(draft.response_fields).filter(|paths| !paths.is_empty());
    request.service_tier = draft.service_tier.map(ServiceTier::new);
    request.output_config = Some(draft.output).filter(|config| *config != OutputConfig::default());
    if let Some(violation) = request.lint().into_iter().next() {
        return Err(draft.origins.problem(violation, &draft.body, messages));
    }
    Ok(ConvertedRequest {
        request,
        model: draft.model,
        stream: draft.stream,
        left_out: draft.left_out,
        answer: AnswerOptions {
            family: draft.traits.family,
            tools: draft.names,
            include_usage: draft.include_usage,
            asks_for_reasoning,
            request_members: draft.request_members,
        },
    })
}
