//! Marks up to which a prompt is cached.

use bedrock_stream_core::content::{CachePointBlock, CacheTtl};

use super::error::Problem;
use super::field::Object;
use super::left_out::{LeftOutFields, LeftOutReason};
use super::path::Path;

/// A cache point, and where the mark is that it was made of.
pub(super) type Mark = (CachePointBlock, Path);

/// Takes `cache_control` of Anthropic's, which LiteLLM and OpenRouter have in Chat Completions too, or
/// `prompt_cache_breakpoint` of OpenAI's.
pub(super) fn mark(object: &mut Object<'_>, left_out: &mut LeftOutFields) -> Result<Option<Mark>, Problem> {
    let own = object.take("cache_control");
    let Some(field) = own.or_else(|| object.take("prompt_cache_breakpoint")) else { return Ok(None) };
    let mut control = field.object()?;
    // `ephemeral` and `explicit` are the only kinds.
    let _ = (control.string("type")?, control.string("mode")?);
    let mut point = CachePointBlock::new();
    if let Some(ttl) = control.take("ttl") {
        match CacheTtl::from(&*ttl.string()?) {
            // A mark without one lives for five minutes anyway.
            CacheTtl::FiveMinutes => point = point.ttl(CacheTtl::FiveMinutes),
            CacheTtl::OneHour => point = point.ttl(CacheTtl::OneHour),
            _ => left_out.push(&ttl.path, LeftOutReason::NoEffect),
        }
    }
    control.finish(left_out);
    Ok(Some((point, field.path)))
}
