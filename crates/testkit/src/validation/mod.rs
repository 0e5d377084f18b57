//! Finds what Bedrock would refuse in a request.

mod invalid_request;
mod shapes;
mod tool_turns;
mod unions;

use bedrock_stream_core::content::Role;
use bedrock_stream_core::converse::{Constraint, OutputFormatStructure, Request};
use serde_json::Value;

pub use self::invalid_request::InvalidRequest;
pub(crate) use self::shapes::UnknownMember;

/// A request that Bedrock would answer.
#[derive(Debug)]
pub(crate) struct ValidRequest {
    pub(crate) request: Request,
    /// The schema for the text of the answer.
    pub(crate) output_schema: Option<Value>,
    /// Unknown members, which are not part of `request`; the first ones if there are very many.
    pub(crate) unknown_members: Vec<UnknownMember>,
}

/// Parses the body of a request, and refuses what Bedrock would refuse.
pub(crate) fn validate(body: &[u8]) -> Result<ValidRequest, InvalidRequest> {
    let mut value: Value = serde_json::from_slice(body)
        .map_err(|error| InvalidRequest::NotJson { reason: error.to_string() })?;
    let shape = |error: serde_json::Error| InvalidRequest::Shape { reason: error.to_string() };
    let mut request: Request = serde_json::from_slice(body).map_err(shape)?;
    let unknown_members = shapes::take_unknown(&mut value);
    if !unknown_members.is_empty() {
        request = serde_json::from_value(value.clone()).map_err(shape)?;
    }
    unions::check(&value)?;
    let messages = request.messages.as_deref().unwrap_or_default();
    if messages.is_empty() && request.prompt_variables.is_none() {
        return Err(InvalidRequest::NoMessages);
    }
    for (message, of) in messages.iter().enumerate() {
        match &of.role {
            Role::Unknown(role) if !role.is_empty() => {
                return Err(InvalidRequest::UnknownRole { message, role: role.clone() });
            }
            _ => {}
        }
    }
    // Bedrock checks tool results before it checks that roles alternate.
    let finding =
        request.lint().into_iter().min_by_key(|finding| u8::from(finding.reason == Constraint::RoleRepeated));
    if let Some(finding) = finding {
        let is_about_turns = matches!(finding.reason, Constraint::AnswersNoToolUse | Constraint::Unanswered);
        let of_turns = if is_about_turns { tool_turns::check(messages) } else { Ok(()) };
        return Err(of_turns.err().unwrap_or(InvalidRequest::ConstraintViolation(finding)));
    }
    Ok(ValidRequest { output_schema: output_schema(&request)?, unknown_members, request })
}

/// The schema of `outputConfig.textFormat`, or of the member that Anthropic's models have for it.
fn output_schema(request: &Request) -> Result<Option<Value>, InvalidRequest> {
    let format = request.output_config.as_ref().and_then(|config| config.text_format.as_ref());
    let schema =
        format.into_iter().flat_map(|format| format.structure.members()).find_map(|member| match member {
            OutputFormatStructure::JsonSchema(schema) => Some(&schema.schema),
            _ => None,
        });
    let schema = schema
        .map(|schema| serde_json::from_str(schema))
        .transpose()
        .map_err(|error| InvalidRequest::OutputSchema { reason: error.to_string() })?;
    Ok(schema.or_else(|| {
        let fields: Value = request.additional_model_request_fields.as_ref()?.parse().ok()?;
        fields["output_config"]["format"].get("schema").cloned()
    }))
}
