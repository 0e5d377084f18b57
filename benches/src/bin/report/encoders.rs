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
        let of = |deltas| {
            let answer = Encoded::new(&Corpus::messages_text(deltas), dialect);
            let allocations = count(|| {
                black_box(answer.write());
            });
            (allocations.count_total, answer.chunks())
        };
        let (one, two) = (of(2_000), of(4_000));
        let figure = (two.0 - one.0) as f64 / (two.1 - one.1) as f64;
        // Responses keeps its texts, which are moved when they grow.
        let what = format!("allocations a further chunk, {dialect} events");
        table.count(&what, "", (figure * 100.0).round() / 100.0, 1.0);
    }
}
