use alloc::string::String;

use bedrock_stream_core::content::{
    AudioBlock, AudioFormat, ContentBlock, ImageBlock, Role, ToolResultContent,
};

use crate::request::cache::{self, Mark};
use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object, Type};
use crate::request::media::{self, FileContent};
use crate::request::openai::{self, each_part};

/// Reads instructions: text, or parts of text, each a block.
pub(super) fn read_system(draft: &mut Draft<'_>, content: &Field<'_>) -> Result<(), Problem> {
    each_part(content, |part, text| {
        if let Some(text) = text {
            draft.push_system(text, &part.path, None);
            return Ok(());
        }
        let (text, mark) = text_part(draft, part)?;
        draft.push_system(text, &part.path, mark);
        Ok(())
    })
}

pub(super) fn read_user(draft: &mut Draft<'_>, content: &Field<'_>) -> Result<(), Problem> {
    each_part(content, |part, text| {
        if let Some(text) = text {
            draft.push_text(&Role::User, text, &part.path, None);
            return Ok(());
        }
        read_user_part(draft, part)
    })
}

/// Reads what the model said: text or refusals, which are text too.
pub(super) fn read_assistant(draft: &mut Draft<'_>, content: &Field<'_>) -> Result<(), Problem> {
    each_part(content, |part, text| {
        let (text, mark) = match text {
            Some(text) => (text, None),
            None => text_part(draft, part)?,
        };
        draft.push_text(&Role::Assistant, text, &part.path, mark);
        Ok(())
    })
}

/// Reads a part of a tool's result. Images are an extension.
pub(super) fn read_result_part(
    draft: &mut Draft<'_>,
    part: &Field<'_>,
) -> Result<(Option<ToolResultContent>, Option<Mark>), Problem> {
    let mut object = part.object()?;
    let kind = object.require("type")?;
    let mark = cache::mark(&mut object, &mut draft.left_out)?;
    let read = match &*kind.string()? {
        "text" => {
            let text = object.require_string("text")?;
            if draft.is_blank(&text, &part.path) { None } else { Some(text.into()) }
        }
        "image_url" => Some(read_image(draft, &mut object)?.into()),
        _ => return Err(kind.unsupported("Bedrock takes text and images in a tool's result")),
    };
    object.finish(&mut draft.left_out);
    Ok((read, mark))
}

fn text_part(draft: &mut Draft<'_>, part: &Field<'_>) -> Result<(String, Option<Mark>), Problem> {
    let mut object = part.object()?;
    let kind = object.require("type")?;
    let text = match &*kind.string()? {
        "text" => object.require_string("text")?,
        "refusal" => object.require_string("refusal")?,
        _ => return Err(kind.unsupported("Bedrock takes only text here")),
    };
    let mark = cache::mark(&mut object, &mut draft.left_out)?;
    object.finish(&mut draft.left_out);
    Ok((text, mark))
}

fn read_user_part(draft: &mut Draft<'_>, part: &Field<'_>) -> Result<(), Problem> {
    let mut object = part.object()?;
    let kind = object.require("type")?;
    let mark = cache::mark(&mut object, &mut draft.left_out)?;
    let block: ContentBlock = match &*kind.string()? {
        "text" => {
            let text = object.require_string("text")?;
            object.finish(&mut draft.left_out);
            draft.push_text(&Role::User, text, &part.path, mark);
            return Ok(());
        }
        "image_url" => read_image(draft, &mut object)?.into(),
        "file" => {
            let mut file = object.require("file")?.object()?;
            let block = read_file(draft, &mut file)?;
            file.finish(&mut draft.left_out);
            block
        }
        "input_audio" => {
            let mut audio = object.require("input_audio")?.object()?;
            let block = read_audio(&mut audio)?;
            audio.finish(&mut draft.left_out);
            block.into()
        }
        _ => return Err(kind.invalid("it must be text, image_url, input_audio or file")),
    };
    object.finish(&mut draft.left_out);
    draft.push_block(&Role::User, block, &part.path, mark);
    Ok(())
}

fn read_image(draft: &mut Draft<'_>, object: &mut Object<'_>) -> Result<ImageBlock, Problem> {
    let field = object.require("image_url")?;
    // Some clients send only the URL.
    if field.type_of() == Type::Text {
        return media::image_at(&field);
    }
    let mut image = field.object()?;
    let url = image.require("url")?;
    openai::detail(draft, &mut image)?;
    image.finish(&mut draft.left_out);
    media::image_at(&url)
}

fn read_file(draft: &mut Draft<'_>, file: &mut Object<'_>) -> Result<ContentBlock, Problem> {
    if let Some(id) = file.take("file_id") {
        return Err(id.unsupported("Bedrock has no files: send the file as base64 in file_data"));
    }
    let name = file.string("filename")?;
    let data = file.require("file_data")?;
    Ok(match media::file(&data, name.as_deref(), &mut draft.documents)? {
        FileContent::Document(document) => document.into(),
        FileContent::Image(image) => image.into(),
    })
}

fn read_audio(audio: &mut Object<'_>) -> Result<AudioBlock, Problem> {
    let format = audio.require("format")?;
    let format = match &*format.string()? {
        "wav" => AudioFormat::Wav,
        "mp3" => AudioFormat::Mp3,
        _ => return Err(format.invalid("it must be wav or mp3")),
    };
    Ok(AudioBlock::new(format, media::base64(&audio.require("data")?)?))
}
