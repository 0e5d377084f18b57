use alloc::string::String;
use alloc::vec::Vec;

use super::delta_events::{DeltaEvents, DeltaKind};
use super::item::{ItemStatus, write_id, write_item, write_summary_part, write_text_part};
use super::namespaces::Namespaces;
use super::sequence_number::SequenceNumber;
use crate::encode::blocks::{Block, Blocks};
use crate::encode::content::Piece;
use crate::encode::json_writer::{number, string};
use crate::encode::source::write_url_citation;

/// Writes the events of the output's items, and keeps what it wrote.
#[derive(Debug)]
pub(super) struct Output {
    /// The answer's id, from which the items' ids are derived.
    answer_id: String,
    pub(super) namespaces: Namespaces,
    pub(super) blocks: Blocks,
    /// The status of each block's item.
    pub(super) items: Vec<ItemStatus>,
    /// The JSON of each item that is done, which the last event repeats; empty for any other.
    pub(super) done: Vec<Vec<u8>>,
    /// How many bytes that is.
    done_len: usize,
    /// An item whose block has ended, but whose end is written only once it is known not to have been cut off.
    ending: Option<usize>,
    /// The number of the next event.
    next_number: SequenceNumber,
    deltas: DeltaEvents,
}

impl Output {
    pub(super) fn new(answer_id: &str) -> Self {
        Self {
            answer_id: answer_id.into(),
            namespaces: Namespaces::default(),
            blocks: Blocks::default(),
            items: Vec::new(),
            done: Vec::new(),
            done_len: 0,
            ending: None,
            next_number: SequenceNumber::new(),
            deltas: DeltaEvents::default(),
        }
    }

    /// Roughly how many bytes it uses.
    pub(super) const fn len(&self) -> usize {
        self.blocks.len() + self.done_len
    }

    /// Begins an event, up to its number.
    pub(super) fn begin(&mut self, name: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\ndata: {\"type\":\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\",\"sequence_number\":");
        self.next_number.write_next(out);
    }

    /// Writes a piece of an item.
    pub(super) fn piece(&mut self, piece: &Piece<'_>, out: &mut Vec<u8>) {
        let placed = self.blocks.push(piece);
        let is_call_end = matches!(piece, Piece::CallEnd { .. });
        if let Some(ended) = placed.ended.filter(|_| !is_call_end) {
            self.end_last(ItemStatus::Completed, out);
            self.ending = Some(ended);
        }
        let Some((place, is_new)) = placed.block else { return };
        self.end_last(ItemStatus::Completed, out);
        if is_new {
            self.items.push(ItemStatus::InProgress);
            self.done.push(Vec::new());
            self.item_event("response.output_item.added", place, out);
        }
        match *piece {
            Piece::Text { text, .. } => {
                self.begin_text(place, is_new, out);
                self.delta(place, DeltaKind::Text, text, out);
            }
            Piece::Citation { .. } => {
                self.begin_text(place, is_new, out);
                self.annotation(place, out);
            }
            Piece::Reasoning { text, .. } => {
                // A signature may have arrived first.
                let has_text = matches!(&self.blocks.blocks[place], Block::Reasoning { text: all, .. } if all.len() > text.len());
                if !has_text {
                    self.begin_in("response.reasoning_summary_part.added", place, Part::Summary, out);
                    out.extend_from_slice(b",\"part\":");
                    write_summary_part("", out);
                    out.extend_from_slice(b"}\n\n");
                }
                self.delta(place, DeltaKind::Summary, text, out);
            }
            Piece::CallDelta { text, .. } => self.arguments(place, text, out),
            Piece::CallEnd { input, rest, .. } => {
                if !rest.is_empty() {
                    self.arguments(place, rest, out);
                }
                let status = if input.is_usable() { ItemStatus::Completed } else { ItemStatus::Incomplete };
                self.end_item(place, status, out);
            }
            _ => {}
        }
    }

    /// Begins an event about a part of an item, or about an item without parts.
    fn begin_in(&mut self, name: &str, place: usize, part: Part, out: &mut Vec<u8>) {
        self.begin(name, out);
        out.extend_from_slice(b",\"item_id\":");
        write_id(&self.answer_id, place, &self.blocks.blocks[place], out);
        out.extend_from_slice(b",\"output_index\":");
        number(out, place as u64);
        out.extend_from_slice(match part {
            Part::Content => b",\"content_index\":0",
            Part::Summary => b",\"summary_index\":0",
            Part::None => b"",
        });
    }

    fn item_event(&mut self, name: &str, place: usize, out: &mut Vec<u8>) {
        self.begin(name, out);
        out.extend_from_slice(b",\"output_index\":");
        number(out, place as u64);
        out.extend_from_slice(b",\"item\":");
        let start = out.len();
        let block = &self.blocks.blocks[place];
        write_item(&self.answer_id, &self.namespaces, place, block, self.items[place], out);
        if self.items[place] != ItemStatus::InProgress {
            self.done[place] = out[start..].to_vec();
            self.done_len += out.len() - start;
            self.blocks.forget(place);
        }
        out.extend_from_slice(b"}\n\n");
    }

    fn begin_text(&mut self, place: usize, is_new: bool, out: &mut Vec<u8>) {
        if is_new {
            self.begin_in("response.content_part.added", place, Part::Content, out);
            out.extend_from_slice(
                b",\"part\":{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[],\"logprobs\":[]}}\n\n",
            );
        }
    }

    /// Writes the latest source of a message; in the stream it covers the text so far.
    fn annotation(&mut self, place: usize, out: &mut Vec<u8>) {
        let mut source = Vec::new();
        let Block::Text { text, citations, count } = &mut self.blocks.blocks[place] else { return };
        let (Some(citation), index) = (citations.last(), citations.len() - 1) else { return };
        write_url_citation(citation, (0, count.of(text)), &mut source);
        self.begin_in("response.output_text.annotation.added", place, Part::Content, out);
        out.extend_from_slice(b",\"annotation_index\":");
        number(out, index as u64);
        out.extend_from_slice(b",\"annotation\":{\"type\":\"url_citation\",");
        out.extend_from_slice(&source);
        out.extend_from_slice(b"}}\n\n");
    }

    fn arguments(&mut self, place: usize, text: &str, out: &mut Vec<u8>) {
        let is_custom = matches!(&self.blocks.blocks[place], Block::Call { call, .. } if call.is_custom);
        self.delta(place, if is_custom { DeltaKind::CustomInput } else { DeltaKind::Arguments }, text, out);
    }

    fn delta(&mut self, place: usize, kind: DeltaKind, text: &str, out: &mut Vec<u8>) {
        let item = (&*self.answer_id, place, &self.blocks.blocks[place]);
        self.deltas.write(item, kind, &mut self.next_number, text, out);
    }

    /// Writes the end of the item whose end was delayed, if there is one.
    fn end_last(&mut self, status: ItemStatus, out: &mut Vec<u8>) {
        if let Some(place) = self.ending.take() {
            self.end_item(place, status, out);
        }
    }

    /// Ends every open item.
    pub(super) fn end_items(&mut self, is_cut: bool, out: &mut Vec<u8>) {
        let status = if is_cut { ItemStatus::Incomplete } else { ItemStatus::Completed };
        self.end_last(status, out);
        for place in self.blocks.end_all() {
            self.end_item(place, status, out);
        }
    }

    fn end_item(&mut self, place: usize, status: ItemStatus, out: &mut Vec<u8>) {
        self.items[place] = status;
        match &self.blocks.blocks[place] {
            Block::Text { .. } => {
                self.begin_in("response.output_text.done", place, Part::Content, out);
                if let Block::Text { text, .. } = &self.blocks.blocks[place] {
                    out.extend_from_slice(b",\"text\":");
                    string(out, text);
                }
                out.extend_from_slice(b",\"logprobs\":[]}\n\n");
                self.begin_in("response.content_part.done", place, Part::Content, out);
                out.extend_from_slice(b",\"part\":");
                write_text_part(&self.blocks.blocks[place], out);
                out.extend_from_slice(b"}\n\n");
            }
            Block::Reasoning { text, .. } if !text.is_empty() => {
                for (name, is_part) in [
                    ("response.reasoning_summary_text.done", false),
                    ("response.reasoning_summary_part.done", true),
                ] {
                    self.begin_in(name, place, Part::Summary, out);
                    if let Block::Reasoning { text, .. } = &self.blocks.blocks[place] {
                        if is_part {
                            out.extend_from_slice(b",\"part\":");
                            write_summary_part(text, out);
                        } else {
                            out.extend_from_slice(b",\"text\":");
                            string(out, text);
                        }
                    }
                    out.extend_from_slice(b"}\n\n");
                }
            }
            Block::Call { call, .. } if status == ItemStatus::Completed => {
                let is_custom = call.is_custom;
                let name = if is_custom {
                    "response.custom_tool_call_input.done"
                } else {
                    "response.function_call_arguments.done"
                };
                self.begin_in(name, place, Part::None, out);
                if let Block::Call { name, arguments, .. } = &self.blocks.blocks[place] {
                    if is_custom {
                        out.extend_from_slice(b",\"input\":");
                    } else {
                        out.extend_from_slice(b",\"name\":");
                        string(out, self.namespaces.split(name).1);
                        out.extend_from_slice(b",\"arguments\":");
                    }
                    string(out, arguments);
                }
                out.extend_from_slice(b"}\n\n");
            }
            Block::Reasoning { .. } | Block::Redacted { .. } | Block::Call { .. } => {}
        }
        self.item_event("response.output_item.done", place, out);
    }
}

/// The part of an item that an event is about.
#[derive(Clone, Copy, Debug)]
enum Part {
    Content,
    Summary,
    None,
}
