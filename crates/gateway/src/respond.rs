//! Responses, and their headers.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName,
    HeaderValue, RETRY_AFTER, VARY,
};
use http::{Response, StatusCode};

use crate::ids::X_REQUEST_ID;
use crate::left_out::LeftOut;
use crate::problem::Problem;
use crate::response_body::ResponseBody;
use crate::route::Route;
use crate::state::State;
use crate::watch::Watch;

/// A JSON body.
pub(crate) fn json(
    status: StatusCode,
    body: impl Into<bytes::Bytes>,
    watch: Watch,
) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::full(body, watch));
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, "application/json");
    response
}

/// An error, in the shape of the API that the path belongs to.
pub(crate) fn problem(
    problem: &Problem,
    route: &Route,
    path: &str,
    mut watch: Watch,
) -> Response<ResponseBody> {
    watch.aws_id(problem.aws_request_id.as_deref());
    watch.failed(&problem.failure);
    let failure = problem.failure.clone().request_id(watch.error_id());
    let status = StatusCode::from_u16(failure.http_status()).unwrap_or(StatusCode::BAD_GATEWAY);
    let is_bedrock = Route::is_bedrock(path);
    let body = match is_bedrock {
        true => {
            let message = problem.aws_message.as_deref().unwrap_or(failure.message());
            serde_json::json!({ "message": message }).to_string()
        }
        false => Route::api(path).error_body(&failure),
    };
    let mut response = json(status, body, watch);
    if is_bedrock {
        let code = problem.code.as_deref().unwrap_or(aws_code(status));
        set(&mut response, HeaderName::from_static("x-amzn-errortype"), code);
    }
    if let Some(after) = problem.retry_after {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        set(&mut response, RETRY_AFTER, &seconds.to_string());
    }
    if let Some(should_retry) = problem.should_retry() {
        let value = if should_retry { "true" } else { "false" };
        set(&mut response, HeaderName::from_static("x-should-retry"), value);
    }
    if let Route::WrongMethod(allowed) = route {
        set(&mut response, ALLOW, allowed);
    }
    response
}

/// The headers of a stream of server-sent events.
pub(crate) fn event_stream(body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    set(&mut response, CONTENT_TYPE, "text/event-stream; charset=utf-8");
    set(&mut response, CACHE_CONTROL, "no-cache, no-transform");
    // Otherwise nginx would buffer events.
    set(&mut response, HeaderName::from_static("x-accel-buffering"), "no");
    response
}

/// The headers that every response has.
pub(crate) fn finish(response: &mut Response<ResponseBody>, request_id: &str, state: &State) {
    set(response, HeaderName::from_static(X_REQUEST_ID), request_id);
    // Where Anthropic's SDKs look for it.
    set(response, HeaderName::from_static("request-id"), request_id);
    if let Some(origin) = &state.options.cors {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        headers.insert(VARY, HeaderValue::from_static("origin"));
    }
}

/// The headers that describe an answer's request.
pub(crate) fn about(response: &mut Response<ResponseBody>, aws_id: Option<&str>, left_out: &LeftOut) {
    if let Some(id) = aws_id {
        set(response, HeaderName::from_static("x-amzn-requestid"), id);
    }
    if !left_out.is_empty() {
        let list = left_out.header(MAX_LEFT_OUT);
        set(response, HeaderName::from_static(LEFT_OUT), &list);
    }
}

/// The response to a browser's CORS preflight.
pub(crate) fn preflight(mut watch: Watch) -> Response<ResponseBody> {
    watch.answered();
    let mut response = Response::new(ResponseBody::full("", watch));
    *response.status_mut() = StatusCode::NO_CONTENT;
    set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
    set(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, "*, authorization");
    set(&mut response, ACCESS_CONTROL_MAX_AGE, "600");
    response
}

pub(crate) fn set<B>(response: &mut Response<B>, name: HeaderName, value: &str) {
    // A value that cannot be a header is simply left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

const fn aws_code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        429 => "ThrottlingException",
        400..=499 => "ValidationException",
        503 => "ServiceUnavailableException",
        _ => "InternalServerException",
    }
}

/// The header that lists what was left out of a request.
const LEFT_OUT: &str = "x-bedrock-stream-left-out";
/// In bytes. nginx takes 4 KiB for a whole head, and answers 502 in place of one that is longer.
const MAX_LEFT_OUT: usize = 1_024;
const EXPOSED: &str =
    "x-request-id, request-id, x-amzn-requestid, retry-after, x-should-retry, x-bedrock-stream-left-out";
