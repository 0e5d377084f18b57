use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use allocation_counter::measure as count;
use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{ChunkStream, Client, Config, Credentials, Transport};
use futures_core::Stream as _;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Opens `streams` streams of one client and reads the first delta of each; then, while all of them are open, counts what
/// they keep on the heap; then opens one more, which must be what the gate waits for, and reads all of them to their ends.
pub(crate) fn measure(
    runtime: &Runtime,
    url: &str,
    streams: usize,
    is_http2: bool,
) -> Result<Value, Box<dyn Error>> {
    let config = Config::builder().region("us-east-1").endpoint_url(url);
    let config = config.credentials(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI")).build()?;
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder.http2_only(is_http2).pool_timer(TokioTimer::new());
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let transport = bedrock_stream_hyper::Transport::new(&config, builder, connector);
    let client = Client::with_transport(config, transport);
    let mut open = Vec::with_capacity(streams + 1);
    let mut asked: Result<(), bedrock_stream_http::Error> = Ok(());
    let counted = count(|| {
        asked = runtime.block_on(async {
            for _ in 0..streams {
                let mut stream = ask(&client).await?;
                // Only a stream that waits for more has freed what it has read.
                poll_fn(|cx| {
                    assert!(Pin::new(&mut stream).poll_next(cx).is_pending(), "the stream goes on");
                    Poll::Ready(())
                })
                .await;
                open.push(stream);
            }
            Ok(())
        });
    });
    asked?;
    open.push(runtime.block_on(ask(&client))?);
    let (mut whole, mut errors) = (0, Vec::new());
    runtime.block_on(async {
        for stream in open {
            match stream.collect().await {
                Ok(_) => whole += 1,
                Err(error) => errors.push(error.to_string()),
            }
        }
    });
    errors.dedup();
    Ok(json!({
        "streams": streams + 1, "whole": whole, "errors": errors,
        "bytes": counted.bytes_current as f64 / streams as f64,
    }))
}

/// Opens a stream, and reads from it up to its first delta.
async fn ask<T: Transport>(client: &Client<T>) -> Result<ChunkStream<T::Body>, bedrock_stream_http::Error> {
    let request = Request::new().user("Why is the sky blue?");
    let mut stream = client.converse_stream("us.amazon.nova-lite-v1:0", &request).await?;
    while !matches!(stream.next().await.transpose()?, Some(Chunk::Text { .. }) | None) {}
    Ok(stream)
}
