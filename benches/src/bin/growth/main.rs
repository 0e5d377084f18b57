//! Measures whether the cost of a byte grows with what there is of it: with the length of an answer, with the number of
//! streams that one thread reads, and with the number of content blocks that are open at once. It prints a table, and draws
//! the plot of PERFORMANCE.md.
//!
//! `cargo run --release -p bedrock-stream-benches --bin growth [ROUNDS] [FILE.svg]`. The default is 15 rounds; without a file
//! nothing is drawn.
//!
//! Each figure is the CPU time of a byte, divided by that of the smallest size in the same run: 1.0 means that it does not
//! grow. The sizes of a series are measured in turn, one round each, and a figure is the median of the rounds' ratios.

mod plot;
mod series;

use std::error::Error;

use series::Series;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map_or(Ok(15), |rounds| rounds.parse())?;
    let measured = [Series::answers(rounds), Series::streams(rounds), Series::open_blocks(rounds)];
    for series in &measured {
        println!("{}", series.name);
        for point in &series.points {
            println!("  {:>14} {:.2}x", point.label, point.cost);
        }
    }
    if let Some(file) = arguments.next() {
        plot::draw(&measured, &file)?;
    }
    Ok(())
}
