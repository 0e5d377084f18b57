//! A web page that talks to a model: axum serves the page, and the gateway answers it in the stream of Chat Completions.
//!
//! ```sh
//! cargo run -p bedrock-stream-gateway --example axum_sse -- us.amazon.nova-lite-v1:0 127.0.0.1:3000
//! ```
//!
//! Region and credentials come from the environment, as in every example. If the page is closed, the request to Bedrock ends.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use bedrock_stream_gateway::Gateway;
use bedrock_stream_hyper::Client;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [model, address] = <[String; 2]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "usage: axum_sse MODEL ADDRESS")?;
    let gateway = Gateway::builder(Client::from_env()?).alias("model", model).build();
    let app = Router::new().route("/", get(Html(PAGE))).fallback_service(gateway);
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// It reads the stream, and shows an error that comes in it.
const PAGE: &str = include_str!("axum_sse.html");
