//! Errors: their causes, their JSON, and their conversion by `?`.

use std::error::Error as StdError;
use std::io;
use std::time::{Duration, SystemTime};

use bedrock_stream_http::answer as stream_answer;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{
    Answer, ChunkStream, Client, CollectError, Config, ConfigError, Error, ErrorDetail, ErrorKind, Retry,
    ServiceError, Timer, Transport, TransportError, TransportErrorKind,
};
use bedrock_stream_testkit::answer;
use bytes::Bytes;
use http_body_util::Full;
use serde_json::json;

/// The transport's result.
#[derive(Clone, Copy, Debug)]
enum Says {
    Refused,
    NotSent,
    NotRetryable,
    Late,
    Busy,
    Invalid,
}

/// A transport with one result, and without a timer unless one is set.
struct Scripted(Says, Option<Timer>);

impl Transport for Scripted {
    type Body = Full<Bytes>;

    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Full<Bytes>>, TransportError> {
        let refused = || io::Error::new(io::ErrorKind::ConnectionRefused, "nobody listens");
        let status = match self.0 {
            Says::Refused => return Err(refused().into()),
            Says::NotSent => return Err(TransportError::new(TransportErrorKind::NotSent, refused())),
            Says::NotRetryable => {
                return Err(TransportError::new(TransportErrorKind::NotRetryable, refused()));
            }
            Says::Late => return Err(TransportErrorKind::ConnectTimeout.into()),
            Says::Busy => 503,
            Says::Invalid => 400,
        };
        Ok(http::Response::builder().status(status).body(Full::new(Bytes::from_static(b"{}")))?)
    }

    fn timer(&self) -> Option<Timer> {
        self.1.clone()
    }
}

fn client(says: Says, timer: Option<Timer>) -> Client<Scripted> {
    let retry = Retry::default().base(Duration::from_millis(1));
    let config =
        Config::builder().endpoint_url("http://x").bearer("ABSKtest0key").retry(retry).build().unwrap();
    Client::with_transport(config, Scripted(says, timer))
}

#[tokio::test]
async fn source_is_the_cause_and_the_message_does_not_repeat_it() {
    let request = Request::new().user("Hi");
    for says in [Says::Refused, Says::NotSent, Says::NotRetryable] {
        let error = client(says, None).converse("m", &request).await.unwrap_err();
        assert!(error.to_string().starts_with("no response from http://x"), "{error}");
        assert!(!error.to_string().contains("nobody listens"), "{error}");
        let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).unwrap();
        assert_eq!(cause.kind(), io::ErrorKind::ConnectionRefused, "{says:?}");
        assert!(error.with_causes().starts_with("no response from http://x: nobody listens"), "{says:?}");
    }
    let broken = ChunkStream::from_stream(futures_util::stream::iter([Err::<Bytes, _>(io::Error::from(
        io::ErrorKind::ConnectionReset,
    ))]));
    let error = broken.collect().await.unwrap_err();
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(error.to_string(), error.error.to_string());
}

#[cfg(feature = "sigv4")]
#[test]
fn a_providers_error_is_the_cause_too() {
    let error = Error::from(bedrock_stream_http::CredentialsError::new("the file is gone"));
    assert_eq!(error.to_string(), "no AWS credentials");
    assert_eq!(error.source().unwrap().to_string(), "the file is gone");
    assert_eq!(error.with_causes(), "no AWS credentials: the file is gone");
}

/// It is enough that this compiles.
async fn ask(client: &Client<Scripted>) -> Result<Answer, Error> {
    Ok(client.converse_stream("m", &Request::new().user("Hi")).await?.collect().await?)
}

#[tokio::test]
async fn a_collect_error_becomes_an_error() {
    let error = ask(&client(Says::Invalid, None)).await.unwrap_err();
    assert_eq!(error.as_service_error().unwrap().status, 400);
    let cut =
        ChunkStream::from_stream(futures_util::stream::iter([Ok::<_, io::Error>(Bytes::from_static(b"\0"))]));
    let error: CollectError = cut.collect().await.unwrap_err();
    assert_eq!(error.stats.bytes, 1);
    let text = error.to_string();
    assert_eq!(Error::from(error).to_string(), text);
}

#[tokio::test]
async fn a_transport_without_a_timer_is_reported() {
    let request = Request::new().user("Hi");
    let note = "; not retried, because the transport has no timer";
    for (says, timer, attempts, told) in [
        (Says::Busy, None, 0, true),
        (Says::NotSent, None, 0, true),
        (Says::Invalid, None, 0, false),
        (Says::NotRetryable, None, 0, false),
        (Says::Busy, Some(Timer::new(tokio::time::sleep)), 2, false),
    ] {
        let client = client(says, timer);
        for error in [
            client.converse_stream("m", &request).await.map(drop).unwrap_err(),
            client.converse("m", &request).await.map(drop).unwrap_err(),
        ] {
            assert_eq!(error.to_string().contains(note), told, "{error}");
            assert_eq!(error.with_causes().contains(note), told, "{error}");
            assert_eq!(error.earlier_attempts().len(), attempts, "{error}");
        }
    }
}

#[tokio::test]
async fn an_error_is_json_with_the_kinds_that_all_crates_share() {
    let json = |error: &Error| serde_json::to_value(error).unwrap();
    let error = client(Says::Invalid, None).converse("m", &Request::new().user("Hi")).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Refusal, Some(400)));
    let expected = json!({"kind": "refusal", "message": error.with_causes(), "status": 400, "code": null});
    assert_eq!(json(&error), expected);

    let error = client(Says::NotSent, None).converse("m", &Request::new().user("Hi")).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status(), error.is_final()), (ErrorKind::Transport, None, true));
    assert_eq!(json(&error), json!({"kind": "transport", "message": error.with_causes()}));
    let ErrorDetail::Connection { error: cause, .. } = error.detail() else { panic!("{error:?}") };
    assert_eq!(cause.kind(), TransportErrorKind::NotSent);

    let exception = stream_answer::Exception::new("throttlingException", br#"{"message":"Slow."}"#);
    let error = Error::from(stream_answer::Error::Exception(Box::new(exception))).with_request_id("r-1");
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Exception, Some(429)));
    assert_eq!(
        error.to_string(),
        "Bedrock ended the stream with throttlingException: Slow. [request id r-1]"
    );
    let expected = json!({
        "kind": "exception", "message": error.to_string(), "exception": "throttlingException",
        "payload": r#"{"message":"Slow."}"#, "request_id": "r-1",
    });
    assert_eq!(json(&error), expected);

    let late = client(Says::Late, None).converse("m", &Request::new().user("Hi")).await.unwrap_err();
    let expected = json!({
        "kind": "timeout", "message": late.to_string(), "timeout": "connect", "after_seconds": 10.0,
        "elapsed_seconds": 0.0,
    });
    assert_eq!(json(&late), expected);
    let error = Error::from(ConfigError::NoRegion);
    assert_eq!(json(&error), json!({"kind": "input", "message": error.to_string()}));
}

/// A `main` that returns an error prints its `Debug`.
#[tokio::test]
async fn debug_is_the_sentence_and_the_alternate_form_the_structure() {
    let error = Error::from(ConfigError::NoRegion).with_request_id("r-1");
    assert_eq!(format!("{error:?}"), error.with_causes());
    assert!(!format!("{error:?}").contains("NoRegion"), "{error:?}");
    let structure = format!("{error:#?}");
    assert!(structure.starts_with("Error {") && structure.contains("NoRegion"), "{structure}");

    let error = client(Says::NotSent, None).converse("m", &Request::new().user("Hi")).await.unwrap_err();
    assert!(format!("{error:?}").contains("nobody listens"), "the cause is there: {error:?}");
    assert!(!format!("{error:?} {error:#?}").contains("ABSKtest0key"), "{error:#?}");
}

#[tokio::test]
async fn debug_of_a_failed_collect_leaves_out_the_answer() {
    let broken = answer().text("The private answer.").exception("throttlingException", "Slow.");
    let failed = ChunkStream::new(broken.http_response().unwrap()).collect().await.unwrap_err();
    assert_eq!(failed.partial.text(), "The private answer.");
    assert_eq!(format!("{failed:?}"), failed.error.with_causes());
    let structure = format!("{failed:#?}");
    assert!(
        structure.starts_with("CollectError {") && structure.contains("The private answer."),
        "{structure}"
    );
}

/// An error that a program makes of another.
#[derive(Debug, thiserror::Error)]
#[error("no summary")]
struct NoSummary(#[source] Box<dyn StdError + Send + Sync>);

#[tokio::test]
async fn an_error_is_found_in_whatever_holds_it() {
    let kind = |error: &(dyn StdError + 'static)| Error::find(error).map(Error::kind);
    let cut = || async {
        let body = bedrock_stream_testkit::ByteStream::from(Vec::<Bytes>::new());
        ChunkStream::new(http::Response::new(body)).collect().await.unwrap_err()
    };
    let plain = Error::from(ConfigError::NoRegion);
    assert_eq!(kind(&plain), Some(ErrorKind::Input));
    // The sources of a `CollectError` are those of its error, which is not among them.
    assert_eq!(kind(&cut().await), Some(ErrorKind::Incomplete));
    let boxed: Box<dyn StdError> = cut().await.into();
    assert!(boxed.downcast_ref::<Error>().is_none());
    assert_eq!(kind(&*boxed), Some(ErrorKind::Incomplete));
    assert_eq!(kind(&NoSummary(plain.clone().into())), Some(ErrorKind::Input));
    assert_eq!(kind(&NoSummary(cut().await.into())), Some(ErrorKind::Incomplete));
    // The source of an `io::Error` is that of the error in it.
    assert_eq!(kind(&io::Error::other(plain)), Some(ErrorKind::Input));
    assert_eq!(kind(&NoSummary(io::Error::other(cut().await).into())), Some(ErrorKind::Incomplete));
    assert_eq!(kind(&io::Error::other("full")), None);
    assert_eq!(kind(&io::Error::from(io::ErrorKind::NotFound)), None);
}

#[test]
fn throttling_is_recognized_before_and_inside_a_stream() {
    let refusal = |status: u16, code: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-amzn-errortype", code.parse().unwrap());
        let status = http::StatusCode::from_u16(status).unwrap();
        let now = std::time::SystemTime::UNIX_EPOCH;
        Error::from(ServiceError::parse(status, &headers, Bytes::new(), now))
    };
    let exception = |name: &str, payload: &str| {
        let exception = stream_answer::Exception::new(name, payload);
        Error::from(stream_answer::Error::Exception(Box::new(exception)))
    };
    let unmodeled = stream_answer::UnmodeledError::new("ThrottlingException", "Slow down.");
    for throttled in [
        refusal(429, "ThrottlingException"),
        // Some services of Bedrock.
        refusal(424, "ThrottlingException"),
        refusal(429, "rate_limit_error"),
        refusal(429, "TooManyRequestsException"),
        refusal(429, ""),
        exception("throttlingException", "{}"),
        exception("rate_limit_exceeded", "{}"),
        exception("ThrottlingException", "{}"),
        exception("modelStreamErrorException", r#"{"originalStatusCode":429}"#),
        stream_answer::Error::UnmodeledError(unmodeled).into(),
    ] {
        assert!(throttled.is_throttled(), "{throttled:?}");
    }
    for other in [
        // These have the status 429, but sending less does not help.
        refusal(429, "ModelNotReadyException"),
        refusal(429, "insufficient_quota"),
        exception("insufficient_quota", "{}"),
        refusal(503, "ServiceUnavailableException"),
        refusal(529, "overloaded_error"),
        exception("overloaded_error", "{}"),
        exception("modelStreamErrorException", "{}"),
        refusal(403, "AccessDeniedException"),
        ConfigError::NoRegion.into(),
    ] {
        assert!(!other.is_throttled(), "{other:?}");
    }
}

#[test]
fn a_request_that_is_too_long_is_told_by_its_message() {
    let refusal = |status: u16, body: &'static str| {
        let status = http::StatusCode::from_u16(status).unwrap();
        let now = std::time::SystemTime::UNIX_EPOCH;
        Error::from(ServiceError::parse(status, &http::HeaderMap::new(), Bytes::from(body), now))
    };
    let long = r#"{"message":"The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum"}"#;
    let exception = |payload: &str| {
        let exception = stream_answer::Exception::new("validationException", payload);
        Error::from(stream_answer::Error::Exception(exception.into()))
    };
    let message = "Input is too long for requested model.";
    let unmodeled = stream_answer::UnmodeledError::new("ValidationException", message);
    for error in [
        refusal(400, long),
        refusal(400, r#"{"error":{"message":"no","code":"context_length_exceeded"}}"#),
        exception(long),
        stream_answer::Error::UnmodeledError(unmodeled).into(),
    ] {
        assert!(error.is_context_length_exceeded() && !error.is_retryable(), "{error:?}");
    }
    for error in [
        refusal(400, r#"{"message":"The text field is blank"}"#),
        refusal(429, r#"{"message":"Too many input tokens per minute"}"#),
        exception("{}"),
        ConfigError::NoRegion.into(),
    ] {
        assert!(!error.is_context_length_exceeded(), "{error:?}");
    }
}

/// What a log may have: names, numbers and the program's own words.
#[test]
fn a_summary_has_nothing_that_was_said() {
    let refusal = |body: &'static str| {
        let (status, headers) = (http::StatusCode::BAD_REQUEST, http::HeaderMap::new());
        ServiceError::parse(status, &headers, Bytes::from_static(body.as_bytes()), SystemTime::UNIX_EPOCH)
    };
    let damaged = bedrock_stream_core::frame::Error::prelude_checksum(7, 1, 2, *b"Jane Doe, bo");
    let exception = stream_answer::Exception::new("validationException", r#"{"message":"Jane"}"#);
    for (error, summary) in [
        (
            Error::from(refusal(r#"{"__type":"ValidationException","message":"Jane"}"#)),
            "refused: ValidationException (400)",
        ),
        (refusal(r#"{"__type":"Jane Doe, born 1970","message":"x"}"#).into(), "refused: the request (400)"),
        (refusal("Jane").into(), "refused: the request (400)"),
        (ErrorDetail::Frame(damaged).into(), "no event stream message starts at byte 7"),
        (stream_answer::Error::Frame(damaged).into(), "no event stream message starts at byte 7"),
        (
            stream_answer::Error::Exception(exception.into()).into(),
            "Bedrock ended the stream with validationException",
        ),
        (
            ErrorDetail::Response("invalid type: string \"Jane\"".to_owned()).into(),
            "the answer is not a valid Converse response",
        ),
        (ConfigError::NoRegion.into(), &*ConfigError::NoRegion.to_string()),
    ] {
        assert_eq!(error.summary(), summary);
    }
}

/// What is left of an answer looks like a whole one: `34` of `12 34`.
#[tokio::test]
async fn the_rest_of_an_answer_is_not_collected() {
    let stream = || ChunkStream::new(answer().text("12 ").text("34").http_response().unwrap());
    let is_refused = |collected: Result<Answer, CollectError>| {
        let error = collected.expect_err("a part of it was taken");
        assert!(matches!(error.error.detail(), ErrorDetail::AlreadyRead), "{error:?}");
        assert!(error.partial.text().is_empty() && error.error.is_final() && !error.error.is_retryable());
        assert_eq!(error.error.kind(), ErrorKind::Input);
    };
    let mut begun = stream();
    begun.next().await.unwrap().unwrap();
    is_refused(begun.collect().await);
    // The item that was read to see that the answer has started is one, too.
    let mut begun = stream().started().await.unwrap();
    begun.next().await.unwrap().unwrap();
    is_refused(begun.collect().await);
    let mut begun = stream();
    begun.for_each_ready(|_| {}).await.unwrap().unwrap();
    is_refused(begun.collect().await);
    let mut text = stream().text_stream();
    text.next().await.unwrap().unwrap();
    is_refused(text.into_inner().collect().await);
    let mut ended = stream().started().await.unwrap();
    while let Some(chunk) = ended.next().await {
        chunk.unwrap();
    }
    is_refused(ended.collect().await);
    // An error that was returned is not forgotten.
    let messages = answer().text("12 34").messages().unwrap();
    let body = bedrock_stream_testkit::ByteStream::from(messages[..messages.len() - 2].to_vec());
    let mut broken = ChunkStream::new(http::Response::new(body)).text_stream();
    while let Some(Ok(_)) = broken.next().await {}
    is_refused(broken.into_inner().collect().await);
    // What was only awaited is still there.
    assert_eq!(stream().started().await.unwrap().collect().await.unwrap().text(), "12 34");
    assert_eq!(stream().text_stream().into_inner().collect().await.unwrap().text(), "12 34");
}
