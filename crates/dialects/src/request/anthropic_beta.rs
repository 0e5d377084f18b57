//! The betas of Anthropic's API that a client asks for.

use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::Json;

use super::draft::Draft;
use super::error::Problem;
use super::field::{Field, Type};
use super::left_out::LeftOutReason;
use super::model_family::ModelFamily;

/// Takes the names in a member of the body.
pub(super) fn read(draft: &mut Draft<'_>, field: &Field<'_>) -> Result<(), Problem> {
    if field.type_of() == Type::Text {
        draft.betas.push((field.string()?, field.path.clone()));
        return Ok(());
    }
    for name in field.list()? {
        draft.betas.push((name.string()?, name.path.clone()));
    }
    Ok(())
}

/// Passes on those that Bedrock takes, to the models that know betas.
pub(super) fn finish(draft: &mut Draft<'_>) {
    let header = draft.body.member("anthropic-beta");
    let of_header = draft.options.betas.iter().map(|name| (name.clone(), header.other_member(name)));
    let asked: Vec<_> = core::mem::take(&mut draft.betas).into_iter().chain(of_header).collect();
    let is_claude = draft.traits.family == ModelFamily::Anthropic;
    let mut passed: Vec<String> = Vec::new();
    for (name, path) in asked {
        if is_claude && draft.options.allows_beta(&name, draft.traits.reasoning) {
            if !passed.contains(&name) {
                passed.push(name);
            }
        } else {
            draft.left_out.push(&path, LeftOutReason::Unsupported);
        }
    }
    if !passed.is_empty() {
        draft.additional.set("anthropic_beta", Json::from_value(&passed).unwrap_or_default());
    }
}
