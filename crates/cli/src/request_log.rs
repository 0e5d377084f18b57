use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bedrock_stream_core::converse::Json;
use bedrock_stream_testkit::ReceivedRequest;
use serde::Serialize;

use crate::output::Failure;

/// The file to which `serve` appends each request that it received.
#[derive(Debug)]
pub(crate) struct RequestLog {
    path: PathBuf,
    /// `None` once writing has failed.
    file: Option<File>,
    /// The requests that the server kept when it was last asked: all of them have been written.
    written: Vec<ReceivedRequest>,
}

impl RequestLog {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        match OpenOptions::new().create(true).append(true).open(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file: Some(file), written: Vec::new() }),
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    /// Appends what is new among the requests that the server keeps. A file that cannot be written is told once: the
    /// server goes on without.
    pub(crate) fn update(&mut self, kept: Vec<ReceivedRequest>) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut lines = Vec::new();
        let known = overlap(&self.written, &kept);
        // Whatever was kept has been forgotten since: so may have been what came between.
        let may_miss = known == 0 && !self.written.is_empty();
        for request in kept.iter().skip(known) {
            let start = lines.len();
            let written = serde_json::to_writer(&mut lines, &Line::from(request));
            if let Err(error) = written {
                return Err(cannot_write(&self.path, &error.into()));
            }
            // A body keeps its layout. In a string a line break is escaped, so these are white space.
            for byte in &mut lines[start..] {
                if matches!(byte, b'\n' | b'\r') {
                    *byte = b' ';
                }
            }
            lines.push(b'\n');
        }
        self.written = kept;
        if let Err(error) = file.write_all(&lines) {
            self.file = None;
            return Err(cannot_write(&self.path, &error));
        }
        if may_miss {
            let path = self.path.display();
            return Err(Failure::input(format_args!(
                "requests may be missing in {path}: more came at once than the server keeps"
            )));
        }
        Ok(())
    }
}

/// How many of the requests that are kept now were kept before: the server forgets the oldest, and adds at the end.
fn overlap(before: &[ReceivedRequest], now: &[ReceivedRequest]) -> usize {
    let forgotten = (0..before.len()).find(|&forgotten| {
        let rest = &before[forgotten..];
        rest.len() <= now.len() && rest.iter().zip(now).all(|(before, now)| is_same(before, now))
    });
    forgotten.map_or(0, |forgotten| before.len() - forgotten)
}

/// Whether two are one and the same request, and not only equal: bodies that are kept are shared.
fn is_same(one: &ReceivedRequest, other: &ReceivedRequest) -> bool {
    one.body.as_ptr() == other.body.as_ptr()
        && one.body.len() == other.body.len()
        && one.uri == other.uri
        && one.headers == other.headers
}

/// A request, as it is written.
#[derive(Serialize)]
struct Line<'a> {
    method: &'a str,
    path: &'a str,
    http: String,
    model: Option<&'a str>,
    /// Those of one name in the order of arrival. A secret is `null`; what is not UTF-8 reads as U+FFFD.
    headers: Vec<(&'a str, Option<String>)>,
    body: Body,
}

/// JSON as it came; anything else as a string.
#[derive(Serialize)]
#[serde(untagged)]
enum Body {
    Json(Json),
    Text(String),
}

impl<'a> From<&'a ReceivedRequest> for Line<'a> {
    fn from(request: &'a ReceivedRequest) -> Self {
        let headers = request.headers.iter().map(|(name, value)| {
            let name = name.as_str();
            let is_secret = value.is_sensitive() || SECRET.contains(&name) || name.ends_with("api-key");
            (name, (!is_secret).then(|| String::from_utf8_lossy(value.as_bytes()).into_owned()))
        });
        let text = String::from_utf8_lossy(&request.body);
        Self {
            method: request.method.as_str(),
            // Not the query: a presigned one holds a signature.
            path: request.uri.path(),
            http: format!("{:?}", request.version),
            model: request.model_id.as_deref(),
            headers: headers.collect(),
            body: Json::from_text(&text).map_or_else(|_| Body::Text(text.into_owned()), Body::Json),
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format_args!("cannot write {}: {error}", path.display()))
}

/// Those that the server does not mark as such, but that a proxy or a browser may send.
const SECRET: [&str; 2] = ["cookie", "proxy-authorization"];
