//! The test kit's judge over this client: everything that may go wrong, over HTTP/1.1 and HTTP/2.

use std::time::Duration;

use bedrock_stream_hyper::converse::{Chunk, Request};
use bedrock_stream_hyper::{Auth, Client, Config, Deadlines, Error, Retry};
use bedrock_stream_testkit::{Conclusion, judge};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::TokioExecutor;

#[tokio::test]
async fn the_client_is_never_wrong() {
    let report = judge(async |url, model: String| conclude(&Client::new(config(url)).unwrap(), &model).await);
    let report = report.await.unwrap();
    println!("{report}");
    assert_eq!(report.wrong().count(), 0, "{report}");
}

#[tokio::test]
async fn the_client_is_never_wrong_over_http2() {
    let http = legacy::Client::builder(TokioExecutor::new()).http2_only(true).build(HttpConnector::new());
    let report = judge(async |url, model: String| {
        conclude(&Client::with_http_client(config(url), http.clone()), &model).await
    });
    let report = report.await.unwrap();
    println!("{report}");
    assert_eq!(report.wrong().count(), 0, "{report}");
}

fn config(url: String) -> Config {
    let deadlines = Deadlines::default().first_byte(Duration::from_secs(2)).idle(Duration::from_secs(1));
    let retry = Retry::default().base(Duration::from_millis(1));
    Config::builder().endpoint_url(url).auth(Auth::None).deadlines(deadlines).retry(retry).build().unwrap()
}

async fn conclude<C: Connect + Clone + Send + Sync + 'static>(client: &Client<C>, model: &str) -> Conclusion {
    let mut chunks = match client.converse_stream(model, &Request::new().user("How is the weather?")).await {
        Ok(chunks) => chunks,
        Err(error) => return conclusion(&error),
    };
    let (mut spoiled, mut done) = (false, false);
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => done = matches!(chunk, Chunk::Done(_)),
            Err(error) if error.is_final() => return conclusion(&error),
            Err(_) => spoiled = true,
        }
    }
    match (done, spoiled) {
        (true, false) => Conclusion::Complete,
        (true, true) => Conclusion::Spoiled,
        (false, _) => Conclusion::other("the stream ended without a word"),
    }
}

fn conclusion(error: &Error) -> Conclusion {
    match error {
        Error::Connection { .. } | Error::Body { .. } => Conclusion::Broken,
        Error::Refused(refusal) => Conclusion::Refused { status: refusal.status.as_u16() },
        Error::UnexpectedBody(_) => Conclusion::NotAnEventStream,
        Error::Deadline { .. } => Conclusion::Stalled,
        Error::Stream { error, .. } => Conclusion::from(&**error),
        error => Conclusion::other(error),
    }
}
