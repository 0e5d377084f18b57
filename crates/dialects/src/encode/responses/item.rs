use alloc::vec::Vec;

use bedrock_stream_core::json::Blob;

use super::namespaces::Namespaces;
use crate::encode::blocks::Block;
use crate::encode::encrypted_reasoning::{of_redacted, of_text};
use crate::encode::json_writer::{comma, number, string};
use crate::encode::source::write_url_citation;

/// The status of an item of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemStatus {
    InProgress,
    Completed,
    Incomplete,
}

impl ItemStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Appends the id of an item, in quotes: the answer's id, with the item's kind and number.
pub(super) fn write_id(answer_id: &str, number_of_item: usize, block: &Block, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(match block {
        Block::Text { .. } => b"msg_",
        Block::Reasoning { .. } | Block::Redacted { .. } => b"rs_",
        Block::Call { call, .. } if call.is_custom => b"ctc_",
        Block::Call { .. } => b"fc_",
    });
    crate::encode::json_writer::escaped(out, answer_id.strip_prefix("resp_").unwrap_or(answer_id));
    out.push(b'_');
    number(out, number_of_item as u64);
    out.push(b'"');
}

/// Appends an item. One in progress is empty: its content follows as deltas.
pub(super) fn write_item(
    answer_id: &str,
    namespaces: &Namespaces,
    number_of_item: usize,
    block: &Block,
    status: ItemStatus,
    out: &mut Vec<u8>,
) {
    let is_whole = status != ItemStatus::InProgress;
    out.extend_from_slice(b"{\"id\":");
    write_id(answer_id, number_of_item, block, out);
    match block {
        Block::Text { .. } => {
            out.extend_from_slice(b",\"type\":\"message\",\"role\":\"assistant\",\"content\":[");
            if is_whole {
                write_text_part(block, out);
            }
            out.push(b']');
        }
        Block::Reasoning { text, signature } => {
            out.extend_from_slice(b",\"type\":\"reasoning\",\"summary\":[");
            if is_whole && !text.is_empty() {
                write_summary_part(text, out);
            }
            out.push(b']');
            if is_whole {
                out.extend_from_slice(b",\"encrypted_content\":");
                string(out, &of_text(text, signature));
            }
        }
        Block::Redacted { data } => {
            out.extend_from_slice(b",\"type\":\"reasoning\",\"summary\":[]");
            if is_whole {
                out.extend_from_slice(b",\"encrypted_content\":");
                string(out, &of_redacted(&Blob(data.clone())));
            }
        }
        Block::Call { call, id, name, arguments, .. } => {
            out.extend_from_slice(if call.is_custom {
                b",\"type\":\"custom_tool_call\",\"call_id\":"
            } else {
                b",\"type\":\"function_call\",\"call_id\":"
            });
            string(out, id);
            let (namespace, name) = namespaces.split(name);
            if let Some(namespace) = namespace {
                out.extend_from_slice(b",\"namespace\":");
                string(out, namespace);
            }
            out.extend_from_slice(b",\"name\":");
            string(out, name);
            out.extend_from_slice(if call.is_custom { b",\"input\":" } else { b",\"arguments\":" });
            string(out, if is_whole { arguments } else { "" });
        }
    }
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(status.as_str().as_bytes());
    out.extend_from_slice(b"\"}");
}

/// Appends the part of a message that contains its text.
pub(super) fn write_text_part(block: &Block, out: &mut Vec<u8>) {
    let Block::Text { text, citations, .. } = block else { return };
    out.extend_from_slice(b"{\"type\":\"output_text\",\"text\":");
    string(out, text);
    out.extend_from_slice(b",\"annotations\":[");
    let (mut is_first, end) = (true, text.chars().count() as u64);
    for citation in citations {
        let mut source = Vec::new();
        if write_url_citation(citation, (0, end), &mut source) {
            comma(out, &mut is_first);
            out.extend_from_slice(b"{\"type\":\"url_citation\",");
            out.extend_from_slice(&source);
            out.push(b'}');
        }
    }
    out.extend_from_slice(b"],\"logprobs\":[]}");
}

/// Appends the part of reasoning that contains its text.
pub(super) fn write_summary_part(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"summary_text\",\"text\":");
    string(out, text);
    out.push(b'}');
}
