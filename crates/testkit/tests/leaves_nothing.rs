//! What a fake Bedrock leaves behind. A process of its own, so that nothing else opens files or starts threads.

use std::net::TcpListener;
use std::time::Duration;
use std::{fs, thread};

use bedrock_stream_testkit::{FakeBedrock, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const QUESTION: &str = r#"{"messages":[{"role":"user","content":[{"text":"Why is the sky blue?"}]}]}"#;
/// So slow that no stream ends by itself.
const FOREVER: Duration = Duration::from_secs(1_000_000);

/// How many threads and open files this process has; none where the system does not tell.
fn held() -> Option<(usize, usize)> {
    let count = |folder| Some(fs::read_dir(folder).ok()?.count());
    Some((count("/proc/self/task")?, count("/proc/self/fd")?))
}

/// Begins to read an answer; gives the connection as soon as the answer's head is there.
async fn begin(bedrock: &FakeBedrock) -> TcpStream {
    let mut stream = TcpStream::connect(bedrock.addr()).await.expect("the fake listens");
    let head = format!(
        "POST /model/m/converse-stream HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        QUESTION.len()
    );
    stream.write_all(format!("{head}{QUESTION}").as_bytes()).await.expect("the fake reads");
    let mut start = [0; 15];
    stream.read_exact(&mut start).await.expect("the fake answers");
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    stream
}

#[tokio::test]
async fn no_thread_no_port_and_no_file() {
    let slow = || FakeBedrock::builder().delay(FOREVER);
    // The runtime's own files are open from here on.
    drop(begin(&slow().start().await.expect("a port is free")).await);
    let before = held();

    for _ in 0..3 {
        let (one, other) = (slow().start().await, slow().start().await);
        let (one, other) = (one.expect("a port is free"), other.expect("another one too"));
        assert_ne!(one.addr(), other.addr());
        let again = slow().listen(one.addr()).start().await.expect_err("the port is taken");
        assert!(matches!(again, StartError::Listen { .. }), "{again:?}");
        assert!(again.to_string().starts_with(&format!("cannot listen on {}: ", one.addr())), "{again}");

        let mut reader = begin(&one).await;
        let gone = begin(&other).await;
        assert_eq!((one.open_streams(), other.open_streams()), (1, 1));
        drop(gone);
        let addresses = [one.addr(), other.addr()];
        // In the middle of a stream that somebody still reads.
        drop((one, other));
        let mut rest = Vec::new();
        // Cut short, one way or the other: the chunked body's end is missing.
        let _ = reader.read_to_end(&mut rest).await;
        assert!(!rest.ends_with(b"0\r\n\r\n"), "the answer was not whole");
        for address in addresses {
            drop(TcpListener::bind(address).expect("the port is free again"));
        }
    }

    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = FakeBedrock::builder().recordings(folder.path().join("missing")).start().await;
    let error = missing.expect_err("the folder is missing");
    assert!(matches!(error, StartError::Recordings(_)), "{error:?}");
    assert!(error.to_string().contains("missing"), "{error}");
    drop(folder);

    // A joined thread may be listed for a moment longer.
    for _ in 0..1_000 {
        if held() == before {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    println!("threads and open files: {before:?} before, {:?} after", held());
    assert_eq!(held(), before);
}
