use bedrock_stream_benches::{Client, Corpus, Split};

use crate::pair::Pair;
use crate::table::Table;

/// The CPU time of one short signed request, with an immediate answer of nine events.
pub(crate) fn measure(table: &Table) {
    let short = Corpus::short();
    assert_eq!(short.messages.len(), 9);
    let pieces = Split::Messages.pieces(&short);
    let client = Client::in_process(pieces.clone());
    let peer = Client::signed_by_aws_sigv4(pieces.clone());
    let pair = Pair::thread_cpu_time(20);
    let what = "CPU a request, 9 events";
    table.at_most(what, "signed by aws-sigv4", 0.7, pair, || client.chunks(), || peer.chunks());
    compare(table, &client, pieces);
}

#[cfg(feature = "aws-sdk")]
fn compare(table: &Table, client: &Client<bedrock_stream_benches::MockTransport>, pieces: Vec<bytes::Bytes>) {
    let sdk = bedrock_stream_benches::Sdk::in_process(pieces);
    let pair = Pair::thread_cpu_time(20);
    table.at_most("CPU a request, 9 events", "the SDK's", 0.2, pair, || client.chunks(), || sdk.chunks());
}

#[cfg(not(feature = "aws-sdk"))]
fn compare(table: &Table, client: &Client<bedrock_stream_benches::MockTransport>, _: Vec<bytes::Bytes>) {
    std::hint::black_box(client.chunks());
    table.needs_sdk("CPU a request, 9 events", "at most 0.2x");
}
