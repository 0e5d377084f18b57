use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bedrock_stream_core::json::Json;
use bedrock_stream_testkit::ReceivedRequest;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;

use crate::file_id::FileId;
use crate::new_file::{cannot_write, is_read};
use crate::output::Failure;

/// The file to which `serve` appends each request that it receives.
#[derive(Debug)]
pub(crate) struct RequestLog {
    path: PathBuf,
    /// `None` once writing has failed.
    file: Mutex<Option<File>>,
    failures: UnboundedSender<Failure>,
}

impl RequestLog {
    /// Opens the file, which must not be one of those that are `read`. The first write error is sent to `failures`; the
    /// server then continues without the log.
    pub(crate) fn open(
        path: &Path,
        read: &[FileId],
        failures: UnboundedSender<Failure>,
    ) -> Result<Self, Failure> {
        if FileId::of_path(path).is_some_and(|id| read.contains(&id)) {
            return Err(is_read(path));
        }
        match OpenOptions::new().create(true).append(true).open(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file: Mutex::new(Some(file)), failures }),
            Err(error) => Err(cannot_write(path, &error)),
        }
    }

    /// Appends a request.
    pub(crate) fn write(&self, request: &ReceivedRequest) {
        // Nothing can panic while it is locked.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = line(request).and_then(|line| match &mut *file {
            Some(file) => file.write_all(&line),
            None => Ok(()),
        });
        if let Err(error) = written {
            *file = None;
            // If the receiver is gone, the program is about to end.
            let _ = self.failures.send(cannot_write(&self.path, &error));
        }
    }
}

fn line(request: &ReceivedRequest) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Line::from(request))?;
    // A body keeps its layout. Line breaks in strings are escaped, so these are white space.
    for byte in &mut line {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    line.push(b'\n');
    Ok(line)
}

/// A request as a line of the log.
#[derive(Serialize)]
struct Line<'a> {
    method: &'a str,
    path: &'a str,
    http: String,
    model: Option<&'a str>,
    /// Headers of one name are in the order of arrival. A secret is `null`; invalid UTF-8 becomes U+FFFD.
    headers: Vec<(&'a str, Option<String>)>,
    body: Body,
}

/// JSON as it was sent; anything else as a string.
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
            // Without the query, which holds the signature of a presigned request.
            path: request.uri.path(),
            http: format!("{:?}", request.version),
            model: request.model_id.as_deref(),
            headers: headers.collect(),
            body: Json::from_text(&text).map_or_else(|_| Body::Text(text.into_owned()), Body::Json),
        }
    }
}

/// Secret headers that the server does not mark as such, but that a proxy or a browser may send.
const SECRET: [&str; 2] = ["cookie", "proxy-authorization"];
