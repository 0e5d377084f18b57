//! The judge, over a small client of our own: hyper, and the core's decoder.

use std::time::Duration;

use bedrock_stream_core::converse::ChunkDecoder;
use bedrock_stream_testkit::{Case, Conclusion, Fault, Judge, Operation, judge};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::QUESTION;

const PATIENCE: Duration = Duration::from_millis(1500);

/// Which HTTP a client speaks.
#[derive(Clone, Copy)]
enum Version {
    Http1,
    Http2,
}

/// A client that does everything right, but never retries.
async fn careful(version: Version, url: &str, model: &str) -> Conclusion {
    let response = match timeout(PATIENCE, send(version, url, model)).await {
        Err(_) => return Conclusion::Stalled,
        Ok(None) => return Conclusion::Broken,
        Ok(Some(response)) => response,
    };
    if response.status() != 200 {
        return Conclusion::Refused { status: response.status().as_u16() };
    }
    if response.headers()["content-type"] != "application/vnd.amazon.eventstream" {
        return Conclusion::NotAnEventStream;
    }
    let mut body = response.into_body();
    let mut decoder = ChunkDecoder::new();
    let mut skipped = false;
    loop {
        let frame = match timeout(PATIENCE, body.frame()).await {
            Err(_) => return Conclusion::Stalled,
            Ok(Some(Err(_))) => return Conclusion::Broken,
            Ok(Some(Ok(frame))) => Some(frame),
            Ok(None) => None,
        };
        let ended = frame.is_none();
        if let Some(bytes) = frame.and_then(|frame| frame.into_data().ok()) {
            decoder.push(&bytes);
        }
        loop {
            let next = match decoder.next_chunk() {
                Ok(None) if ended => decoder.finish(),
                next => next,
            };
            match next {
                Ok(Some(bedrock_stream_core::answer::Chunk::Done(_))) if skipped => {
                    return Conclusion::Skipped;
                }
                Ok(Some(bedrock_stream_core::answer::Chunk::Done(_))) => return Conclusion::Complete,
                Ok(Some(_)) => {}
                Ok(None) if ended => return Conclusion::other("the stream ended without a word"),
                Ok(None) => break,
                Err(error) if error.is_final() => return Conclusion::from(&error),
                Err(_) => skipped = true,
            }
        }
    }
}

async fn send(version: Version, url: &str, model: &str) -> Option<http::Response<Incoming>> {
    let authority = url.trim_start_matches("http://");
    let stream = TokioIo::new(TcpStream::connect(authority).await.ok()?);
    let request = http::Request::post(format!("{url}/model/{model}/converse-stream"))
        .header("host", authority)
        .body(Full::<bytes::Bytes>::from(QUESTION))
        .expect("the request is valid");
    match version {
        Version::Http1 => {
            let (mut sender, connection) = conn::http1::handshake(stream).await.ok()?;
            tokio::spawn(connection);
            sender.send_request(request).await.ok()
        }
        Version::Http2 => {
            let (mut sender, connection) = conn::http2::handshake(TokioExecutor::new(), stream).await.ok()?;
            tokio::spawn(connection);
            sender.send_request(request).await.ok()
        }
    }
}

#[tokio::test]
async fn a_careful_client_is_never_wrong() {
    for version in [Version::Http1, Version::Http2] {
        let report = judge(async |url: String, model: String| careful(version, &url, &model).await)
            .await
            .expect("a port is free");
        println!("{report}");
        assert_eq!(report.wrong().count(), 0, "{report}");
        assert!(report.verdicts.len() > Fault::ALL.len() + 32);
    }
}

#[tokio::test]
async fn a_naive_client_is_found_out() {
    // It treats every end of a stream as success, as many clients do, and does not know exceptions.
    let naive = async |url: String, model: String| match careful(Version::Http1, &url, &model).await {
        Conclusion::Incomplete | Conclusion::Exception { .. } => Conclusion::Complete,
        conclusion => conclusion,
    };
    let cases = [Fault::Cut, Fault::NoStop, Fault::Exception, Fault::BadCrc, Fault::Drip].map(Case::from);
    let report = Judge::new().only(cases).run(naive).await.expect("a port is free");
    let wrong: Vec<String> = report.wrong().map(|verdict| verdict.case.to_string()).collect();
    assert_eq!(wrong, ["cut", "no-stop", "exception"]);
    assert!(report.to_string().ends_with("5 cases, 3 wrong"), "{report}");
    assert!(report.verdicts.iter().all(|verdict| verdict.requests == 1));
}

#[tokio::test]
async fn a_client_of_another_operation_is_not_judged() {
    let user = r#"{"model":"m","messages":[{"role":"user","content":"Hello"}]}"#;
    let streamed = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Hello"}]}"#;
    let model = "openai.gpt-oss-20b-1:0";
    for (operation, path, body, called) in [
        (
            Operation::ChatCompletions,
            "/v1/chat/completions",
            user,
            "ChatCompletions without a stream (status 200)",
        ),
        (
            Operation::ChatCompletions,
            "/v1/chat/completions",
            "{}",
            "ChatCompletions without a stream (status 400)",
        ),
        (
            Operation::ChatCompletions,
            "/v2/chat/completions",
            streamed,
            "POST /v2/chat/completions (status 404)",
        ),
        (Operation::Responses, "/v1/chat/completions", streamed, "ChatCompletions (status 200)"),
        (Operation::ConverseStream, "/model/m/converse", QUESTION, "Converse (status 200)"),
        (Operation::ChatCompletions, "/v1/chat/completions", streamed, ""),
    ] {
        let judge = Judge::of(operation, model).only([Case::new([])]);
        let report = judge.run(async |url: String, _| {
            let authority = url.trim_start_matches("http://");
            let stream = TokioIo::new(TcpStream::connect(authority).await.expect("the fake listens"));
            let request = http::Request::post(path).header("host", authority).body(body.to_owned());
            let (mut sender, connection) = conn::http1::handshake(stream).await.expect("it is fresh");
            tokio::spawn(connection);
            let response = sender.send_request(request.expect("it is valid")).await.expect("it is answered");
            drop(response.into_body().collect().await);
            Conclusion::Complete
        });
        let verdict = report.await.expect("a port is free").verdicts.remove(0);
        assert_eq!((verdict.is_right(), verdict.others.join(", ")), (called.is_empty(), called.to_owned()));
        assert_eq!((verdict.requests, verdict.answered), (1, usize::from(called.is_empty())), "{called}");
    }
}

#[tokio::test]
async fn a_client_that_hangs_is_found_out() {
    let judge = Judge::new().only([Case::new([])]).timeout(Duration::from_millis(20));
    let report = judge.run(async |_, _| std::future::pending().await).await.expect("a port is free");
    assert_eq!(report.verdicts[0].concluded, None);
    assert!(report.to_string().contains("nothing, it hangs"), "{report}");
}
