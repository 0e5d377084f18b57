//! Images and files that a request holds as base64.

use alloc::string::{String, ToString};

use bedrock_stream_core::content::{
    DocumentBlock, DocumentFormat, DocumentSource, ImageBlock, ImageError, ImageFormat,
};
use bedrock_stream_core::json::Blob;

use super::document::{DocumentNames, of_file_name, of_media_type};
use super::error::Problem;
use super::field::Field;

/// The image at a URL, which must be a `data:` URL.
pub(super) fn image_at(url: &Field<'_>) -> Result<ImageBlock, Problem> {
    let text = url.string()?;
    if !is_data_url(&text) {
        return Err(by_url(url, "image"));
    }
    match ImageBlock::from_data_url(&text) {
        Ok(image) => Ok(image),
        // Some encoders break lines.
        Err(ImageError::Base64) => {
            ImageBlock::from_data_url(&without_space(&text)).map_err(|e| bad_image(url, &e))
        }
        Err(error) => Err(bad_image(url, &error)),
    }
}

/// The image of this media type, in base64.
pub(super) fn image_of(media_type: &Field<'_>, data: &Field<'_>) -> Result<ImageBlock, Problem> {
    let format = ImageFormat::from_media_type(media_type.string()?.trim())
        .ok_or_else(|| media_type.invalid(MEDIA_TYPES))?;
    Ok(ImageBlock::new(format, base64(data)?))
}

/// The file in a `data:` URL or plain base64.
pub(super) fn file(
    data: &Field<'_>,
    name: Option<&str>,
    names: &mut DocumentNames,
) -> Result<FileContent, Problem> {
    let text = data.string()?;
    let (media_type, content) = match text.trim().split_once(',') {
        Some((head, content)) if is_data_url(head) => {
            let head = head.trim().get(DATA.len()..).unwrap_or_default();
            let is_base64 =
                head.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
            if !is_base64 {
                return Err(data.invalid("the data: URL must hold base64"));
            }
            (head.split(';').next().unwrap_or_default(), content)
        }
        _ if is_address(&text) => return Err(by_url(data, "file")),
        _ => ("", text.as_str()),
    };
    let bytes =
        read_base64(content).ok_or_else(|| data.invalid("it must be base64, or a data: URL of base64"))?;
    if let Some(format) = ImageFormat::from_media_type(media_type.trim()) {
        return Ok(FileContent::Image(ImageBlock::new(format, bytes)));
    }
    let format = of_media_type(media_type).or_else(|| name.and_then(of_file_name));
    let format = format.or_else(|| bytes.0.starts_with(b"%PDF-").then_some(DocumentFormat::Pdf));
    let format = format.ok_or_else(|| {
        data.invalid("its media type or its file name must say that it is pdf, csv, doc, docx, xls, xlsx, html, txt or md")
    })?;
    let document = DocumentBlock::new(names.assign(name), DocumentSource::Bytes(bytes)).format(format);
    Ok(FileContent::Document(document))
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum FileContent {
    Document(DocumentBlock),
    /// Some clients send images as files.
    Image(ImageBlock),
}

/// The bytes of base64 text.
pub(super) fn base64(data: &Field<'_>) -> Result<Blob, Problem> {
    let text = data.string()?;
    read_base64(&text).filter(|bytes| !bytes.0.is_empty()).ok_or_else(|| data.invalid("it must be base64"))
}

/// What is told of something that is to be fetched.
pub(super) fn by_url(field: &Field<'_>, what: &str) -> Problem {
    field.unsupported(alloc::format!(
        "Bedrock takes the bytes of {} {what}, not its address: send it as base64",
        if what == "image" { "an" } else { "a" }
    ))
}

fn read_base64(text: &str) -> Option<Blob> {
    Blob::from_base64(text).or_else(|| Blob::from_base64(&without_space(text)))
}

fn without_space(text: &str) -> String {
    text.split_ascii_whitespace().collect()
}

fn is_data_url(text: &str) -> bool {
    text.trim_start().get(..DATA.len()).is_some_and(|start| start.eq_ignore_ascii_case(DATA))
}

fn is_address(text: &str) -> bool {
    ["http://", "https://", "s3://", "file://"].iter().any(|scheme| text.trim_start().starts_with(scheme))
}

fn bad_image(url: &Field<'_>, error: &ImageError) -> Problem {
    match error {
        // It says what the request has instead, and the gateway logs no contents.
        ImageError::Format { .. } => url.invalid(MEDIA_TYPES),
        _ => url.invalid(error.to_string()),
    }
}

const MEDIA_TYPES: &str = "Bedrock takes image/png, image/jpeg, image/gif and image/webp";

const DATA: &str = "data:";
