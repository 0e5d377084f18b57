use std::io::{self, Read as _};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bedrock_stream_benches::Corpus;
use bedrock_stream_core::frame::{Header, encode};
use bytes::Bytes;
use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// How many deltas an answer has.
pub(crate) const DELTAS: usize = 100;
/// The model whose deltas come one by one, and each is the time when it was sent.
pub(crate) const STAMPED: &str = "stamped";
/// The model whose answer comes at once.
pub(crate) const AT_ONCE: &str = "at-once";
const BETWEEN: Duration = Duration::from_millis(10);

/// Answers ConverseStream until standard input ends. It reads of a request no more than its model.
pub(crate) async fn run() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let corpus = Rc::new(Corpus::text(DELTAS));
    let tasks = tokio::task::LocalSet::new();
    let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
    tasks.spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let corpus = Rc::clone(&corpus);
            // A client that disconnects ends only its own connection.
            tokio::task::spawn_local(async move { serve(stream, &corpus).await });
        }
    });
    tasks.run_until(ended).await.map_err(io::Error::other)?.map(drop)
}

async fn serve(mut stream: TcpStream, corpus: &Corpus) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut whole = HEAD.to_vec();
    for message in &corpus.messages {
        whole.extend(http_chunk(message));
    }
    whole.extend(END);
    let mut received = Vec::new();
    while let Some(path) = request(&mut stream, &mut received).await? {
        if !path.contains(STAMPED) {
            stream.write_all(&whole).await?;
            continue;
        }
        // The messages before the first delta, and those after the last.
        let (before, after) = (&corpus.messages[..1], &corpus.messages[1 + DELTAS..]);
        stream.write_all(HEAD).await?;
        for message in before {
            stream.write_all(&http_chunk(message)).await?;
        }
        for _ in 0..DELTAS {
            sleep(BETWEEN).await;
            stream.write_all(&http_chunk(&stamped()?)).await?;
        }
        for message in after {
            stream.write_all(&http_chunk(message)).await?;
        }
        stream.write_all(END).await?;
    }
    Ok(())
}

/// The path of the next request, which is read whole; `None` if the client has disconnected.
pub(crate) async fn request(stream: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<Option<String>> {
    let head = loop {
        if let Some(end) = memmem::find(received, b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    };
    let text = String::from_utf8_lossy(&received[..head]).to_ascii_lowercase();
    let len = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let len: usize = len.ok_or_else(|| io::Error::other("a request without a length"))?;
    while received.len() < head + len {
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
    received.drain(..head + len);
    Ok(text.split(' ').nth(1).map(str::to_owned))
}

/// A delta whose text is the time.
fn stamped() -> io::Result<Bytes> {
    let headers = [
        Header::string(":event-type", "contentBlockDelta"),
        Header::string(":content-type", "application/json"),
        Header::string(":message-type", "event"),
    ];
    let payload = format!(
        r#"{{"contentBlockIndex":0,"delta":{{"text":"{:020}"}},"p":"abcdefghijklmnopqr"}}"#,
        nanoseconds()
    );
    let mut message = Vec::new();
    encode(&headers, payload.as_bytes(), &mut message).map_err(io::Error::other)?;
    Ok(message.into())
}

/// The time by the clock that all processes share.
pub(crate) fn nanoseconds() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

pub(crate) fn http_chunk(piece: &Bytes) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

/// The type of an event stream.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";
/// The head of a response of that type, whose body is chunked.
pub(crate) const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n\r\n";
/// The end of that body.
pub(crate) const END: &[u8] = b"0\r\n\r\n";
