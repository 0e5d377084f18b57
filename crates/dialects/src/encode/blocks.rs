use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::content::{Citation, ToolInput};

use super::char_count::CharCount;
use super::content::{Call, Piece};

/// The content of an answer received so far, as blocks in the order in which they were opened. If a block of Converse
/// has pieces of several kinds, each kind becomes a separate block.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) blocks: Vec<Block>,
    /// The position of each open block, by Converse's index.
    open: Vec<(u32, usize)>,
    /// Roughly how many bytes it uses.
    len: usize,
}

#[derive(Debug)]
pub(super) enum Block {
    /// `count`: the characters up to the last citation.
    Text {
        text: String,
        citations: Vec<Citation>,
        count: CharCount,
    },
    Reasoning {
        text: String,
        signature: String,
    },
    Redacted {
        data: Vec<u8>,
    },
    Call {
        call: Call,
        id: String,
        name: String,
        arguments: String,
        input: Option<ToolInput>,
    },
}

/// The effect of a piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Placed {
    /// The position of the block that ended, because its end arrived or another block with its index began.
    pub(super) ended: Option<usize>,
    /// The position of the piece's block, and whether the piece is its first.
    pub(super) block: Option<(usize, bool)>,
}

impl Blocks {
    /// All citations.
    pub(super) fn citations(&self) -> impl Iterator<Item = &Citation> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Text { citations, .. } => &citations[..],
            _ => &[],
        })
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, piece: &Piece<'_>) -> Placed {
        let place = |blocks: &mut Self, number: u32, is_kind: fn(&Block) -> bool, new: fn() -> Block| {
            blocks.place(number, is_kind, new)
        };
        match *piece {
            Piece::Text { block, text } => {
                let is_text = |block: &Block| matches!(block, Block::Text { .. });
                let placed = place(self, block, is_text, new_text);
                self.add(placed, text, |block| match block {
                    Block::Text { text, .. } => Some(text),
                    _ => None,
                })
            }
            Piece::Citation { block, citation } => {
                let is_text = |block: &Block| matches!(block, Block::Text { .. });
                let placed = place(self, block, is_text, new_text);
                if let Some((at, _)) = placed.block {
                    if let Block::Text { citations, .. } = &mut self.blocks[at] {
                        citations.push(citation.clone());
                        self.len += CITATION_LEN + citation_len(citation);
                    }
                }
                placed
            }
            Piece::Reasoning { block, text } => {
                let placed = place(self, block, is_reasoning, new_reasoning);
                self.add(placed, text, |block| match block {
                    Block::Reasoning { text, .. } => Some(text),
                    _ => None,
                })
            }
            Piece::Signature { block, signature } => {
                let placed = place(self, block, is_reasoning, new_reasoning);
                self.add(placed, signature, |block| match block {
                    Block::Reasoning { signature, .. } => Some(signature),
                    _ => None,
                })
            }
            Piece::Redacted { block, data: bytes } => {
                let is_redacted = |block: &Block| matches!(block, Block::Redacted { .. });
                let placed = place(self, block, is_redacted, || Block::Redacted { data: Vec::new() });
                if let Some((at, _)) = placed.block {
                    if let Block::Redacted { data } = &mut self.blocks[at] {
                        data.extend_from_slice(bytes);
                        self.len += bytes.len();
                    }
                }
                placed
            }
            Piece::CallStart { block, call, id, name } => {
                let ended = self.end(block);
                let new = Block::Call {
                    call,
                    id: id.into(),
                    name: name.into(),
                    arguments: String::new(),
                    input: None,
                };
                self.len += BLOCK_LEN + id.len() + name.len();
                self.open.push((block, self.blocks.len()));
                self.blocks.push(new);
                Placed { ended, block: Some((self.blocks.len() - 1, true)) }
            }
            Piece::CallDelta { block, text, .. } => {
                let at = self.open.iter().find(|(number, _)| *number == block).map(|(_, at)| (*at, false));
                self.add(Placed { ended: None, block: at }, text, |block| match block {
                    Block::Call { arguments, .. } => Some(arguments),
                    _ => None,
                })
            }
            Piece::CallEnd { block, input: whole, rest, .. } => {
                let ended = self.end(block);
                let placed = Placed { ended: None, block: ended.map(|at| (at, false)) };
                self.add(placed, rest, |block| match block {
                    Block::Call { arguments, .. } => Some(arguments),
                    _ => None,
                });
                if let Some(Block::Call { input, .. }) = ended.and_then(|at| self.blocks.get_mut(at)) {
                    *input = Some(whole.clone());
                    self.len += whole.as_str().len();
                }
                Placed { ended, block: placed.block }
            }
            Piece::BlockEnd { block } => Placed { ended: self.end(block), block: None },
            Piece::Start | Piece::Done(_) => Placed::default(),
        }
    }

    /// Ends every block. Returns the positions of those that were open, in order.
    pub(super) fn end_all(&mut self) -> Vec<usize> {
        let mut ended: Vec<usize> = self.open.drain(..).map(|(_, at)| at).collect();
        ended.sort_unstable();
        ended
    }

    /// Frees what a block holds, which is kept elsewhere.
    pub(super) fn forget(&mut self, at: usize) {
        let Some(block) = self.blocks.get_mut(at) else { return };
        let freed = match block {
            Block::Text { text, citations, .. } => {
                let cited: usize =
                    citations.iter().map(|citation| CITATION_LEN + citation_len(citation)).sum();
                *citations = Vec::new();
                cited + core::mem::take(text).len()
            }
            Block::Reasoning { text, signature } => {
                core::mem::take(text).len() + core::mem::take(signature).len()
            }
            Block::Redacted { data } => core::mem::take(data).len(),
            Block::Call { arguments, input, .. } => {
                let input = input.take().map_or(0, |input| input.as_str().len());
                core::mem::take(arguments).len() + input
            }
        };
        self.len = self.len.saturating_sub(freed);
    }

    /// Roughly how many bytes it uses.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// All of the text.
    pub(super) fn text(&self) -> String {
        let pieces = self.blocks.iter().filter_map(|block| match block {
            Block::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        pieces.collect()
    }

    /// All of the readable reasoning.
    pub(super) fn reasoning(&self) -> String {
        let pieces = self.blocks.iter().filter_map(|block| match block {
            Block::Reasoning { text, .. } => Some(text.as_str()),
            _ => None,
        });
        pieces.collect()
    }

    /// The block with that index and kind: the open one, or a new one, which ends an open one of another kind.
    fn place(&mut self, number: u32, is_kind: fn(&Block) -> bool, new: fn() -> Block) -> Placed {
        let open = self.open.iter().find(|(open, _)| *open == number).map(|(_, at)| *at);
        if let Some(at) = open.filter(|at| is_kind(&self.blocks[*at])) {
            return Placed { ended: None, block: Some((at, false)) };
        }
        let ended = self.end(number);
        self.len += BLOCK_LEN;
        self.open.push((number, self.blocks.len()));
        self.blocks.push(new());
        Placed { ended, block: Some((self.blocks.len() - 1, true)) }
    }

    fn end(&mut self, number: u32) -> Option<usize> {
        let position = self.open.iter().position(|(open, _)| *open == number)?;
        Some(self.open.swap_remove(position).1)
    }

    fn add(&mut self, placed: Placed, text: &str, field: fn(&mut Block) -> Option<&mut String>) -> Placed {
        if let Some(field) = placed.block.and_then(|(at, _)| field(&mut self.blocks[at])) {
            field.push_str(text);
            self.len += text.len();
        }
        placed
    }
}

fn is_reasoning(block: &Block) -> bool {
    matches!(block, Block::Reasoning { .. })
}

fn new_text() -> Block {
    Block::Text { text: String::new(), citations: Vec::new(), count: CharCount::default() }
}

fn new_reasoning() -> Block {
    Block::Reasoning { text: String::new(), signature: String::new() }
}

/// The length of a citation's texts, in bytes.
fn citation_len(citation: &Citation) -> usize {
    let mut out = Vec::new();
    super::json_writer::value(&mut out, citation);
    out.len()
}

const BLOCK_LEN: usize = size_of::<Block>() + 64;
const CITATION_LEN: usize = size_of::<Citation>();
