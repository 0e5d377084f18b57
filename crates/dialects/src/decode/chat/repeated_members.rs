use alloc::vec::Vec;

use bedrock_stream_core::json::Json;

use super::hash::hash;
use crate::decode::chunk_writer::ChunkWriter;

/// Unknown members that payloads repeat. Many servers send some in every payload, such as the provider, or all sources of the
/// answer so far; one whose value has not changed is not reported again.
#[derive(Debug)]
pub(super) struct RepeatedMembers {
    /// The hashes of each name and of its last value. A list, because answers have few.
    reported: Vec<(u64, u64)>,
}

impl RepeatedMembers {
    pub(super) const fn new() -> Self {
        Self { reported: Vec::new() }
    }

    /// Writes an unknown member, unless its value is the same as before. A null one counts as absent.
    pub(super) fn write(&mut self, name: &str, value: Json, chunks: &mut ChunkWriter) {
        if value != Json::default() && self.is_new(name, &value) {
            chunks.unknown_member(None, name.into(), value);
        }
    }

    fn is_new(&mut self, name: &str, value: &Json) -> bool {
        let (name, value) = (hash(name), hash(value.as_str()));
        match self.reported.iter_mut().find(|(reported, _)| *reported == name) {
            Some((_, reported)) => core::mem::replace(reported, value) != value,
            None => {
                if self.reported.len() < MAX_NAMES {
                    self.reported.push((name, value));
                }
                true
            }
        }
    }
}

/// How many names are remembered; members with other names are reported each time.
const MAX_NAMES: usize = 64;
