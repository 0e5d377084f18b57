use bedrock_stream_core::content::{ToolResultBlock, ToolResultContent, ToolResultStatus};

use super::source::{read_document, read_image, read_search_result};
use crate::request::cache::{self, Mark};
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};

/// Reads the result of a tool. A cache mark within stands behind the whole, since Bedrock has none inside.
pub(super) fn read(
    draft: &mut Draft<'_>,
    object: &mut Object<'_>,
    field: &Field<'_>,
    mut mark: Option<Mark>,
) -> Result<(), Problem> {
    let mut result = ToolResultBlock::default();
    result.tool_use_id = draft.call_id(&object.require("tool_use_id")?)?;
    if object.boolean("is_error")? == Some(true) {
        result.status = Some(ToolResultStatus::Error);
    }
    match object.take("content") {
        Some(content) if content.type_of() == Type::Text => {
            let text = content.string()?;
            if !draft.is_blank(&text, &content.path) {
                result.content.push(text.into());
            }
        }
        Some(content) => {
            for part in content.list()? {
                let (part, inner) = read_part(draft, &part)?;
                result.content.extend(part);
                mark = mark.or(inner);
            }
        }
        None => {}
    }
    draft.push_result(result, &field.path, mark);
    Ok(())
}

fn read_part(
    draft: &mut Draft<'_>,
    field: &Field<'_>,
) -> Result<(Option<ToolResultContent>, Option<Mark>), Problem> {
    let mut object = field.object()?;
    let kind = object.require("type")?;
    let mark = cache::mark(&mut object, &mut draft.left_out)?;
    let part = match &*kind.string()? {
        "text" => {
            let text = object.require_string("text")?;
            if draft.is_blank(&text, &field.path) { None } else { Some(text.into()) }
        }
        "image" => Some(read_image(draft, &mut object)?.into()),
        "document" => Some(read_document(draft, &mut object)?.into()),
        "search_result" => Some(read_search_result(draft, &mut object)?.into()),
        _ => {
            draft.refuse(
                &kind,
                "Bedrock takes text, images, documents and search results in a tool's result",
            )?;
            return Ok((None, mark));
        }
    };
    object.finish(&mut draft.left_out);
    Ok((part, mark))
}
