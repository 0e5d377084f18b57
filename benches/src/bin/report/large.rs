use bedrock_stream_benches::{Corpus, Split, checksum_only, frames};

use crate::pair::Pair;
use crate::table::Table;

/// Long messages.
pub(crate) fn measure(table: &Table) {
    for (name, len, messages) in [("64 KiB messages", 64 << 10, 32), ("1 MiB messages", 1 << 20, 16)] {
        let corpus = Corpus::large(name, len, messages);
        let (whole, reads) = (Split::Whole.pieces(&corpus), Split::Reads.pieces(&corpus));
        let floor = || checksum_only(&corpus.messages);
        let pair = Pair::thread_cpu_time(2);
        table.at_most(
            &format!("{name}, whole in the read"),
            "the checksum",
            1.3,
            pair,
            || frames(&whole),
            floor,
        );
        table.at_most(&format!("{name}, 16 KiB reads"), "the checksum", 2.5, pair, || frames(&reads), floor);
    }
}
