//! The required format of an answer's text, in OpenAI's dialects.

use bedrock_stream_core::converse::{JsonSchema, OutputFormat};

use super::draft::Draft;
use super::error::Problem;
use super::field::{Field, Object};
use super::left_out::LeftOutReason;

/// Takes the kind of a format; `true`: it is a schema, whose members are still to be read.
pub(super) fn read_kind(draft: &mut Draft<'_>, format: &mut Object<'_>) -> Result<bool, Problem> {
    let kind = format.require("type")?;
    match &*kind.string()? {
        "json_schema" => Ok(true),
        "text" => Ok(false),
        // Bedrock refuses a schema that allows any object.
        "json_object" => draft.refuse(&kind, JSON_OBJECT).map(|()| false),
        _ => Err(kind.invalid("it must be text or json_schema")),
    }
}

/// Takes a schema. Bedrock always enforces it, and refuses one that is not strict.
pub(super) fn read_schema(draft: &mut Draft<'_>, mut members: Object<'_>) -> Result<(), Problem> {
    let schema: Field<'_> = members.require("schema")?;
    let json = schema.json_object()?;
    let mut definition = JsonSchema::new(json.as_str());
    definition.name = members.string("name")?.filter(|name| !name.is_empty());
    definition.description = members.string("description")?.filter(|text| !text.is_empty());
    // Bedrock always follows the schema strictly.
    if let Some(strict) = members.take("strict") {
        if !strict.boolean()? {
            draft.left_out.push(&strict.path, LeftOutReason::Unsupported);
        }
    }
    members.finish(&mut draft.left_out);
    draft.output.text_format = Some(OutputFormat::json_schema(definition));
    draft.origins.note("outputConfig.textFormat", &schema.path);
    Ok(())
}

const JSON_OBJECT: &str = "Bedrock has no JSON without a schema: give a json_schema";
