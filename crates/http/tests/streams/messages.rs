//! `MessageStream`.

use bedrock_stream_http::frame::Message;
use bedrock_stream_http::{ErrorDetail, MessageStream};
use bytes::Bytes;

use crate::body::{Scripted, Step, response};
use crate::events::answer;

#[tokio::test]
async fn messages_are_the_exact_bytes() {
    let whole = answer();
    let steps = whole.chunks(50).map(|part| Step::Data(Bytes::copy_from_slice(part)));
    let mut messages = MessageStream::new(response(Scripted::new(steps)));
    assert_eq!(messages.request_id(), Some("r-1"));
    let mut bytes = Vec::new();
    while let Some(kind) =
        messages.next_with(|message: Message<'_>| bytes.extend_from_slice(message.as_bytes())).await
    {
        kind.unwrap();
    }
    assert_eq!(bytes, whole);

    let cut = Scripted::new([Step::Data(Bytes::copy_from_slice(&whole[..30]))]);
    let mut messages = MessageStream::new(response(cut));
    let error = messages.next_with(|_| ()).await.unwrap().unwrap_err();
    assert!(matches!(error.detail(), ErrorDetail::Frame(_)), "{error:?}");
    assert!(messages.next_with(|_| ()).await.is_none());
}

#[tokio::test]
async fn the_services_own_error_is_an_error() {
    use bedrock_stream_http::answer::Error as StreamError;
    use bedrock_stream_http::frame::{Header, encode};

    let message = |headers: &[Header<'_>], payload: &str| {
        let mut bytes = Vec::new();
        encode(headers, payload.as_bytes(), &mut bytes).unwrap();
        bytes
    };
    let event = message(
        &[Header::string(":message-type", "event"), Header::string(":event-type", "chunk")],
        r#"{"bytes":""}"#,
    );
    let exception = message(
        &[
            Header::string(":message-type", "exception"),
            Header::string(":exception-type", "dependencyFailedException"),
        ],
        r#"{"message":"No."}"#,
    );
    // Without a message type, the exception type determines what it is.
    let bare = message(&[Header::string(":exception-type", "throttlingException")], "{}");
    let error = message(
        &[
            Header::string(":message-type", "error"),
            Header::string(":error-code", "InternalFailure"),
            Header::string(":error-message", "No."),
        ],
        "",
    );
    for (last, code) in [
        (&exception, "dependencyFailedException"),
        (&bare, "throttlingException"),
        (&error, "InternalFailure"),
    ] {
        let whole = [&event[..], last, &event].concat();
        let body = || Scripted::new([Step::Data(Bytes::copy_from_slice(&whole))]);
        let mut messages = MessageStream::new(response(body()));
        assert_eq!(messages.next().await.unwrap().unwrap(), event);
        let told = messages.next().await.unwrap().unwrap_err();
        assert_eq!((told.code(), told.request_id()), (Some(code), Some("r-1")));
        assert!(matches!(
            told.as_stream_error(),
            Some(StreamError::Exception(_) | StreamError::UnmodeledError(_))
        ));
        assert!(messages.next().await.is_none());

        let mut raw = MessageStream::new(response(body())).raw();
        for expected in [&event, last, &event] {
            assert_eq!(raw.next().await.unwrap().unwrap(), *expected);
        }
        assert!(raw.next().await.is_none());
    }
}
