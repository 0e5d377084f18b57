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
