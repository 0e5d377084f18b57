use allocation_counter::measure as count;
use bedrock_stream_benches::{Corpus, Split, checksum_only, frames, smithy_frames};

use crate::pair::Pair;
use crate::table::Table;

/// Bytes to messages, of Bedrock's size.
pub(crate) fn measure(table: &Table) {
    let text = Corpus::text(2_000);
    let reads = Split::Reads.pieces(&text);
    let pair = Pair::thread_cpu_time(20);
    let ours = || frames(&reads);
    table
        .at_most("messages, 16 KiB reads", "the checksum", 1.4, pair, ours, || checksum_only(&text.messages));
    let pair = Pair::thread_cpu_time(4);
    table.at_least("the same, speed", "aws-smithy-eventstream", 15.0, pair, ours, || smithy_frames(&reads));
    let allocations = count(|| _ = frames(&reads)).count_total.saturating_sub(SET_UP);
    table.count("allocations a message", "", allocations as f64 / text.messages.len() as f64, 0.0);
}

/// One-time allocations: growth of the decoder's buffer.
const SET_UP: u64 = 8;
