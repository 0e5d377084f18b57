//! Reads the bodies of requests, within bounds of bytes and of time.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http::header::EXPECT;
use http::request::Parts;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use crate::refusal::Refusal;

/// Reads a body to its end. `patience`: how long each piece may take.
pub(super) async fn read(parts: &Parts, mut body: Incoming, patience: Duration) -> Result<Bytes, Refusal> {
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    // One buffer: a body of tiny pieces would cost many times its size otherwise.
    let mut bytes = Vec::new();
    loop {
        if expected.max(bytes.len()) > MAX_BODY_LEN {
            discard(parts, body);
            return Err(Refusal::too_large(MAX_BODY_LEN));
        }
        match timeout(patience, body.frame()).await {
            Ok(Some(Ok(frame))) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |piece| piece)),
            Ok(Some(Err(error))) => return Err(Refusal::unreadable(chain(&error))),
            Ok(None) => return Ok(bytes.into()),
            Err(_) => return Err(Refusal::stalled(patience)),
        }
    }
}

/// Discards a body that is not needed and may never end. Over HTTP/1.1 it is read in the background for a while: some clients
/// send all of it before they read the response, and closing the connection earlier would reset it and lose the response.
pub(super) fn discard(parts: &Parts, mut body: Incoming) {
    // With `Expect: 100-continue`, reading would ask the client to send the body.
    if parts.version >= Version::HTTP_2 || parts.headers.contains_key(EXPECT) {
        return;
    }
    drop(tokio::spawn(timeout(DISCARD_TIME, async move {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > MAX_BODY_LEN {
                break;
            }
        }
    })));
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Bedrock's limit for the body of InvokeModel, in bytes.
const MAX_BODY_LEN: usize = 25_000_000;
const DISCARD_TIME: Duration = Duration::from_secs(10);
