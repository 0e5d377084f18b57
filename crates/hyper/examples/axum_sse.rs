//! A server between browsers and Bedrock: sends chunks as server-sent events, and records Bedrock's bytes.
//!
//! ```sh
//! cargo run -p bedrock-stream-hyper --example axum_sse -- us.amazon.nova-lite-v1:0 answers 127.0.0.1:3000
//! curl -N 'http://127.0.0.1:3000/answer?prompt=Why+is+the+sky+blue'
//! ```
//!
//! Region and credentials come from the environment, as in every example. `bedrock-stream decode` reads the files in `answers`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs::{File, create_dir_all};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use bedrock_stream_hyper::converse::Request;
use bedrock_stream_hyper::{Client, Received};
use futures_util::stream::poll_fn;
use serde_json::json;
use tokio::net::TcpListener;

struct Proxy {
    client: Client,
    model: String,
    folder: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [model, folder, address] = <[String; 3]>::try_from(std::env::args().skip(1).collect::<Vec<_>>())
        .map_err(|_| "usage: axum_sse MODEL FOLDER ADDRESS")?;
    let proxy = Arc::new(Proxy { client: Client::from_env()?, model, folder: folder.into() });
    create_dir_all(&proxy.folder)?;
    let app = axum::Router::new().route("/", get(Html(PAGE))).route("/answer", get(answer)).with_state(proxy);
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn answer(
    State(proxy): State<Arc<Proxy>>,
    Query(mut query): Query<HashMap<String, String>>,
) -> Result<impl IntoResponse, (StatusCode, String)> {
    let prompt = query.remove("prompt").ok_or((StatusCode::BAD_REQUEST, "no prompt".to_owned()))?;
    // Until here a failure can be an HTTP error; later it is an event of its own.
    let chunks = proxy.client.converse_stream(&proxy.model, &Request::new().user(prompt)).await;
    let mut chunks = chunks.map_err(|error| (StatusCode::BAD_GATEWAY, error.with_causes()))?;

    let name = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    let kept = File::create_new(proxy.folder.join(format!("{name}.bin")));
    let mut kept = kept.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let mut keep = move |seen: Received<'_>| {
        // A few hundred bytes, which the system caches. For slow disks, hand them to a thread instead.
        if let Received::Bytes(bytes) = seen {
            kept.write_all(bytes).unwrap_or_else(|error| eprintln!("{name}.bin lacks bytes: {error}"));
        }
    };
    // If the browser disconnects, the stream is dropped, which cancels the request to Bedrock: the rest is not billed.
    Ok(Sse::new(poll_fn(move |cx| {
        chunks.poll_next_inspect(cx, &mut keep).map(|next| {
            let data = match next? {
                Ok(chunk) => serde_json::to_string(&chunk),
                Err(error) => Ok(json!({ "type": "failure", "message": error.with_causes() }).to_string()),
            };
            Some(Ok::<_, Infallible>(Event::default().data(data.unwrap_or_default())))
        })
    })))
}

/// An `EventSource` reconnects when a stream ends, so the page closes it after the answer.
const PAGE: &str = include_str!("axum_sse.html");
