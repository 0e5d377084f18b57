//! Asks a model, and prints the answer's metrics as Prometheus text. A server would return that text at `/metrics`.

use std::error::Error;

use bedrock_stream_reqwest::converse::Request;
use bedrock_stream_reqwest::{Client, Instrument};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Before the first request. With buckets, they are histograms; without, the exporter makes summaries of them.
    let mut builder = PrometheusBuilder::new();
    for instrument in Instrument::ALL {
        builder =
            builder.set_buckets_for_metric(Matcher::Full(instrument.name.into()), instrument.buckets)?;
    }
    let metrics = builder.install_recorder()?;
    Instrument::describe_all();

    let [_, model, prompt] = &std::env::args().collect::<Vec<_>>()[..] else {
        return Err("usage: prometheus MODEL PROMPT".into());
    };
    let request = Request::new().user(&**prompt).max_tokens(500);
    let answer = match Client::from_env()?.converse_stream(model, &request).await {
        Ok(chunks) => chunks.collect().await.map(|answer| answer.text()).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    eprintln!("{}", answer.unwrap_or_else(|error| error));
    println!("{}", metrics.render());
    Ok(())
}
