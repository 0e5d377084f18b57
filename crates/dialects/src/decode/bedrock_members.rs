use bedrock_stream_core::json::{Fields, Json};

use super::ending::Ending;

/// Takes the members that Bedrock merges into a vendor's payload out of `members`, those that the payload's dialect does not
/// know, and keeps what they say. Returns whether the invocation's metrics were among them, which come last.
pub(super) fn take_bedrock_members(members: &mut Fields, ending: &mut Ending) -> bool {
    if members.is_empty() {
        return false;
    }
    // Padding, which hides how long the text is.
    members.take("p");
    members.take("obfuscation");
    if let Some(action) = members.take("amazon-bedrock-guardrailAction") {
        ending.is_guardrail_intervened |= action.parse::<&str>().is_ok_and(|action| action == "INTERVENED");
    }
    if let Some(trace) = members.take("amazon-bedrock-trace") {
        match trace.parse() {
            Ok(trace) => ending.trace = Some(trace),
            Err(_) if trace == Json::default() => {}
            // It is kept as a member that is not known.
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
