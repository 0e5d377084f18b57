use allocation_counter::measure as count;
use bedrock_stream_benches::{Corpus, Gateway, Split, typed_gateway};

use crate::pair::Pair;
use crate::table::Table;

/// The gateway's whole way but for the sockets, which `report-load` measures: a request's JSON in, an answer from a
/// transport in memory, and the client's events out.
pub(crate) fn measure(table: &Table) {
    let reads = Split::Reads.pieces(&Corpus::text(20_000));
    let gateway = Gateway::in_process(reads.clone());
    let pair = Pair::thread_cpu_time(1);
    let what = "the gateway in process, Converse to chat events, time";
    let peer = "aws-smithy-eventstream + typed serde";
    table.figure(what, peer, pair, || gateway.bytes(), || typed_gateway(&reads));
    // What is sent is a buffer of its own, which the client's connection keeps until it is written.
    table.further_allocations("allocations a further chunk, the gateway in process", 0.1, |deltas| {
        let gateway = Gateway::in_process(Split::Reads.pieces(&Corpus::text(deltas)));
        let allocations = count(|| _ = gateway.bytes()).count_total;
        (allocations, deltas)
    });
}
