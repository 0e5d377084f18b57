use std::io;

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How a chunked body ends.
const END: &[u8] = b"\r\n0\r\n\r\n";

/// A connection that is asked for one answer after the other. It understands just enough HTTP/1.1 for that, so that the
/// client needs little CPU beside the gateway.
pub(crate) struct Connection {
    stream: TcpStream,
    authority: String,
    response: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(url: &str) -> io::Result<Self> {
        let authority = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let stream = TcpStream::connect(&authority).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, authority, response: Vec::with_capacity(32 << 10) })
    }

    /// Asks for an answer of that model by Chat Completions, and reads it.
    pub(crate) async fn chat(&mut self, model: &str, seen: impl FnMut(&[u8])) -> io::Result<&[u8]> {
        let body = format!(
            r#"{{"model":"{model}","stream":true,"messages":[{{"role":"user","content":"Hello"}}]}}"#
        );
        self.ask("/v1/chat/completions", &body, seen).await
    }

    /// Sends a request, and reads the response; `seen` gets all of it that has arrived, after each read. Returns it whole, or
    /// the error if its status is not 200 or the connection breaks off before its end.
    pub(crate) async fn ask(
        &mut self,
        path: &str,
        body: &str,
        mut seen: impl FnMut(&[u8]),
    ) -> io::Result<&[u8]> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer any\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.authority,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.response.clear();
        loop {
            if self.stream.read_buf(&mut self.response).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !b"HTTP/1.1 200 OK\r\n".starts_with(&self.response[..self.response.len().min(17)]) {
                return Err(io::Error::other(String::from_utf8_lossy(&self.response).into_owned()));
            }
            seen(&self.response);
            if self.response.ends_with(END) {
                return Ok(&self.response);
            }
        }
    }
}

/// The body of a whole chunked response.
pub(crate) fn body(response: &[u8]) -> Option<Vec<u8>> {
    let mut rest = &response[memmem::find(response, b"\r\n\r\n")? + 4..];
    let mut body = Vec::with_capacity(rest.len());
    loop {
        let line = memmem::find(rest, b"\r\n")?;
        let len = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        if len == 0 {
            return Some(body);
        }
        let start = line + 2;
        body.extend_from_slice(rest.get(start..start + len)?);
        rest = rest.get(start + len + 2..)?;
    }
}
