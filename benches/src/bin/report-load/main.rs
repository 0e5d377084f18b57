//! Loads gateways with streams of Chat Completions. `crates/gateway/interop/load.py` starts the programs, runs this one
//! against each in turn and compares them; each command prints its figures as one line of JSON.
//!
//! ```text
//! report-load upstream                       a Bedrock that needs little CPU: prints its URL, and runs until standard input ends
//! report-load answers URL STREAMS SECONDS    as many answers as can be had by so many connections
//! report-load delays URL STREAMS SECONDS     the time that a delta takes from the upstream to the client
//! report-load direct URL STREAMS SECONDS     the same, read from the upstream itself
//! report-load streams URL STREAMS TEXT       so many streams of the model `slow` at once; each must be TEXT, to its end
//! report-load gate VERSION STREAMS           a Bedrock whose answers stop after their first delta until so many are open
//! report-load clients VERSION URL STREAMS    so many streams of one client of ours before such a gate, which one more opens:
//!                                            what each keeps on the heap, and whether all are whole
//! ```
//!
//! VERSION is `http1` or `http2`.

mod answers;
mod clients;
mod connection;
mod delays;
mod gate;
mod streams;
mod upstream;

use std::error::Error;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    // One thread, so that it can be pinned to one core.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let figures = match args[..] {
        ["upstream"] => return Ok(runtime.block_on(upstream::run())?),
        ["answers", url, streams, seconds] => {
            let time = Duration::from_secs_f64(seconds.parse()?);
            runtime.block_on(answers::measure(url, streams.parse()?, time))?
        }
        [what @ ("delays" | "direct"), url, streams, seconds] => {
            let time = Duration::from_secs_f64(seconds.parse()?);
            let way = if what == "direct" { delays::Way::Direct } else { delays::Way::Gateway };
            runtime.block_on(delays::measure(url, way, streams.parse()?, time))?
        }
        ["gate", version @ ("http1" | "http2"), streams] => {
            return Ok(runtime.block_on(gate::run(streams.parse()?, version == "http2"))?);
        }
        ["clients", version @ ("http1" | "http2"), url, streams] => {
            clients::measure(url, streams.parse()?, version == "http2")
        }
        ["streams", url, streams, text] => runtime.block_on(streams::measure(url, streams.parse()?, text))?,
        _ => {
            return Err(
                "usage: report-load upstream | answers URL STREAMS SECONDS | delays URL STREAMS SECONDS \
                        | direct URL STREAMS SECONDS | streams URL STREAMS TEXT \
                        | gate VERSION STREAMS | clients VERSION URL STREAMS"
                    .into(),
            );
        }
    };
    println!("{figures}");
    Ok(())
}
