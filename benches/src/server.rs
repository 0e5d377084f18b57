use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use bytes::Bytes;

/// A very cheap HTTP/1.1 server on loopback: it ignores the content of requests, and writes a prepared body with one write
/// per piece. It runs as long as the process.
#[derive(Clone, Debug)]
pub struct Server {
    url: String,
}

impl Server {
    /// Answers each request with these pieces.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    #[must_use]
    pub fn whole(pieces: &[Bytes]) -> Self {
        let end = Bytes::from_static(b"0\r\n\r\n");
        Self::start(pieces.iter().map(http_chunk).chain([end]).collect(), false)
    }

    /// Answers each request with these pieces, and then sends nothing until the client disconnects.
    ///
    /// # Panics
    ///
    /// If it cannot listen.
    #[must_use]
    pub fn stalling(pieces: &[Bytes]) -> Self {
        Self::start(pieces.iter().map(http_chunk).collect(), true)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn start(writes: Vec<Bytes>, stalls: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let writes = Arc::new(writes);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let writes = Arc::clone(&writes);
                // A client that disconnects ends only its own connection.
                thread::spawn(move || serve(&connection, &writes, stalls));
            }
        });
        Self { url }
    }
}

fn serve(connection: &TcpStream, writes: &[Bytes], stalls: bool) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    while read_request(&mut reader)? {
        let mut writer = connection;
        writer.write_all(HEAD)?;
        for bytes in writes {
            writer.write_all(bytes)?;
        }
        if stalls {
            return io::copy(&mut reader, &mut io::sink()).map(drop);
        }
    }
    Ok(())
}

/// Reads a request; `false` if the client has disconnected.
fn read_request(reader: &mut BufReader<&TcpStream>) -> io::Result<bool> {
    let mut len = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            len = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.is_empty() {
            break;
        }
    }
    io::copy(&mut reader.take(len), &mut io::sink())?;
    Ok(true)
}

fn http_chunk(piece: &Bytes) -> Bytes {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat().into()
}

const HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: chunked\r\n\r\n";
