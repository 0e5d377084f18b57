use std::io;
use std::net::TcpListener;
use std::thread;

use bytes::Bytes;
use http::Response;

/// An HTTP/2 server on loopback, without TLS (prior knowledge): it ignores the content of requests, answers each with the
/// same bytes, and then sends nothing until the client disconnects. It runs as long as the process, on its own thread.
#[derive(Clone, Debug)]
pub struct Http2Server {
    url: String,
}

impl Http2Server {
    /// Answers each request with these bytes, and then stalls.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    #[must_use]
    pub fn stalling(bytes: Bytes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        thread::spawn(move || run(listener, bytes));
        Self { url }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

fn run(listener: TcpListener, bytes: Bytes) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            // A client that disconnects ends only its own connection.
            tokio::spawn(serve(stream, bytes.clone()));
        }
    })
}

async fn serve(stream: tokio::net::TcpStream, bytes: Bytes) -> Result<(), h2::Error> {
    let mut builder = h2::server::Builder::new();
    // Requests are not read, so there must be room for them.
    let builder = builder.max_concurrent_streams(MAX_STREAMS).initial_connection_window_size(WINDOW);
    let mut connection = builder.handshake(stream).await?;
    // A stream ends when its handles are dropped.
    let mut open = Vec::new();
    while let Some(request) = connection.accept().await {
        let (request, mut respond) = request?;
        let response = Response::builder().header("content-type", "application/vnd.amazon.eventstream");
        let mut sender = respond.send_response(response.body(()).expect("the header is valid"), false)?;
        sender.send_data(bytes.clone(), false)?;
        open.push((request, sender));
    }
    Ok(())
}

/// How many streams one connection may have.
const MAX_STREAMS: u32 = 10_000;
/// In bytes.
const WINDOW: u32 = 1 << 24;
