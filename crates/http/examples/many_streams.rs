//! Streams a thousand answers at once in one process, through each client in turn; all must be complete. Prints the
//! memory that each open stream adds to the process, on systems with `/proc`.
//!
//! `cargo run --release -p bedrock-stream-http --example many_streams [STREAMS]`
//!
//! The server runs in its own process. Each stream is a connection: allow more open files than streams (`ulimit -n`).

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::frame::{Header, encode};
use bedrock_stream_http::{ChunkStream, Config};
use http_body::Body;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = |count: &str| count.parse::<usize>();
    match arguments.iter().map(|argument| &**argument).collect::<Vec<_>>()[..] {
        ["serve"] => serve().await,
        ["hyper", streams] => {
            let server = Server::start()?;
            let client = &bedrock_stream_hyper::Client::new(server.config()?)?;
            let ask = async || client.converse_stream("m", &Request::new().user("Hi")).await;
            measure("hyper", count(streams)?, ask).await
        }
        ["reqwest", streams] => {
            let server = Server::start()?;
            let client = &bedrock_stream_reqwest::Client::new(server.config()?)?;
            let ask = async || client.converse_stream("m", &Request::new().user("Hi")).await;
            measure("reqwest", count(streams)?, ask).await
        }
        // Each client has its own process, so that one does not reuse memory that the other has freed.
        ref other => {
            let streams = other.first().copied().unwrap_or("1000");
            for client in ["hyper", "reqwest"] {
                let status = Command::new(std::env::current_exe()?).args([client, streams]).status()?;
                if !status.success() {
                    return Err(format!("{client}: {status}").into());
                }
            }
            Ok(())
        }
    }
}

async fn measure<B>(
    name: &str,
    count: usize,
    ask: impl AsyncFn() -> Result<ChunkStream<B>, bedrock_stream_http::Error>,
) -> Result<(), Box<dyn Error>>
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>> + Unpin + Send + 'static,
{
    // One-time costs are not counted.
    ask().await?.collect().await?;
    let before = resident();
    let begin = Instant::now();
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        streams.push(ask().await?);
    }
    let opened = begin.elapsed();
    let all_open = resident();
    let together = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|mut stream| {
            let together = Arc::clone(&together);
            tokio::spawn(async move {
                together.wait().await;
                let mut last = None;
                while let Some(chunk) = stream.next().await {
                    last = Some(chunk);
                }
                matches!(last, Some(Ok(Chunk::Done(_))))
            })
        })
        .collect();
    let mut whole = 0;
    for task in tasks {
        whole += usize::from(task.await?);
    }
    println!(
        "{name}: {whole} of {count} answers complete, opened in {opened:.1?}, done after {:.1?}",
        begin.elapsed()
    );
    if let (Some(before), Some(all_open)) = (before, all_open) {
        println!("{name}: {} bytes for each open stream", all_open.saturating_sub(before) / count);
    }
    if whole == count { Ok(()) } else { Err("not every answer is complete".into()) }
}

/// The memory used by this process, in bytes.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<usize>().ok()? * 1024)
}

/// The server, in a process that is ended on drop.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start() -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }

    fn config(&self) -> Result<Config, bedrock_stream_http::ConfigError> {
        Config::builder().endpoint_url(&self.url).bearer("any").build()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(answer(stream));
    }
}

/// Sends the start of an answer, then one word every 50 ms for five seconds.
async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request).await?;
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&event("messageStart", r#"{"role":"assistant"}"#)).await?;
    let word =
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"word "},"p":"abcdefghij"}"#);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(&word).await?;
    }
    stream.write_all(&event("contentBlockStop", r#"{"contentBlockIndex":0}"#)).await?;
    stream.write_all(&event("messageStop", r#"{"stopReason":"end_turn"}"#)).await?;
    stream
        .write_all(&event("metadata", r#"{"usage":{"inputTokens":1,"outputTokens":100,"totalTokens":101}}"#))
        .await
}

fn event(kind: &str, payload: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let headers = [Header::string(":event-type", kind), Header::string(":message-type", "event")];
    encode(&headers, payload.as_bytes(), &mut bytes).expect("the example's own events can be encoded");
    bytes
}
