use alloc::string::String;

use bedrock_stream_core::content::{ContentBlock, DocumentBlock, ImageBlock, Role, ToolResultContent};

use crate::request::cache;
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object};
use crate::request::left_out::LeftOutReason;
use crate::request::media::{self, FileContent};
use crate::request::openai::{self, each_part};

/// A part of a message or of a tool's output.
enum Part {
    Text(String),
    Image(ImageBlock),
    Document(DocumentBlock),
}

/// Reads instructions: text, or parts of text, each a block.
pub(super) fn read_system(draft: &mut Draft<'_>, content: &Field<'_>) -> Result<(), Problem> {
    each_part(content, |part, text| {
        let (read, mark) = match text {
            Some(text) => (Part::Text(text), None),
            None => read_part(draft, part)?,
        };
        match read {
            Part::Text(text) => draft.push_system(text, &part.path, mark),
            _ => return Err(part.unsupported("Bedrock takes only text as instructions")),
        }
        Ok(())
    })
}

pub(super) fn read_message(draft: &mut Draft<'_>, role: &Role, content: &Field<'_>) -> Result<(), Problem> {
    each_part(content, |part, text| {
        let (read, mark) = match text {
            Some(text) => (Part::Text(text), None),
            None => read_part(draft, part)?,
        };
        let block: ContentBlock = match read {
            Part::Text(text) => {
                draft.push_text(role, text, &part.path, mark);
                return Ok(());
            }
            _ if *role != Role::User => {
                return Err(part.unsupported("Bedrock takes only text in the model's messages"));
            }
            Part::Image(image) => image.into(),
            Part::Document(document) => document.into(),
        };
        draft.push_block(role, block, &part.path, mark);
        Ok(())
    })
}

/// Reads a part of a tool's output; blank text is left out.
pub(super) fn read_result_part(
    draft: &mut Draft<'_>,
    part: &Field<'_>,
) -> Result<Option<ToolResultContent>, Problem> {
    Ok(match read_part(draft, part)?.0 {
        Part::Text(text) if draft.is_blank(&text, &part.path) => None,
        Part::Text(text) => Some(text.into()),
        Part::Image(image) => Some(image.into()),
        Part::Document(document) => Some(document.into()),
    })
}

fn read_part(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(Part, Option<cache::Mark>), Problem> {
    let mut object = field.object()?;
    let kind = object.require("type")?;
    let mark = cache::mark(&mut object, &mut draft.left_out)?;
    let part = match &*kind.string()? {
        "input_text" | "text" => Part::Text(object.require_string("text")?),
        "output_text" => {
            let text = object.require_string("text")?;
            object.take("logprobs");
            if let Some(annotations) = object.take("annotations") {
                if annotations.list()?.len() > 0 {
                    draft.left_out.push(&annotations.path, LeftOutReason::Unsupported);
                }
            }
            Part::Text(text)
        }
        "refusal" => Part::Text(object.require_string("refusal")?),
        "input_image" => Part::Image(read_image(draft, &mut object)?),
        "input_file" => read_file(draft, &mut object)?,
        _ => {
            return Err(
                kind.invalid("it must be input_text, input_image, input_file, output_text or refusal")
            );
        }
    };
    object.finish(&mut draft.left_out);
    Ok((part, mark))
}

fn read_image(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<ImageBlock, Problem> {
    openai::detail(draft, object)?;
    if let Some(id) = object.take("file_id") {
        return Err(id.unsupported("Bedrock has no files: send the image as a data: URL"));
    }
    media::image_at(&object.require("image_url")?)
}

fn read_file(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<Part, Problem> {
    openai::detail(draft, object)?;
    if let Some(id) = object.take("file_id") {
        return Err(id.unsupported("Bedrock has no files: send the file as base64 in file_data"));
    }
    if let Some(url) = object.take("file_url") {
        return Err(media::by_url(&url, "file"));
    }
    let name = object.string("filename")?;
    let data = object.require("file_data")?;
    Ok(match media::file(&data, name.as_deref(), &mut draft.documents)? {
        FileContent::Document(document) => Part::Document(document),
        FileContent::Image(image) => Part::Image(image),
    })
}
