use bedrock_stream_core::json::{Fields, Json};

use super::ending::Ending;
use super::members::{Members, all_members_of};

/// Removes the members that Bedrock adds to a vendor's payload from `members`, the members unknown to the payload's
/// dialect, and records their content. Returns whether the invocation metrics, which come last, were among them.
pub(super) fn take_bedrock_members(members: &mut Fields, ending: &mut Ending) -> bool {
    if members.is_empty() {
        return false;
    }
    // Padding, which hides the length of the text.
    members.take("p");
    members.take("obfuscation");
    if let Some(action) = members.take("amazon-bedrock-guardrailAction") {
        ending.is_guardrail_intervened |= action.parse::<&str>().is_ok_and(|action| action == "INTERVENED");
    }
    if let Some(trace) = members.take("amazon-bedrock-trace") {
        match trace.parse() {
            Ok(trace) => ending.trace = Some(trace),
            Err(_) if trace == Json::default() => {}
            // It is kept as an unknown member.
            Err(_) => members.push("amazon-bedrock-trace".into(), trace),
        }
    }
    match members.take("amazon-bedrock-invocationMetrics") {
        Some(metrics) if metrics != Json::default() => {
            ending.invocation_metrics = Some(metrics);
            true
        }
        _ => false,
    }
}

/// A payload as it was sent, without the members that Bedrock adds, whose content is recorded.
pub(super) fn without_bedrock_members(payload: &str, ending: &mut Ending) -> Result<Json, serde_json::Error> {
    let mut members = all_members_of(payload)?;
    let count = members.len();
    take_bedrock_members(&mut members, ending);
    if members.len() == count { Json::from_text(payload) } else { Json::from_value(&Members(&members)) }
}
