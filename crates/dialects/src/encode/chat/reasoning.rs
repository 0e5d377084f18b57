use alloc::vec::Vec;

use bedrock_stream_core::json::Blob;

/// The items of `reasoning_details` for the open blocks. Each has a number, by which clients join its pieces.
#[derive(Debug, Default)]
pub(super) struct ReasoningItems {
    open: Vec<OpenBlock>,
    next: u32,
    /// How many bytes are held back.
    held: usize,
}

#[derive(Debug)]
struct OpenBlock {
    block: u32,
    /// The number of the item with its text.
    text: Option<u32>,
    /// Redacted bytes. They must be joined before they are encoded as base64.
    redacted: Vec<u8>,
}

impl ReasoningItems {
    /// The number of the item with a block's text and signature.
    pub(super) fn text_item(&mut self, block: u32) -> u32 {
        let position = self.position(block);
        let next = self.next;
        let open = &mut self.open[position];
        if open.text.is_none() {
            open.text = Some(next);
            self.next = next.saturating_add(1);
        }
        open.text.unwrap_or(next)
    }

    /// Holds redacted bytes back until their block ends.
    pub(super) fn hold(&mut self, block: u32, data: &[u8]) {
        let position = self.position(block);
        self.open[position].redacted.extend_from_slice(data);
        self.held = self.held.saturating_add(data.len());
    }

    /// How many bytes are held back.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// Ends a block. Returns the item with its redacted bytes and its number, if it has any.
    pub(super) fn end(&mut self, block: u32) -> Option<(u32, Blob)> {
        let position = self.open.iter().position(|open| open.block == block)?;
        let redacted = self.open.swap_remove(position).redacted;
        self.item(redacted)
    }

    /// Ends every block.
    pub(super) fn end_all(&mut self) -> Vec<(u32, Blob)> {
        let open = core::mem::take(&mut self.open);
        open.into_iter().filter_map(|open| self.item(open.redacted)).collect()
    }

    fn item(&mut self, redacted: Vec<u8>) -> Option<(u32, Blob)> {
        if redacted.is_empty() {
            return None;
        }
        self.held -= redacted.len();
        self.next = self.next.saturating_add(1);
        Some((self.next - 1, Blob(redacted)))
    }

    fn position(&mut self, block: u32) -> usize {
        self.open.iter().position(|open| open.block == block).unwrap_or_else(|| {
            self.open.push(OpenBlock { block, text: None, redacted: Vec::new() });
            self.open.len() - 1
        })
    }
}
