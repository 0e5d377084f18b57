use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use bedrock_stream_core::json::Json;

use super::chunk_writer::ChunkWriter;
use super::members::all_members_of;

/// The answers that a stream carries side by side, if a request asked for several: which one is read, which have begun,
/// and which of them are finished. Together they prove the stream complete. The rule is at
/// [`PayloadDecoder::with_choice`](super::PayloadDecoder::with_choice).
#[derive(Debug)]
pub(in crate::decode) struct Choices {
    /// The choice being read.
    chosen: u32,
    is_chosen_finished: bool,
    /// The other choices that have begun.
    others: BTreeSet<u32>,
    /// Those of them that are not finished. A set of its own, because a payload may finish all of them, and then the next one
    /// again.
    unfinished: BTreeSet<u32>,
    /// Whether there was no room to remember another one.
    is_full: bool,
}

impl Choices {
    pub(in crate::decode) const fn new(chosen: u32) -> Self {
        Self {
            chosen,
            is_chosen_finished: false,
            others: BTreeSet::new(),
            unfinished: BTreeSet::new(),
            is_full: false,
        }
    }

    /// The choice being read.
    pub(in crate::decode) const fn chosen(&self) -> u32 {
        self.chosen
    }

    /// Records a piece of a choice. Returns whether it is the choice being read.
    pub(in crate::decode) fn begin(&mut self, index: u32, chunks: &mut ChunkWriter) -> bool {
        if index == self.chosen {
            return true;
        }
        if !self.others.contains(&index) {
            chunks.has_open_choice = true;
            if chunks.keep(CHOICE_LEN, 0) {
                self.others.insert(index);
                self.unfinished.insert(index);
            } else {
                self.is_full = true;
            }
        }
        false
    }

    /// Records that a choice has a finish reason.
    pub(in crate::decode) fn finish(&mut self, index: u32, chunks: &mut ChunkWriter) {
        if index == self.chosen {
            self.is_chosen_finished = true;
        } else {
            self.unfinished.remove(&index);
        }
        chunks.has_open_choice = !self.unfinished.is_empty() || self.is_full;
    }

    /// Records that all choices have ended.
    pub(in crate::decode) fn finish_all(&mut self, chunks: &mut ChunkWriter) {
        self.is_chosen_finished = true;
        self.unfinished.clear();
        self.is_full = false;
        chunks.has_open_choice = false;
    }

    /// Whether the choice being read is finished, and every other that has begun.
    pub(in crate::decode) fn are_finished(&self) -> bool {
        self.is_chosen_finished && self.unfinished.is_empty() && !self.is_full
    }
}

/// The pieces in a payload's list of choices, as they were sent. They are only needed, and only read, if one of them belongs
/// to a choice that is not being read.
#[derive(Debug)]
pub(in crate::decode) struct SentPieces<'a> {
    payload: &'a str,
    /// The name of the list.
    list: &'static str,
    pieces: Option<Vec<Json>>,
}

impl<'a> SentPieces<'a> {
    pub(in crate::decode) const fn new(payload: &'a str, list: &'static str) -> Self {
        Self { payload, list, pieces: None }
    }

    /// Writes the piece at that position as unknown data, because its choice is not being read. Null pieces do not count.
    pub(in crate::decode) fn write(&mut self, position: u32, chunks: &mut ChunkWriter) {
        let pieces =
            self.pieces.get_or_insert_with(|| pieces_of(self.payload, self.list).unwrap_or_default());
        let piece = usize::try_from(position).ok().and_then(|position| pieces.get_mut(position));
        if let Some(piece) = piece {
            chunks.unknown_member(None, self.list.into(), core::mem::take(piece));
        }
    }
}

fn pieces_of(payload: &str, list: &str) -> Result<Vec<Json>, serde_json::Error> {
    let members = all_members_of(payload)?;
    let sent = members.into_iter().find(|member| member.name == list && member.value != Json::default());
    let pieces: Vec<Json> = serde_json::from_str(sent.unwrap_or_default().value.as_str())?;
    Ok(pieces.into_iter().filter(|piece| *piece != Json::default()).collect())
}

/// The memory of a choice that is not being read, in bytes: its entries in the two sets, which are at least half full.
const CHOICE_LEN: usize = 2 * size_of::<[u32; 2]>() + 16;

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::Limits;

    use super::{CHOICE_LEN, Choices};
    use crate::decode::chunk_writer::ChunkWriter;

    #[test]
    fn every_choice_that_has_begun_must_finish() {
        let mut chunks = ChunkWriter::new(Limits::default());
        let mut choices = Choices::new(1);
        assert!(!choices.are_finished(), "nothing came");
        assert!(!choices.begin(0, &mut chunks));
        assert!(choices.begin(1, &mut chunks));
        choices.finish(1, &mut chunks);
        assert!(!choices.are_finished(), "0 has begun");
        choices.finish(0, &mut chunks);
        assert!(choices.are_finished());
        choices.begin(0, &mut chunks);
        choices.finish(0, &mut chunks);
        assert!(choices.are_finished(), "more of a finished choice does not begin it anew");
        choices.begin(7, &mut chunks);
        assert!(!choices.are_finished(), "a new choice begins");
    }

    /// If each payload that finishes all of them went through all of them, this would take minutes.
    #[test]
    fn finished_choices_cost_later_ones_nothing() {
        let mut chunks = ChunkWriter::new(Limits::default());
        let mut choices = Choices::new(0);
        for index in 1..=200_000 {
            choices.begin(index, &mut chunks);
            assert!(!choices.are_finished());
            choices.finish_all(&mut chunks);
            assert!(choices.are_finished());
        }
        choices.begin(1, &mut chunks);
        assert!(choices.are_finished(), "it has finished");
    }

    #[test]
    fn any_number_of_choices_is_remembered_within_the_memory_limit() {
        let count = 5_000_u32;
        let room = CHOICE_LEN * usize::try_from(count).unwrap();
        let mut chunks = ChunkWriter::new(Limits::default().with_max_state_len(room));
        let mut choices = Choices::new(0);
        choices.finish(0, &mut chunks);
        for index in (1..=count).rev() {
            choices.begin(index, &mut chunks);
            choices.finish(index, &mut chunks);
        }
        assert!(choices.are_finished());
        assert!(!chunks.is_violated());
        choices.begin(u32::MAX, &mut chunks);
        choices.finish(u32::MAX, &mut chunks);
        assert!(!choices.are_finished(), "one that has no room may be unfinished");
        assert!(chunks.is_violated(), "and is told");
    }
}
