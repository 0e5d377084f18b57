use bedrock_stream_benches::{Corpus, Split, checksum_only, copied_checksum, frames};

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
        let what = format!("{name}, 16 KiB reads");
        let length = corpus.messages[0].len();
        let copied = || copied_checksum(&reads, length);
        table.at_most(&what, "a copy and the checksum", 1.1, pair, || frames(&reads), copied);
    }
}
