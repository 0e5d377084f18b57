//! Settings of an answer that several dialects express in much the same way.

use alloc::string::String;

use bedrock_stream_core::answer::ServiceTierType;
use serde_json::json;

use super::draft::Draft;
use super::error::Problem;
use super::field::{Field, Object, Type};
use super::model_family::ModelFamily;

/// The model as the client calls it.
pub(super) fn model(body: &mut Object<'_>) -> Result<String, Problem> {
    let field = body.require("model")?;
    let model = field.string()?;
    if model.trim().is_empty() { Err(field.invalid("it must not be empty")) } else { Ok(model) }
}

pub(super) fn max_tokens(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    draft.inference.max_tokens = Some(field.integer()?);
    draft.origins.note("inferenceConfig.maxTokens", &field.path);
    Ok(())
}

/// Bedrock takes 0 to 1, where OpenAI takes up to 2: what is above is refused by the checks at the end.
pub(super) fn temperature(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    let Some(field) = field else { return Ok(()) };
    draft.inference.temperature = Some(field.number()?);
    draft.origins.note("inferenceConfig.temperature", &field.path);
    Ok(())
}

pub(super) fn top_p(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    let Some(field) = field else { return Ok(()) };
    draft.inference.top_p = Some(field.number()?);
    draft.origins.note("inferenceConfig.topP", &field.path);
    Ok(())
}

/// Only the model knows it.
pub(super) fn top_k(draft: &mut Draft<'_>, field: Option<Field<'_>>) -> Result<(), Problem> {
    let Some(field) = field else { return Ok(()) };
    let top_k = field.integer()?;
    match draft.traits.family {
        ModelFamily::Nova => draft.additional.set("inferenceConfig", json!({"topK": top_k})),
        _ => draft.additional.set("top_k", json!(top_k)),
    }
    Ok(())
}

/// A text at which the model stops, or a list of them.
pub(super) fn stop_sequences(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    draft.origins.note("inferenceConfig.stopSequences", &field.path);
    let sequences = draft.inference.stop_sequences.get_or_insert_default();
    if field.type_of() == Type::Text {
        sequences.push(field.string()?);
    } else {
        for sequence in field.list()? {
            sequences.push(sequence.string()?);
        }
    }
    if sequences.is_empty() {
        draft.inference.stop_sequences = None;
    } else if draft.traits.family == ModelFamily::Anthropic {
        // The only way to learn which of them stopped the model.
        draft.response_fields.push(STOP_SEQUENCE_FIELD.into());
    }
    Ok(())
}

/// Bedrock's own tiers; the usual one is not named.
pub(super) fn service_tier(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    match &*field.string()? {
        "auto" | "default" => {}
        "flex" => draft.service_tier = Some(ServiceTierType::Flex),
        "priority" => draft.service_tier = Some(ServiceTierType::Priority),
        _ => return draft.refuse(field, "Bedrock's tiers are default, flex and priority"),
    }
    Ok(())
}

/// Where a stream of Claude's reports the stop sequence.
///
/// Source: `additionalModelResponseFieldPaths` of the Amazon Bedrock Runtime API.
const STOP_SEQUENCE_FIELD: &str = "/delta/stop_sequence";
