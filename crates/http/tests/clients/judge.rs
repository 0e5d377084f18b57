//! The test kit's judge over both clients: everything that may go wrong, over HTTP/1.1 and HTTP/2.

use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, Config, Error, ErrorDetail, Retry, Timeouts};
use bedrock_stream_testkit::{Conclusion, judge};

use crate::subject::{Client, Kind, Subject, Wire};

#[tokio::test]
async fn reqwest_is_never_wrong() {
    never_wrong(Kind::Reqwest, Wire::Http1).await;
}

#[tokio::test]
async fn reqwest_is_never_wrong_over_http2() {
    never_wrong(Kind::Reqwest, Wire::Http2).await;
}

#[tokio::test]
async fn hyper_is_never_wrong() {
    never_wrong(Kind::Hyper, Wire::Http1).await;
}

#[tokio::test]
async fn hyper_is_never_wrong_over_http2() {
    never_wrong(Kind::Hyper, Wire::Http2).await;
}

async fn never_wrong(kind: Kind, wire: Wire) {
    let report = judge(async |url: String, model: String| {
        let timeouts = Timeouts::default().first_byte(Duration::from_secs(2)).idle(Duration::from_secs(1));
        let retry = Retry::default().base(Duration::from_millis(1));
        let config = Config::builder().endpoint_url(url).auth(Auth::None).timeouts(timeouts).retry(retry);
        conclude(&Subject { kind, wire }.client(config, None), &model).await
    });
    let report = report.await.unwrap();
    println!("{report}");
    assert_eq!(report.wrong().count(), 0, "{report}");
}

async fn conclude(client: &Client, model: &str) -> Conclusion {
    let request = Request::new().user("How is the weather?");
    let mut chunks = match client.converse_stream(model, &request).await {
        Ok(chunks) => chunks,
        Err(error) => return conclusion(&error),
    };
    let (mut skipped, mut done) = (false, false);
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => done = matches!(chunk, Chunk::Done(_)),
            Err(error) if error.is_final() => return conclusion(&error),
            Err(_) => skipped = true,
        }
    }
    match (done, skipped) {
        (true, false) => Conclusion::Complete,
        (true, true) => Conclusion::Skipped,
        (false, _) => Conclusion::other("the stream ended without a word"),
    }
}

fn conclusion(error: &Error) -> Conclusion {
    match error.detail() {
        ErrorDetail::Connection { .. } | ErrorDetail::Body { .. } => Conclusion::Broken,
        ErrorDetail::Refusal(refusal) => Conclusion::Refused { status: refusal.status.as_u16() },
        ErrorDetail::UnexpectedBody(_) => Conclusion::NotAnEventStream,
        ErrorDetail::Timeout { .. } => Conclusion::Stalled,
        ErrorDetail::Stream(error) => Conclusion::from(&**error),
        _ => Conclusion::other(error),
    }
}
