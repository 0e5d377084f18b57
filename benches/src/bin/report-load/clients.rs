use allocation_counter::measure as count;
use bedrock_stream_benches::Client;
use bedrock_stream_http::Transport;
use serde_json::{Value, json};

/// Opens `streams` streams of one client; then, while all of them are open, counts what they keep on the heap; then asks once
/// more, which must be what the gate waits for, and reads all of them to their ends.
pub(crate) fn measure(url: &str, streams: usize, is_http2: bool) -> Value {
    if is_http2 {
        of(&Client::hyper_http2(url, STREAMS_PER_CONNECTION), streams)
    } else {
        of(&Client::hyper(url), streams)
    }
}

fn of<T: Transport>(client: &Client<T>, streams: usize) -> Value {
    let mut open = Vec::new();
    let counted = count(|| open = client.idle(streams));
    assert!(client.chunks() > 0, "the last answer is empty");
    let mut errors = client.errors(open);
    let whole = streams + 1 - errors.len();
    errors.dedup();
    json!({
        "streams": streams + 1, "whole": whole, "errors": errors,
        "bytes": counted.bytes_current as f64 / streams as f64,
    })
}

/// As many as servers usually allow.
pub(crate) const STREAMS_PER_CONNECTION: usize = 100;
