//! Prints the table of PERFORMANCE.md: each figure is a ratio to its floor or peer in the same run.
//!
//! `cargo run --release -p bedrock-stream-benches --features aws-sdk --bin report [ROUNDS]`. The default is 31 rounds; 3
//! are a smoke test. Without the feature, the rows that need the AWS SDK say so.
//!
//! The two sides of a pair run alternately, one round each. A figure is the median of the rounds' ratios; beside it is the
//! ratio of the fastest rounds, which a busy machine disturbs least. Work on one thread is measured in that thread's CPU
//! time, and work over sockets in wall time.

mod chunks;
mod dialects;
mod encoders;
mod large;
mod memory;
mod messages;
mod network;
mod pair;
mod pushes;
mod requests;
mod retained;
mod table;

use table::Table;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(31);
    let table = Table::begin(rounds);
    messages::measure(&table);
    chunks::measure(&table);
    dialects::measure(&table);
    encoders::measure(&table);
    large::measure(&table);
    pushes::measure(&table);
    network::measure(&table);
    requests::measure(&table);
    memory::measure(&table);
    retained::measure(&table);
    table.end();
}
