use alloc::vec::Vec;

use super::item::write_id;
use super::sequence_number::SequenceNumber;
use crate::encode::blocks::Block;
use crate::encode::json_writer::{escaped, number};

/// Writes the events of deltas. Those of one item differ in their number and their text alone, so that the rest is kept.
#[derive(Debug, Default)]
pub(super) struct DeltaEvents {
    /// The item that `middle` is of, and its kind of delta.
    current: Option<(usize, DeltaKind)>,
    /// The event between its number and its text.
    middle: Vec<u8>,
}

/// The kind of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeltaKind {
    Text,
    Summary,
    Arguments,
    CustomInput,
}

impl DeltaKind {
    /// The event up to its number.
    const fn head(self) -> &'static [u8] {
        match self {
            Self::Text => {
                b"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":"
            }
            Self::Summary => {
                b"event: response.reasoning_summary_text.delta\ndata: {\"type\":\"response.reasoning_summary_text.delta\",\"sequence_number\":"
            }
            Self::Arguments => {
                b"event: response.function_call_arguments.delta\ndata: {\"type\":\"response.function_call_arguments.delta\",\"sequence_number\":"
            }
            Self::CustomInput => {
                b"event: response.custom_tool_call_input.delta\ndata: {\"type\":\"response.custom_tool_call_input.delta\",\"sequence_number\":"
            }
        }
    }

    /// The member that says which part of the item it is of, and the delta's name.
    const fn part(self) -> &'static [u8] {
        match self {
            Self::Text => b",\"content_index\":0,\"delta\":\"",
            Self::Summary => b",\"summary_index\":0,\"delta\":\"",
            Self::Arguments | Self::CustomInput => b",\"delta\":\"",
        }
    }

    /// The event from the end of its text.
    const fn tail(self) -> &'static [u8] {
        match self {
            Self::Text => b"\",\"logprobs\":[]}\n\n",
            Self::Summary | Self::Arguments | Self::CustomInput => b"\"}\n\n",
        }
    }
}

impl DeltaEvents {
    /// Appends the event of a delta of an item.
    pub(super) fn write(
        &mut self,
        (answer_id, place, block): (&str, usize, &Block),
        kind: DeltaKind,
        next_number: &mut SequenceNumber,
        text: &str,
        out: &mut Vec<u8>,
    ) {
        if self.current != Some((place, kind)) {
            self.current = Some((place, kind));
            self.middle.clear();
            self.middle.extend_from_slice(b",\"item_id\":");
            write_id(answer_id, place, block, &mut self.middle);
            self.middle.extend_from_slice(b",\"output_index\":");
            number(&mut self.middle, place as u64);
            self.middle.extend_from_slice(kind.part());
        }
        out.extend_from_slice(kind.head());
        next_number.write_next(out);
        out.extend_from_slice(&self.middle);
        escaped(out, text);
        out.extend_from_slice(kind.tail());
    }
}
