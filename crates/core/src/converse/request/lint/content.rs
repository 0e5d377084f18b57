//! Rules for one content block.

use super::constraint_violation::Constraint;
use super::linter::Linter;
use crate::content::{
    ContentBlock, DocumentBlock, DocumentSource, GuardContent, GuardImageSource, MediaSource, S3Location,
    ToolInput, ToolReference, ToolResultBlock, ToolResultContent, ToolResultStatus, ToolUseBlock,
};
use crate::json::Json;

pub(super) fn block(linter: &mut Linter, block: &ContentBlock) {
    linter.union(block.members(), |linter, member| match member {
        ContentBlock::Text(text) => {
            linter.member("text", |linter| linter.find_if(text.trim().is_empty(), Constraint::Blank));
        }
        ContentBlock::Image(image) => linter.member("image", |linter| {
            media(linter, image.format.is_some(), image.source.as_ref(), image.error.is_some());
        }),
        ContentBlock::Document(block) => linter.member("document", |linter| document(linter, block)),
        ContentBlock::Video(video) => linter.member("video", |linter| {
            media(linter, !video.format.as_str().is_empty(), Some(&video.source), false);
        }),
        ContentBlock::Audio(audio) => linter.member("audio", |linter| {
            media(linter, audio.format.is_some(), audio.source.as_ref(), audio.error.is_some());
        }),
        ContentBlock::ToolUse(tool_use) => linter.member("toolUse", |linter| call(linter, tool_use)),
        ContentBlock::ToolResult(result) => linter.member("toolResult", |linter| tool_result(linter, result)),
        ContentBlock::GuardContent(guard) => {
            linter.member("guardContent", |linter| guard_content(linter, guard));
        }
        ContentBlock::Reasoning(reasoning) => linter.member("reasoningContent", |linter| {
            linter.union(reasoning.members(), |_, _| {});
        }),
        ContentBlock::ToolAddition(addition) => linter.member("toolAddition", |linter| {
            linter.member("tool", |linter| tool_reference(linter, &addition.tool));
        }),
        ContentBlock::ToolRemoval(removal) => linter.member("toolRemoval", |linter| {
            linter.member("tool", |linter| tool_reference(linter, &removal.tool));
        }),
        _ => {}
    });
}

pub(super) fn guard_content(linter: &mut Linter, guard: &GuardContent) {
    linter.union(guard.members(), |linter, member| {
        if let GuardContent::Image(image) = member {
            linter.member("image", |linter| {
                linter.member("format", |linter| {
                    linter.find_if(image.format.as_str().is_empty(), Constraint::Missing);
                });
                linter.member("source", |linter| {
                    linter.union(image.source.members(), |linter, member| {
                        if let GuardImageSource::Bytes(bytes) = member {
                            linter.member("bytes", |linter| {
                                linter.find_if(bytes.0.is_empty(), Constraint::Empty);
                            });
                        }
                    });
                });
            });
        }
    });
}

/// Whether free-form JSON is an object.
pub(super) fn is_object(json: &Json) -> bool {
    json.as_str().starts_with('{')
}

fn call(linter: &mut Linter, tool_use: &ToolUseBlock) {
    linter.member("toolUseId", |linter| linter.tool_use_id(&tool_use.tool_use_id));
    linter.member("name", |linter| linter.tool_name(&tool_use.name));
    linter.member("input", |linter| match &tool_use.input {
        ToolInput::Json(json) => linter.find_if(!is_object(json), Constraint::NotAnObject),
        ToolInput::Empty => {}
        ToolInput::Text { .. } => linter.find(Constraint::NotAnObject),
        ToolInput::Malformed { .. } | ToolInput::Truncated { .. } => linter.find(Constraint::MalformedInput),
    });
}

fn tool_result(linter: &mut Linter, result: &ToolResultBlock) {
    linter.member("toolUseId", |linter| linter.tool_use_id(&result.tool_use_id));
    // A result without a status may be empty, and its text blank.
    let says_nothing = result.content.is_empty() && result.status == Some(ToolResultStatus::Error);
    linter.member("content", |linter| {
        linter.find_if(says_nothing, Constraint::EmptyError);
        linter.items(&result.content, tool_result_content);
    });
}

fn tool_result_content(linter: &mut Linter, part: &ToolResultContent) {
    linter.union(part.members(), |linter, member| match member {
        ToolResultContent::Json(json) => {
            linter.member("json", |linter| linter.find_if(!is_object(json), Constraint::NotAnObject));
        }
        ToolResultContent::Image(image) => linter.member("image", |linter| {
            media(linter, image.format.is_some(), image.source.as_ref(), image.error.is_some());
        }),
        ToolResultContent::Document(block) => linter.member("document", |linter| document(linter, block)),
        ToolResultContent::Video(video) => linter.member("video", |linter| {
            media(linter, !video.format.as_str().is_empty(), Some(&video.source), false);
        }),
        _ => {}
    });
}

/// An image, a video or an audio clip. One that could not be generated has an error in place of the rest.
fn media(linter: &mut Linter, has_format: bool, source: Option<&MediaSource>, has_error: bool) {
    linter.member("format", |linter| linter.find_if(!has_format && !has_error, Constraint::Missing));
    linter.member("source", |linter| match source {
        Some(source) => linter.union(source.members(), |linter, member| match member {
            MediaSource::Bytes(bytes) => {
                linter.member("bytes", |linter| linter.find_if(bytes.0.is_empty(), Constraint::Empty));
            }
            MediaSource::S3Location(location) => s3_location(linter, location),
            _ => {}
        }),
        None => linter.find_if(!has_error, Constraint::Missing),
    });
}

fn document(linter: &mut Linter, document: &DocumentBlock) {
    linter.member("name", |linter| {
        linter.length(&document.name, 200);
        // What Bedrock does with characters outside ASCII is not known well enough, and `_` is accepted, despite the
        // text of the refusal.
        linter.characters(
            &document.name,
            |c| {
                !c.is_ascii()
                    || c.is_ascii_alphanumeric()
                    || c.is_whitespace()
                    || matches!(c, '-' | '(' | ')' | '[' | ']' | '_')
            },
            "letters, digits, white space, hyphens, parentheses, square brackets and `_`",
        );
        let consecutive =
            document.name.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_whitespace));
        linter.find_if(consecutive, Constraint::ConsecutiveWhitespace);
    });
    linter.member("source", |linter| {
        linter.union(document.source.members(), |linter, member| match member {
            DocumentSource::Bytes(bytes) => {
                linter.member("bytes", |linter| linter.find_if(bytes.0.is_empty(), Constraint::Empty));
            }
            DocumentSource::S3Location(location) => s3_location(linter, location),
            _ => {}
        });
    });
}

fn s3_location(linter: &mut Linter, location: &S3Location) {
    linter.member("s3Location", |linter| {
        linter.member("uri", |linter| linter.length(&location.uri, 1024));
    });
}

fn tool_reference(linter: &mut Linter, tool: &ToolReference) {
    for (name, value, max) in
        [("type", &tool.kind, 64), ("name", &tool.name, 128), ("serverName", &tool.server_name, 128)]
    {
        if let Some(value) = value {
            linter.member(name, |linter| linter.length(value, max));
        }
    }
}
