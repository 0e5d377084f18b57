use alloc::vec::Vec;

use bedrock_stream_core::answer::Done;
use bedrock_stream_core::json::Fields;

use super::item::{ItemStatus, write_item};
use super::namespaces::Namespaces;
use crate::encode::blocks::Blocks;
use crate::encode::ending::{incomplete_reason, write_guardrail};
use crate::encode::failure::Failure;
use crate::encode::head::Head;
use crate::encode::json_writer::{comma, number, raw, string};
use crate::encode::token_counts::TokenCounts;

/// The state of a response at some moment.
#[derive(Debug)]
pub(super) struct ResponseObject<'a> {
    pub(super) head: &'a Head,
    pub(super) created_at: u64,
    /// Members of the request.
    pub(super) request: &'a Fields,
    pub(super) namespaces: &'a Namespaces,
    pub(super) blocks: &'a Blocks,
    /// The JSON of each item that is done; empty for any other.
    pub(super) done: &'a [Vec<u8>],
    pub(super) state: State<'a>,
}

/// The status of a response.
#[derive(Clone, Copy, Debug)]
pub(super) enum State<'a> {
    InProgress,
    /// Completed or incomplete, depending on its stop reason.
    Done(&'a Done),
    Failed(&'a Failure),
}

impl ResponseObject<'_> {
    /// Appends its JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let reason = match self.state {
            State::Done(done) => incomplete_reason(&done.stop_reason),
            _ => None,
        };
        let status = match self.state {
            State::InProgress => "in_progress",
            State::Done(_) if reason.is_some() => "incomplete",
            State::Done(_) => "completed",
            State::Failed(_) => "failed",
        };
        out.extend_from_slice(b"{\"id\":");
        string(out, &self.head.id);
        out.extend_from_slice(b",\"object\":\"response\",\"created_at\":");
        number(out, self.created_at);
        out.extend_from_slice(b",\"status\":\"");
        out.extend_from_slice(status.as_bytes());
        out.extend_from_slice(b"\",\"error\":");
        match self.state {
            State::Failed(failure) => {
                out.extend_from_slice(b"{\"code\":");
                string(out, failure.names().response_code);
                out.extend_from_slice(b",\"message\":");
                string(out, &failure.sentence(self.head.request_id.as_deref()));
                out.push(b'}');
            }
            _ => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"incomplete_details\":");
        match reason {
            Some(reason) => {
                out.extend_from_slice(b"{\"reason\":");
                string(out, reason);
                out.push(b'}');
            }
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"model\":");
        string(out, &self.head.model);
        for (name, default) in REQUEST_MEMBERS {
            out.push(b',');
            string(out, name);
            out.push(b':');
            match self.request.value(name) {
                Some(value) => raw(out, value),
                None => out.extend_from_slice(default.as_bytes()),
            }
        }
        out.extend_from_slice(b",\"previous_response_id\":null,\"store\":false,\"output\":[");
        if !matches!(self.state, State::InProgress) {
            self.write_output(out);
        }
        out.extend_from_slice(b"],\"usage\":");
        match self.state {
            State::Done(done) => {
                match TokenCounts::of(done, self.head.is_cache_in_input) {
                    Some(counts) => counts.write_responses(out),
                    None => out.extend_from_slice(b"null"),
                }
                write_guardrail(done, out);
            }
            _ => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
    }

    fn write_output(&self, out: &mut Vec<u8>) {
        let mut is_first = true;
        for (place, (block, done)) in self.blocks.blocks.iter().zip(self.done).enumerate() {
            comma(out, &mut is_first);
            if done.is_empty() {
                write_item(&self.head.id, self.namespaces, place, block, ItemStatus::Incomplete, out);
            } else {
                out.extend_from_slice(done);
            }
        }
    }
}

/// The members of a response that repeat those of its request, with their defaults.
pub(super) const REQUEST_MEMBERS: [(&str, &str); 12] = [
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("reasoning", r#"{"effort":null,"summary":null}"#),
    ("service_tier", "\"default\""),
    ("temperature", "null"),
    ("text", r#"{"format":{"type":"text"}}"#),
    ("tool_choice", "\"auto\""),
    ("tools", "[]"),
    ("top_p", "null"),
    ("truncation", "\"disabled\""),
];
