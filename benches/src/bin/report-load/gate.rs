use std::io::{self, Read as _};
use std::rc::Rc;

use bedrock_stream_benches::Corpus;
use bytes::Bytes;
use http::Response;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

use crate::clients::STREAMS_PER_CONNECTION;
use crate::upstream::{CONTENT_TYPE, END, HEAD, http_chunk, request};

/// An answer that stops after its first delta until as many are open as there shall be; then all of them go on.
struct Gate {
    /// The bytes up to the stop.
    before: Bytes,
    after: Bytes,
    opens: Barrier,
}

/// Answers ConverseStream over HTTP/1.1, or over HTTP/2 without TLS (prior knowledge), until standard input ends.
pub(crate) async fn run(streams: usize, is_http2: bool) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let messages = Corpus::short().messages;
    let (before, after) = messages.split_at(2);
    let gate = Rc::new(Gate {
        before: before.concat().into(),
        after: after.concat().into(),
        opens: Barrier::new(streams),
    });
    let tasks = tokio::task::LocalSet::new();
    let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    tasks.spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let gate = Rc::clone(&gate);
            // A client that disconnects ends only its own connection.
            tokio::task::spawn_local(async move {
                stream.set_nodelay(true)?;
                if is_http2 {
                    serve_http2(stream, gate).await.map_err(io::Error::other)
                } else {
                    serve(stream, &gate).await
                }
            });
        }
    });
    tasks.run_until(ended).await.map_err(io::Error::other)?.map(drop)
}

async fn serve(mut stream: TcpStream, gate: &Gate) -> io::Result<()> {
    let mut received = Vec::new();
    while request(&mut stream, &mut received).await?.is_some() {
        stream.write_all(HEAD).await?;
        stream.write_all(&http_chunk(&gate.before)).await?;
        gate.opens.wait().await;
        stream.write_all(&http_chunk(&gate.after)).await?;
        stream.write_all(END).await?;
    }
    Ok(())
}

async fn serve_http2(stream: TcpStream, gate: Rc<Gate>) -> Result<(), h2::Error> {
    let mut builder = h2::server::Builder::new();
    let mut connection =
        builder.max_concurrent_streams(STREAMS_PER_CONNECTION as u32).handshake(stream).await?;
    while let Some(request) = connection.accept().await {
        let (mut request, mut respond) = request?;
        let gate = Rc::clone(&gate);
        tokio::task::spawn_local(async move {
            while let Some(bytes) = request.body_mut().data().await {
                request.body_mut().flow_control().release_capacity(bytes?.len())?;
            }
            let response = Response::builder().header("content-type", CONTENT_TYPE);
            let mut sender = respond.send_response(response.body(()).expect("the header is valid"), false)?;
            sender.send_data(gate.before.clone(), false)?;
            gate.opens.wait().await;
            sender.send_data(gate.after.clone(), true)
        });
    }
    Ok(())
}
