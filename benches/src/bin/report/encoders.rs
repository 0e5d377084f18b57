use std::hint::black_box;

use allocation_counter::measure as count;
use bedrock_stream_benches::{Corpus, Encoded};
use bedrock_stream_dialects::Dialect;

use crate::pair::Pair;
use crate::table::Table;

const DIALECTS: [Dialect; 3] = [Dialect::Chat, Dialect::Responses, Dialect::Messages];

/// Chunks to server-sent events of each dialect.
pub(crate) fn measure(table: &Table) {
    for (kind, corpus) in [("text", Corpus::messages_text(2_000)), ("mixed", Corpus::messages_mixed(20))] {
        for dialect in DIALECTS {
            let answer = Encoded::new(&corpus, dialect);
            let what = format!("chunks to {dialect} events, {kind}, speed");
            let against = "`serde_json` of the same objects";
            table.at_least(
                &what,
                against,
                2.0,
                Pair::thread_cpu_time(5),
                || answer.write(),
                || answer.write_typed(),
            );
        }
    }
    for dialect in DIALECTS {
        // Responses keeps its texts, which are moved when they grow.
        let what = format!("allocations a further chunk, {dialect} events");
        table.further_allocations(&what, 1.0, |deltas| {
            let answer = Encoded::new(&Corpus::messages_text(deltas), dialect);
            let allocations = count(|| {
                black_box(answer.write());
            });
            (allocations.count_total, answer.chunks())
        });
    }
}
