//! Parts of a chunk that several places write.

use alloc::vec::Vec;

use bedrock_stream_core::json::Blob;

use crate::encode::content::Call;
use crate::encode::head::Head;
use crate::encode::json_writer::{escaped, number, string};

/// Appends the members that every chunk begins with, and the brace before them.
pub(super) fn write_head(head: &Head, object: &str, created: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"id\":");
    string(out, &head.id);
    out.extend_from_slice(b",\"object\":");
    string(out, object);
    out.extend_from_slice(b",\"created\":");
    number(out, created);
    out.extend_from_slice(b",\"model\":");
    string(out, &head.model);
    out.extend_from_slice(b",\"system_fingerprint\":null");
}

/// Appends an item of `reasoning_details` with reasoning that only the provider can read.
pub(super) fn write_redacted(index: u32, data: &Blob, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"index\":");
    number(out, index);
    out.extend_from_slice(b",\"type\":\"reasoning.encrypted\",");
    member(out, "data", &data.to_base64());
    out.push(b'}');
}

/// Appends a member that is a string.
pub(super) fn member(out: &mut Vec<u8>, name: &str, text: &str) {
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":\"");
    escaped(out, text);
    out.push(b'"');
}

/// Appends the beginning of a piece of a tool call.
pub(super) fn call_index(out: &mut Vec<u8>, call: Call) {
    out.extend_from_slice(b"\"tool_calls\":[{\"index\":");
    number(out, call.number);
}
