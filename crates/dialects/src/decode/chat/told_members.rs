use alloc::vec::Vec;

use bedrock_stream_core::json::Json;

use super::hash::hash;
use crate::decode::chunk_writer::ChunkWriter;

/// The unknown members that were told last. Many servers repeat some in every payload (the provider, all sources of the answer so
/// far): one that says what it said before is not told again.
#[derive(Debug)]
pub(super) struct ToldMembers {
    /// What each name and its last value hash to. A list, since answers have few.
    told: Vec<(u64, u64)>,
}

impl ToldMembers {
    pub(super) const fn new() -> Self {
        Self { told: Vec::new() }
    }

    /// Writes an unknown member, unless it says what it said before. A null one is an absent one.
    pub(super) fn write(&mut self, name: &str, value: Json, chunks: &mut ChunkWriter) {
        if value != Json::default() && self.is_news(name, &value) {
            chunks.unknown_member(None, name.into(), value);
        }
    }

    fn is_news(&mut self, name: &str, value: &Json) -> bool {
        let (name, value) = (hash(name), hash(value.as_str()));
        match self.told.iter_mut().find(|(told, _)| *told == name) {
            Some((_, told)) => core::mem::replace(told, value) != value,
            None => {
                if self.told.len() < MAX_NAMES {
                    self.told.push((name, value));
                }
                true
            }
        }
    }
}

/// How many names are remembered; members of others are told each time.
const MAX_NAMES: usize = 64;
