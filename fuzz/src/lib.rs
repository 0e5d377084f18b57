//! The fuzz targets as plain functions: each takes any bytes, and panics if the core or the dialects violate a
//! guarantee.
//!
//! - `cargo test --manifest-path fuzz/Cargo.toml` runs every target over the seeds, on a stable toolchain.
//! - `cargo run --manifest-path fuzz/Cargo.toml --example write_seeds` writes the seeds to `fuzz/corpus`.
//! - `RUSTC_BOOTSTRAP=1 cargo +stable fuzz run -s none TARGET` fuzzes.
//! - `cargo run --manifest-path fuzz/Cargo.toml --bin TARGET FILE..` runs a target over files, such as a crash input.

mod answer_reading;
mod carrier_seeds;
mod chunk_decoder;
mod chunk_order;
mod chunk_rules;
mod chunk_stream;
mod chunker;
mod control;
mod delta_scan;
mod dialect_choice;
mod dialects;
mod encode;
mod event_round_trip;
mod frame_headers;
mod frame_round_trip;
mod frame_split;
mod invoke_decoder;
mod partial_json;
mod payloads;
mod proof;
mod random_body;
mod random_json;
mod random_stream;
mod repair;
mod request;
mod rules;
mod seeds;
mod sse_decoder;
mod sse_framer;

// The oracles are shared with the crates' own tests.
#[path = "../../crates/core/tests/frame/model.rs"]
mod model;
#[path = "../../crates/dialects/tests/sse/oracle.rs"]
mod oracle;
#[path = "../../crates/core/tests/frame/split.rs"]
mod split;
#[path = "../../crates/dialects/tests/sse/split.rs"]
mod sse_split;
#[path = "../../crates/core/tests/frame/wire.rs"]
mod wire;

pub use chunk_decoder::chunk_decoder;
pub use chunk_rules::{chunk_rules, compared_items, compared_items_of};
pub use chunk_stream::{chunk_stream, streamed_items};
pub use chunker::chunker;
pub use delta_scan::delta_scan;
pub use dialects::dialects;
pub use encode::encode;
pub use event_round_trip::event_round_trip;
pub use frame_headers::frame_headers;
pub use frame_round_trip::frame_round_trip;
pub use frame_split::frame_split;
pub use invoke_decoder::invoke_decoder;
pub use partial_json::partial_json;
pub use request::request;
pub use seeds::seeds;
pub use sse_decoder::sse_decoder;
pub use sse_framer::sse_framer;

/// A target: its name, which is also that of its binary and its corpus, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("frame_split", frame_split),
    ("frame_headers", frame_headers),
    ("frame_round_trip", frame_round_trip),
    ("event_round_trip", event_round_trip),
    ("chunk_decoder", chunk_decoder),
    ("chunk_rules", chunk_rules),
    ("chunk_stream", chunk_stream),
    ("chunker", chunker),
    ("delta_scan", delta_scan),
    ("partial_json", partial_json),
    ("sse_framer", sse_framer),
    ("sse_decoder", sse_decoder),
    ("invoke_decoder", invoke_decoder),
    ("dialects", dialects),
    ("encode", encode),
    ("request", request),
];

/// Declares the entry point of a target: for the fuzzer, or, without it, a program that runs the target over files.
#[macro_export]
macro_rules! target {
    ($body:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$body(data));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            for path in std::env::args_os().skip(1) {
                $crate::$body(&std::fs::read(path)?);
            }
            Ok(())
        }
    };
}
