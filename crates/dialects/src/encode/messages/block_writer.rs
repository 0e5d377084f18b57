use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::json::Blob;

use crate::encode::json_writer::{escaped, number, string};

/// Writes the events of blocks, one block after another.
#[derive(Debug, Default)]
pub(super) struct BlockWriter {
    /// The number of the next block.
    next: u32,
    current: Option<Current>,
    /// The event of a delta of the open block up to its text, and of which kind that is: nearly every event begins so.
    prefix: Vec<u8>,
    prefix_kind: Option<DeltaKind>,
}

/// The kind of a delta with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeltaKind {
    Text,
    Thinking,
    Signature,
    Input,
}

impl DeltaKind {
    /// Its type, and the member with its text.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text_delta", "text"),
            Self::Thinking => ("thinking_delta", "thinking"),
            Self::Signature => ("signature_delta", "signature"),
            Self::Input => ("input_json_delta", "partial_json"),
        }
    }
}

/// The open block.
#[derive(Debug)]
struct Current {
    /// Its index in the chunks.
    block: u32,
    kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Text,
    Thinking {
        signature: String,
    },
    /// Nothing is written before the end of the block.
    Redacted {
        data: Vec<u8>,
    },
    Call,
}

impl BlockWriter {
    /// The open block's index in the chunks.
    pub(super) fn current(&self) -> Option<u32> {
        self.current.as_ref().map(|current| current.block)
    }

    /// How many bytes of the open block are held back.
    pub(super) fn held_len(&self) -> usize {
        match &self.current {
            Some(Current { kind: Kind::Thinking { signature }, .. }) => signature.len(),
            Some(Current { kind: Kind::Redacted { data }, .. }) => data.len(),
            _ => 0,
        }
    }

    /// Holds back a piece of the signature of a block's reasoning.
    pub(super) fn hold_signature(&mut self, block: u32, more: &str, out: &mut Vec<u8>) {
        self.open_thinking(block, out);
        if let Some(Current { kind: Kind::Thinking { signature }, .. }) = &mut self.current {
            signature.push_str(more);
        }
    }

    /// Holds back redacted bytes of a block.
    pub(super) fn hold_redacted(&mut self, block: u32, more: &[u8], out: &mut Vec<u8>) {
        if !matches!(&self.current, Some(Current { block: open, kind: Kind::Redacted { .. } }) if *open == block)
        {
            self.close(out);
            self.current = Some(Current { block, kind: Kind::Redacted { data: Vec::new() } });
        }
        if let Some(Current { kind: Kind::Redacted { data }, .. }) = &mut self.current {
            data.extend_from_slice(more);
        }
    }

    /// Opens the block as text, unless it is.
    pub(super) fn open_text(&mut self, block: u32, out: &mut Vec<u8>) {
        if !matches!(&self.current, Some(Current { block: open, kind: Kind::Text }) if *open == block) {
            self.close(out);
            let start = |out: &mut Vec<u8>| out.extend_from_slice(br#"{"type":"text","text":""}"#);
            self.open(block, Kind::Text, out, start);
        }
    }

    /// Opens the block as reasoning, unless it is.
    pub(super) fn open_thinking(&mut self, block: u32, out: &mut Vec<u8>) {
        if !matches!(&self.current, Some(Current { block: open, kind: Kind::Thinking { .. } }) if *open == block)
        {
            self.close(out);
            let start = |out: &mut Vec<u8>| {
                out.extend_from_slice(br#"{"type":"thinking","thinking":"","signature":""}"#);
            };
            self.open(block, Kind::Thinking { signature: String::new() }, out, start);
        }
    }

    /// Begins a block, which becomes the open one.
    pub(super) fn open(
        &mut self,
        block: u32,
        kind: Kind,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        begin(out, "content_block_start");
        out.extend_from_slice(b",\"index\":");
        number(out, self.next);
        out.extend_from_slice(b",\"content_block\":");
        write(out);
        out.extend_from_slice(b"}\n\n");
        self.current = Some(Current { block, kind });
    }

    /// Begins a piece of the open block.
    pub(super) fn begin_delta(&self, kind: &str, out: &mut Vec<u8>) {
        begin(out, "content_block_delta");
        out.extend_from_slice(b",\"index\":");
        number(out, self.next);
        out.extend_from_slice(b",\"delta\":{\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.push(b'"');
    }

    /// Writes a piece of the open block.
    pub(super) fn delta(&mut self, kind: DeltaKind, text: &str, out: &mut Vec<u8>) {
        if self.prefix_kind != Some(kind) {
            let (delta, member) = kind.names();
            let mut prefix = core::mem::take(&mut self.prefix);
            prefix.clear();
            self.begin_delta(delta, &mut prefix);
            prefix.extend_from_slice(b",\"");
            prefix.extend_from_slice(member.as_bytes());
            prefix.extend_from_slice(b"\":\"");
            self.prefix = prefix;
            self.prefix_kind = Some(kind);
        }
        out.extend_from_slice(&self.prefix);
        escaped(out, text);
        out.extend_from_slice(b"\"}}\n\n");
    }

    /// Ends the block, if it is the open one.
    pub(super) fn end_block(&mut self, block: u32, out: &mut Vec<u8>) {
        if self.current.as_ref().is_some_and(|current| current.block == block) {
            self.close(out);
        }
    }

    /// Writes what was held back of the open block, if there is one, and ends it.
    pub(super) fn close(&mut self, out: &mut Vec<u8>) {
        let Some(current) = self.current.take() else { return };
        match current.kind {
            Kind::Thinking { signature } if !signature.is_empty() => {
                self.delta(DeltaKind::Signature, &signature, out);
            }
            Kind::Redacted { data } => {
                let block = current.block;
                let data = Blob(data).to_base64();
                self.open(block, Kind::Text, out, |out| {
                    out.extend_from_slice(b"{\"type\":\"redacted_thinking\",\"data\":");
                    string(out, &data);
                    out.push(b'}');
                });
                self.current = None;
            }
            Kind::Text | Kind::Thinking { .. } | Kind::Call => {}
        }
        begin(out, "content_block_stop");
        out.extend_from_slice(b",\"index\":");
        number(out, self.next);
        out.extend_from_slice(b"}\n\n");
        self.next = self.next.saturating_add(1);
        self.prefix_kind = None;
    }
}

/// Begins an event, up to its type.
pub(super) fn begin(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: {\"type\":\"");
    out.extend_from_slice(name.as_bytes());
    out.push(b'"');
}
