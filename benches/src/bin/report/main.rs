//! Prints the table of PERFORMANCE.md: each figure is a ratio to its floor or peer in the same run.
//!
//! `cargo run --release -p bedrock-stream-benches --features aws-sdk --bin report [ROUNDS] [--assert-allocations]`. The
//! default is 31 rounds; 3 are a smoke test. Without the feature, the rows that need the AWS SDK say so. With
//! `--assert-allocations` it fails if a counted row misses its target: the allocations, and the bytes kept of what was
//! received. Times never fail it, since they depend on what else the machine does.
//!
//! The two sides of a pair run alternately, one round each. A figure is the median of the rounds' ratios; beside it are the
//! quartiles, between which half of the rounds lie, and the ratio of the fastest rounds, which a busy machine disturbs least. Work on one thread is measured in that thread's CPU
//! time, and work over sockets in wall time.

mod chunks;
mod dialects;
mod encoders;
mod gateway;
mod large;
mod memory;
mod messages;
mod network;
mod pair;
mod pushes;
mod requests;
mod retained;
mod table;

use std::process::ExitCode;

use table::Table;

fn main() -> ExitCode {
    let (mut rounds, mut asserts_counts) = (31, false);
    for argument in std::env::args().skip(1) {
        match argument.parse() {
            Ok(number) => rounds = number,
            Err(_) if argument == "--assert-allocations" => asserts_counts = true,
            Err(_) => {
                eprintln!("the arguments are the number of rounds and --assert-allocations, not {argument}");
                return ExitCode::FAILURE;
            }
        }
    }
    let table = Table::begin(rounds);
    messages::measure(&table);
    chunks::measure(&table);
    dialects::measure(&table);
    encoders::measure(&table);
    gateway::measure(&table);
    large::measure(&table);
    pushes::measure(&table);
    network::measure(&table);
    requests::measure(&table);
    memory::measure(&table);
    retained::measure(&table);
    let missed = table.end();
    if asserts_counts && missed > 0 {
        eprintln!("{missed} counted rows miss their targets");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
