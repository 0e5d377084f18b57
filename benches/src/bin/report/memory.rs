use allocation_counter::{measure as count, opt_out};
use bedrock_stream_benches::{Client, Corpus, Http2Server, Server, Split};
use bytes::Bytes;

use crate::table::Table;

/// Live heap bytes: of an idle stream including its connection, and at the peak of a long message.
pub(crate) fn measure(table: &Table) {
    let beginning = &Corpus::short().messages[..2];
    let server = Server::stalling(beginning);
    let hyper = Client::hyper(server.url());
    let reqwest = Client::reqwest(server.url());
    // Over the network, so that the client decides whether to keep a read buffer.
    let long = Server::whole(&Split::Reads.pieces(&Corpus::long_text(16 << 20)));
    let client = Client::hyper(long.url());
    let ours = Figures {
        idle: [live(|streams| hyper.idle(streams)), live(|streams| reqwest.idle(streams))],
        idle_of_many: live_of_many(beginning),
        peak: peak(|| client.chunks()),
    };
    compare(table, &ours, &server, &long);
}

/// In bytes.
struct Figures {
    /// Over hyper and over reqwest.
    idle: [f64; 2],
    /// Over hyper and HTTP/2, one of many on a connection.
    idle_of_many: f64,
    peak: u64,
}

/// The memory of one of many streams.
fn live<T>(open: impl Fn(usize) -> Vec<T>) -> f64 {
    // One-time allocations are not counted.
    opt_out(|| drop(open(1)));
    let mut streams = Vec::new();
    let counted = count(|| streams = open(STREAMS));
    opt_out(|| drop(streams));
    counted.bytes_current as f64 / STREAMS as f64
}

/// The memory of one of many streams on one HTTP/2 connection, of which it has its share.
fn live_of_many(beginning: &[Bytes]) -> f64 {
    let server = Http2Server::stalling(beginning.concat().into());
    // One-time allocations are not counted, but those of the connection are: so this is another client.
    opt_out(|| drop(Client::hyper_http2(server.url(), usize::MAX).idle(1)));
    let client = Client::hyper_http2(server.url(), usize::MAX);
    let mut streams = Vec::new();
    let counted = count(|| streams = client.idle(STREAMS_OF_ONE));
    opt_out(|| drop(streams));
    counted.bytes_current as f64 / STREAMS_OF_ONE as f64
}

/// The median peak of a few answers, since the peak depends on the sizes of the reads.
fn peak(read: impl Fn() -> usize) -> u64 {
    let mut peaks = [0; 5].map(|_: u64| count(|| _ = read()).bytes_max);
    peaks.sort_unstable();
    peaks[peaks.len() / 2]
}

#[cfg(feature = "aws-sdk")]
fn compare(table: &Table, ours: &Figures, server: &Server, long: &Server) {
    use bedrock_stream_benches::Sdk;

    let sdk = Sdk::over(server.url());
    let idle = live(|streams| sdk.idle(streams));
    let [hyper, reqwest] = ours.idle;
    table.share("memory of an idle stream, hyper", hyper / 1e3, idle / 1e3, "kB", 0.95);
    table.share("memory of an idle stream, reqwest", reqwest / 1e3, idle / 1e3, "kB", 0.95);
    let of_many = ours.idle_of_many;
    table.share(IDLE_OF_MANY, of_many / 1e3, idle / 1e3, "kB", 0.1);
    let sdk = Sdk::over(long.url());
    let peak = peak(|| sdk.chunks());
    table.share("peak of a 16 MiB message", ours.peak as f64 / 1e6, peak as f64 / 1e6, "MB", 0.4);
}

#[cfg(not(feature = "aws-sdk"))]
fn compare(table: &Table, ours: &Figures, _: &Server, _: &Server) {
    let [hyper, reqwest] = ours.idle.map(|bytes| bytes / 1e3);
    table.needs_sdk(&format!("memory of an idle stream, hyper: {hyper:.1} kB"), "at most 0.95x");
    table.needs_sdk(&format!("memory of an idle stream, reqwest: {reqwest:.1} kB"), "at most 0.95x");
    let of_many = ours.idle_of_many / 1e3;
    table.needs_sdk(&format!("{IDLE_OF_MANY}: {of_many:.1} kB"), "at most 0.1x");
    table.needs_sdk(&format!("peak of a 16 MiB message: {:.1} MB", ours.peak as f64 / 1e6), "at most 0.4x");
}

const IDLE_OF_MANY: &str = "memory of an idle stream, one of 1,000 on one HTTP/2 connection";
const STREAMS: usize = 50;
const STREAMS_OF_ONE: usize = 1_000;
