use bedrock_stream_benches::{Client, Corpus, Server, Split};

use crate::pair::Pair;
use crate::table::Table;

/// Over loopback, HTTP/1.1, in writes of 16 KiB.
pub(crate) fn measure(table: &Table) {
    let text = Corpus::text(20_000);
    let server = Server::whole(&Split::Reads.pieces(&text));
    let pair = Pair::wall_clock(2);
    let hyper = Client::hyper(server.url());
    assert_eq!(hyper.drop_body(), text.bytes.len(), "the server sends all of it");
    let (to_chunks, floor) = (|| hyper.chunks(), || hyper.drop_body());
    table.at_most("loopback to chunks, hyper", "reading and dropping the body", 1.8, pair, to_chunks, floor);
    let client = Client::reqwest(server.url());
    let (to_chunks, floor) = (|| client.chunks(), || client.drop_body());
    table.at_most(
        "loopback to chunks, reqwest",
        "reading and dropping the body",
        1.8,
        pair,
        to_chunks,
        floor,
    );
    compare(table, &server, || hyper.chunks(), || client.chunks());
}

#[cfg(feature = "aws-sdk")]
fn compare(table: &Table, server: &Server, hyper: impl Fn() -> usize, reqwest: impl Fn() -> usize) {
    let sdk = bedrock_stream_benches::Sdk::over(server.url());
    // The block's start has no event of its own.
    assert_eq!(hyper(), sdk.chunks() + 1, "the two read the same");
    let pair = Pair::wall_clock(1);
    table.at_least("the same, speed, hyper", "aws-sdk-bedrockruntime", 7.0, pair, hyper, || sdk.chunks());
    table.at_least("the same, speed, reqwest", "aws-sdk-bedrockruntime", 7.0, pair, reqwest, || sdk.chunks());
}

#[cfg(not(feature = "aws-sdk"))]
fn compare(table: &Table, _: &Server, _: impl Fn() -> usize, _: impl Fn() -> usize) {
    table.needs_sdk("the same, speed", "at least 7x");
}
