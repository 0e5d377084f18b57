use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use bedrock_stream_testkit::FakeBedrock;

use super::program;

/// A program that prints its URL and then serves, until this is dropped.
pub(crate) struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    pub(crate) fn start(name: &str, bedrock: &FakeBedrock, environment: &[(&str, &str)]) -> Self {
        let mut command = program(name, Some(bedrock));
        command.envs(environment.iter().copied()).stdin(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("it was piped");
        BufReader::new(stdout).read_line(&mut url).expect("it can be read");
        let address = url.trim_end().strip_prefix("http://").unwrap_or_else(|| panic!("{name}: {url:?}"));
        Self { address: address.to_owned(), child }
    }

    /// Sends a request with these lines in its head; the whole response.
    pub(crate) fn send(&self, request: &str, head: &str, body: &str) -> String {
        let mut response = String::new();
        self.open(request, head, body).read_to_string(&mut response).expect("the response ends");
        response
    }

    /// Sends a request, and closes the connection once `text` has arrived.
    pub(crate) fn leave(&self, request: &str, body: &str, text: &str) {
        let (mut stream, mut response) = (self.open(request, "", body), Vec::new());
        while !String::from_utf8_lossy(&response).contains(text) {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the response goes on");
            response.extend(byte);
        }
    }

    fn open(&self, request: &str, head: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("it is not zero");
        let len = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{head}content-length: {len}\r\n\r\n{body}"
        )
        .expect("it reads");
        stream
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
