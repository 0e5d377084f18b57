//! Earlier reasoning of the model, which it must get back unchanged.

use alloc::string::String;

use bedrock_stream_core::content::{ReasoningBlock, Role};

use crate::request::draft::Draft;
use crate::request::error::Problem;
use crate::request::field::{Field, Object};
use crate::request::left_out::LeftOutReason;
use crate::request::media;

/// Takes the reasoning of an assistant message, from the member that tells the most of it: the others repeat it.
pub(super) fn read(draft: &mut Draft<'_>, message: &mut Object<'_>) -> Result<(), Problem> {
    let details = message.take("reasoning_details");
    let blocks = message.take("thinking_blocks");
    let shown = message.take("reasoning_content").into_iter().chain(message.take("reasoning"));
    let shown = shown.reduce(|first, _| first);
    let signature = message.string("reasoning_signature")?.filter(|signature| !signature.is_empty());
    if let Some(details) = details {
        let mut items = details.list()?.peekable();
        if items.peek().is_some() {
            return items.try_for_each(|item| read_detail(draft, &item));
        }
    }
    if let Some(blocks) = blocks {
        let mut items = blocks.list()?.peekable();
        if items.peek().is_some() {
            return items.try_for_each(|item| read_block(draft, &item));
        }
    }
    if let Some(shown) = shown {
        let text = shown.string()?;
        if !text.is_empty() {
            draft.push_reasoning(text, signature, &shown.path);
        }
    }
    Ok(())
}

/// An item of `reasoning_details`.
fn read_detail(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut item = field.object()?;
    match &*item.require_string("type")? {
        "reasoning.text" => {
            let text = item.string("text")?.unwrap_or_default();
            let signature = item.string("signature")?.filter(|signature| !signature.is_empty());
            draft.push_reasoning(text, signature, &field.path);
        }
        "reasoning.encrypted" => push_redacted(draft, &item.require("data")?)?,
        // Summaries and what comes later: nothing that a model must get back.
        _ => {
            draft.left_out.push(&field.path, LeftOutReason::Unsigned);
            return Ok(());
        }
    }
    for name in ["index", "id", "format"] {
        item.take(name);
    }
    item.finish(&mut draft.left_out);
    Ok(())
}

/// An item of `thinking_blocks`.
fn read_block(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    let mut item = field.object()?;
    match &*item.require_string("type")? {
        "thinking" => {
            let text: String = item.string("thinking")?.unwrap_or_default();
            let signature = item.string("signature")?.filter(|signature| !signature.is_empty());
            draft.push_reasoning(text, signature, &field.path);
        }
        "redacted_thinking" => push_redacted(draft, &item.require("data")?)?,
        _ => {
            draft.left_out.push(&field.path, LeftOutReason::Unsigned);
            return Ok(());
        }
    }
    // Where LiteLLM's stream had it, and its cache mark, which Bedrock has no place for behind reasoning.
    for name in ["index", "cache_control"] {
        item.take(name);
    }
    item.finish(&mut draft.left_out);
    Ok(())
}

/// A value that is not base64 is another vendor's.
fn push_redacted(draft: &mut Draft<'_>, data: &Field<'_>) -> Result<(), Problem> {
    data.string()?;
    match media::base64(data) {
        Ok(bytes) => draft.push_block(&Role::Assistant, ReasoningBlock::Redacted(bytes), &data.path, None),
        Err(_) => draft.left_out.push(&data.path, LeftOutReason::Unsigned),
    }
    Ok(())
}
