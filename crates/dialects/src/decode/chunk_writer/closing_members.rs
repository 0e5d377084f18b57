use alloc::string::String;

use bedrock_stream_core::answer::StopReason;
use bedrock_stream_core::json::Json;

use super::ChunkWriter;
use crate::decode::merged_usage::MergedUsage;

/// The members that become part of the answer's `Done`, within the memory limit.
impl ChunkWriter {
    /// Keeps a closing member of the answer, such as its `id`, replacing an earlier one with that name. The names must
    /// be known to the dialect, so that their number is bounded.
    pub(in crate::decode) fn closing_member(&mut self, name: &'static str, value: Json) {
        let before = self.ending.other.value(name).map_or(0, |value| value.as_str().len());
        if self.keep(value.as_str().len(), before) {
            self.ending.other.set(name, value);
        }
    }

    /// Keeps a member of the vendor's usage, replacing an earlier one with that name.
    pub(in crate::decode) fn usage_member(&mut self, name: String, value: Json) {
        let before = self.ending.merged_usage.len_of(&name);
        if self.keep(MergedUsage::len_with(&name, &value), before) {
            self.ending.merged_usage.set(name, value);
        }
    }

    /// Keeps the vendor's usage, replacing an earlier one. Returns whether there was room for it.
    pub(in crate::decode) fn vendor_usage(&mut self, usage: Json) -> bool {
        let before = self.ending.vendor_usage.as_ref().map_or(0, |usage| usage.as_str().len());
        let is_kept = self.keep(usage.as_str().len(), before);
        if is_kept {
            self.ending.vendor_usage = Some(usage);
        }
        is_kept
    }

    /// Accounts for `len` bytes where there were `before`. Returns whether there is room for them.
    pub(in crate::decode) fn keep(&mut self, len: usize, before: usize) -> bool {
        match self.chunker.keep(len, before) {
            Ok(()) => true,
            Err(reason) => {
                if !core::mem::replace(&mut self.is_limit_told, true) {
                    self.violate(reason);
                }
                false
            }
        }
    }

    /// Sets why the model stopped, as Converse's stop reason and as the vendor's. After the stop has been written with
    /// a reason, this does nothing.
    pub(in crate::decode) fn set_stop_reason(&mut self, reason: Option<StopReason>, raw: Option<String>) {
        if !self.is_stopped() || self.ending.stop_reason.is_none() {
            self.ending.stop_reason = reason;
            self.ending.raw_stop_reason = raw;
        }
    }
}

#[cfg(test)]
mod tests {
    use bedrock_stream_core::frame::Limits;
    use bedrock_stream_core::json::Json;

    use super::ChunkWriter;

    #[test]
    fn another_message_gives_back_the_memory_of_the_last() {
        const ROOM: usize = 1 << 20;
        let json = |text| Json::from_text(text).unwrap();
        let mut chunks = ChunkWriter::new(Limits::default().with_max_state_len(ROOM));
        for _ in 0..2 {
            assert!(chunks.vendor_usage(json(r#"{"inputTokens":1}"#)));
            chunks.usage_member("output_tokens".into(), json("1"));
            chunks.closing_member("id", json(r#""a""#));
            assert!(!chunks.keep(ROOM, 0), "something is kept");
            chunks.restart();
            assert!(chunks.keep(ROOM, 0), "nothing is kept");
            assert!(chunks.keep(0, ROOM));
        }
    }
}
