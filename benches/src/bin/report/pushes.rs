use bedrock_stream_benches::{Corpus, Split, frames_pushed};

use crate::pair::Pair;
use crate::table::Table;

/// One byte at a time.
pub(crate) fn measure(table: &Table) {
    let text = Corpus::text(2_000);
    let (whole, bytes) = (Split::Whole.pieces(&text), Split::Bytes.pieces(&text));
    let pair = Pair::thread_cpu_time(1);
    let bytewise = || frames_pushed(&bytes);
    table.at_most("one byte a push", "one push", 40.0, pair, bytewise, || frames_pushed(&whole));

    // The same number of bytes in one message.
    let long = Corpus::large("one message", text.bytes.len() - text.bytes.len() / text.messages.len(), 1);
    let long = Split::Bytes.pieces(&long);
    table.at_most(
        "one byte a push, a long message",
        "short ones",
        1.1,
        pair,
        || frames_pushed(&long),
        bytewise,
    );
}
