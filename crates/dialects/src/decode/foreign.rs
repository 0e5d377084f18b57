use alloc::format;
use alloc::string::String;

use serde::de::Error as _;
use serde_json::Error;

use super::members::all_members_of;
use crate::dialect::Dialect;

/// Rejects a payload in a dialect other than `own`, the dialect of the answer. To be called for a payload with no known
/// members of the answer's dialect. A payload in no dialect is not rejected: it is unknown data.
pub(super) fn refuse(payload: &str, own: Dialect) -> Result<(), Error> {
    match Dialect::detect(payload) {
        Some(other) if other != own && !is_common(payload, other) => Err(Error::custom(reason(other, own))),
        _ => Ok(()),
    }
}

/// Why a payload in the dialect `other` is rejected.
pub(super) fn reason(other: Dialect, own: Dialect) -> String {
    format!("it is in the dialect {other}, but the answer is read as {own}")
}

/// Whether servers of other dialects may also send it: a keep-alive, or a member `metadata`.
fn is_common(payload: &str, dialect: Dialect) -> bool {
    let members = all_members_of(payload).unwrap_or_default();
    match dialect {
        Dialect::Messages => members.value("type").is_some_and(|kind| kind.as_str() == "\"ping\""),
        Dialect::Nova => {
            !members.iter().any(|(name, _)| name.starts_with("message") || name.starts_with("contentBlock"))
        }
        Dialect::Completion
        | Dialect::Chat
        | Dialect::Responses
        | Dialect::Titan
        | Dialect::Llama
        | Dialect::Mistral
        | Dialect::Cohere => false,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use crate::decode::steps::{Step, steps};
    use crate::dialect::Dialect;

    /// A payload of each dialect.
    const PAYLOADS: [(Dialect, &str); Dialect::ALL.len()] = [
        (
            Dialect::Messages,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
        ),
        (Dialect::Completion, r#"{"completion":"a","stop_reason":null}"#),
        (Dialect::Chat, r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#),
        (
            Dialect::Responses,
            r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a"}"#,
        ),
        (Dialect::Nova, r#"{"contentBlockDelta":{"delta":{"text":"a"},"contentBlockIndex":0}}"#),
        (Dialect::Titan, r#"{"outputText":"a"}"#),
        (Dialect::Llama, r#"{"generation":"a","stop_reason":null}"#),
        (Dialect::Mistral, r#"{"outputs":[{"text":"a","stop_reason":null}]}"#),
        (Dialect::Cohere, r#"{"text":"a","is_finished":false}"#),
    ];

    fn kinds(dialect: Dialect, payloads: &[&str]) -> Vec<&'static str> {
        let kind = |step| match step {
            Step::Chunk(_) => None,
            Step::Error(kind, _) => Some(kind),
        };
        steps(dialect, payloads).into_iter().filter_map(kind).collect()
    }

    #[test]
    fn every_dialect_is_tried() {
        assert_eq!(PAYLOADS.map(|(dialect, _)| dialect), Dialect::ALL);
    }

    #[test]
    fn a_dialect_that_changes_is_told_and_its_payload_is_skipped() {
        for (dialect, own) in PAYLOADS {
            for (other, payload) in PAYLOADS {
                let expected: &[_] =
                    if other == dialect { &["incomplete"] } else { &["payload", "incomplete"] };
                assert_eq!(kinds(dialect, &[own, payload]), expected, "{dialect}, then {other}");
            }
        }
    }

    #[test]
    fn what_is_of_no_dialect_is_data() {
        for (dialect, own) in PAYLOADS {
            for payload in [r#"{"type":"ping"}"#, r#"{"metadata":{"usage":{}}}"#, r#"{"odd":1}"#, "{}"] {
                assert_eq!(kinds(dialect, &[own, payload]), ["incomplete"], "{dialect}: {payload}");
            }
        }
    }
}
