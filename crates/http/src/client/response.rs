use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::SystemTime;

use bytes::{Buf, Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body::Body;

use crate::client::media_type::MediaType;
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::error::request_id::request_id;
use crate::error::service_error::ServiceError;
use crate::error::unexpected_body::UnexpectedBody;
use crate::stream::body_reader::MAX_FRAMES_PER_POLL;
use crate::timeouts::timer::{Sleep, Timer};

/// Returns the response if its body may be an event stream: the status is 200, and the content type is that of an event
/// stream or unknown. Otherwise reads at most 64 KiB of the body for the error. `now` is when the response arrived; a
/// `Retry-After` date is relative to it if the response has no `Date`.
///
/// Not cancel safe: dropping the future drops the response.
///
/// # Errors
///
/// [`ErrorDetail::Refusal`] and [`ErrorDetail::UnexpectedBody`]. If the body breaks while it is read, they contain what had
/// arrived. They contain secrets that the body echoes; [`ServiceError::redacted`] masks them. No timeout applies to the body.
///
/// ```
/// use std::time::SystemTime;
///
/// use bedrock_stream_http::{ErrorKind, check_response};
/// use bedrock_stream_testkit::{ByteStream, answer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let response = answer().text("Hello").http_response()?;
/// assert!(check_response(response, SystemTime::now()).await.is_ok());
///
/// let page = ByteStream::from(vec!["<html>Please log in</html>".into()]);
/// let response = http::Response::builder().header("content-type", "text/html").body(page)?;
/// let error = check_response(response, SystemTime::now()).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Refusal);
/// assert!(error.to_string().contains("Please log in"));
/// # Ok(())
/// # }
/// ```
pub async fn check_response<B: Body + Unpin>(
    response: http::Response<B>,
    now: SystemTime,
) -> Result<http::Response<B>, Error> {
    check_as(response, MediaType::EventStream, None, now).await
}

/// As [`check_response`], for any media type. With a timer and the time left, a slow body does not delay the error for long.
pub(crate) async fn check_as<B: Body + Unpin>(
    response: http::Response<B>,
    media_type: MediaType,
    timer: Option<(&Timer, Duration)>,
    now: SystemTime,
) -> Result<http::Response<B>, Error> {
    let status = response.status();
    if status == StatusCode::OK && may_be(media_type, response.headers()) {
        return Ok(response);
    }
    let (head, mut body) = response.into_parts();
    let start = read_start(&mut body, timer.map(|(timer, left)| timer.sleep(left.min(REFUSAL_TIME)))).await;
    if status != StatusCode::OK {
        return Err(ServiceError::parse(status, &head.headers, start, now).into());
    }
    let body = UnexpectedBody::new(media_type.description(), &head.headers, &start);
    let error = Error::from(ErrorDetail::UnexpectedBody(Box::new(body)));
    Err(match request_id(&head.headers) {
        Some(id) => error.with_request_id(id),
        None => error,
    })
}

/// If the headers do not say, the body does: by the checksum of its first prelude, or by being JSON.
fn may_be(media_type: MediaType, headers: &HeaderMap) -> bool {
    let value =
        |name| headers.get(name).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let essence =
        value(CONTENT_TYPE).map(|kind| kind.split(';').next().unwrap_or_default().trim().to_owned());
    let known = essence.is_none_or(|kind| kind == media_type.as_str() || OPEN_TYPES.contains(&&*kind));
    known && value(CONTENT_ENCODING).is_none_or(|encoding| encoding.is_empty() || encoding == "identity")
}

async fn read_start<B: Body + Unpin>(body: &mut B, mut until: Option<Sleep>) -> Bytes {
    let mut start = BytesMut::new();
    poll_fn(|cx| {
        let is_over = |until: &mut Sleep| until.as_mut().poll(cx).is_ready();
        if until.as_mut().is_some_and(is_over) { Poll::Ready(()) } else { poll_start(body, &mut start, cx) }
    })
    .await;
    start.freeze()
}

fn poll_start<B: Body + Unpin>(body: &mut B, start: &mut BytesMut, cx: &mut Context<'_>) -> Poll<()> {
    for _ in 0..MAX_FRAMES_PER_POLL {
        if start.len() >= MAX_START_LEN {
            return Poll::Ready(());
        }
        match Pin::new(&mut *body).poll_frame(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None | Some(Err(_))) => return Poll::Ready(()),
            Poll::Ready(Some(Ok(frame))) => {
                if let Ok(mut data) = frame.into_data() {
                    let len = data.remaining().min(MAX_START_LEN - start.len());
                    start.extend_from_slice(&data.copy_to_bytes(len));
                }
            }
        }
    }
    // Yield to other tasks, and check the time limit.
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Content types that say nothing about the body.
const OPEN_TYPES: [&str; 3] = ["application/octet-stream", "binary/octet-stream", ""];
/// How many bytes are read of a body that is not decoded.
const MAX_START_LEN: usize = 64 * 1024;
/// How long to wait for such a body.
const REFUSAL_TIME: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    fn response(
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> http::Response<Full<Bytes>> {
        let builder = http::Response::builder().status(status);
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        builder.body(Full::new(body.into())).unwrap()
    }

    #[tokio::test]
    async fn a_possible_event_stream_is_accepted() {
        for headers in [
            &[][..],
            &[("content-type", "application/vnd.amazon.eventstream")],
            &[("content-type", "Application/Vnd.Amazon.EventStream; charset=x")],
            &[("content-type", "application/octet-stream")],
            &[("content-encoding", "identity")],
        ] {
            assert!(
                check_response(response(200, headers, ""), SystemTime::now()).await.is_ok(),
                "{headers:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_body_of_another_kind_is_named() {
        let html = response(200, &[("content-type", "text/html")], "<html>Please\nlog in</html>");
        let error = check_response(html, SystemTime::now()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer is text/html, not an event stream; it starts with: <html>Please log in</html>. Does the endpoint URL \
             point to Bedrock?"
        );
        let gzip = [("content-type", "application/vnd.amazon.eventstream"), ("content-encoding", "gzip")];
        let error = check_response(response(200, &gzip, ""), SystemTime::now()).await.unwrap_err();
        assert!(error.to_string().contains("encoded as gzip"), "{error}");
        assert!(!error.is_retryable());
    }

    #[tokio::test]
    async fn a_huge_refusal_is_cut() {
        let error = check_response(response(500, &[], vec![b'x'; 3 * MAX_START_LEN]), SystemTime::now())
            .await
            .unwrap_err();
        assert_eq!(error.as_service_error().unwrap().body.len(), MAX_START_LEN);
        assert!(error.to_string().len() < 600);
    }
}
