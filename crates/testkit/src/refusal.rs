use std::borrow::Cow;
use std::time::Duration;

use bedrock_stream_core::answer::Exception;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::conversation::Conversation;
use crate::dialect::{BadRequest, ErrorShape, NotWhole, Vendor};
use crate::excerpt::excerpt;
use crate::recorded_body::Unreadable;
use crate::refusal_kind::RefusalKind;

/// A refusal: the HTTP error that Bedrock returns instead of a stream.
///
/// Names, statuses and messages are those of recorded refusals if there are any, otherwise those of Bedrock's list of
/// common errors.
///
/// ```
/// use bedrock_stream_testkit::{Refusal, RefusalKind};
///
/// let busy = Refusal::of(RefusalKind::Throttling).retry_after(3);
/// let mine = Refusal::new(451, "UnavailableForLegalReasonsException", "Not in this country.");
/// # let _ = (busy, mine);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Refusal {
    status: StatusCode,
    code: Cow<'static, str>,
    namespace: &'static str,
    message: String,
    retry_after: Option<u32>,
    /// The member of the request that is wrong, for the dialects that name it.
    param: Option<String>,
}

impl Refusal {
    /// A refusal with this status, code (`ValidationException`, ..) and message. An invalid status becomes 500.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::bedrock(status, code.into(), message)
    }

    /// One of Bedrock's own refusals.
    pub fn of(kind: RefusalKind) -> Self {
        Self::bedrock(kind.status(), kind.name(), kind.message())
    }

    /// Replaces the message.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Sets `Retry-After`, in seconds.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Sets `Retry-After` on a throttle that has none.
    pub(crate) fn or_retry_after(mut self, seconds: Option<u32>) -> Self {
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            self.retry_after = self.retry_after.or(seconds);
        }
        self
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// A refusal by the front end, which does authentication and routing, but does not know models.
    fn front_end(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { namespace: "com.amazon.coral.service", ..Self::bedrock(status, code, message) }
    }

    fn bedrock(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { status, code, namespace: "com.amazon.bedrock", message, retry_after: None, param: None }
    }

    pub(crate) fn missing_authentication() -> Self {
        Self::front_end(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
    }

    pub(crate) fn incomplete_signature(message: impl Into<String>) -> Self {
        Self::front_end(StatusCode::FORBIDDEN, "IncompleteSignatureException", message)
    }

    pub(crate) fn invalid_signature(message: impl Into<String>) -> Self {
        Self::front_end(StatusCode::FORBIDDEN, "InvalidSignatureException", message)
    }

    pub(crate) fn unrecognized_client() -> Self {
        Self::front_end(
            StatusCode::FORBIDDEN,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    }

    pub(crate) fn wrong_api_key() -> Self {
        Self::bedrock(
            StatusCode::FORBIDDEN,
            "AccessDeniedException",
            "Authentication failed: Please make sure your API Key is valid.",
        )
    }

    pub(crate) fn unknown_operation(method: &str, path: &str) -> Self {
        let message = format!("This fake Bedrock has no operation at {method} {path}.");
        Self::front_end(StatusCode::NOT_FOUND, "UnknownOperationException", message)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("The request body is larger than {limit} bytes.");
        Self::front_end(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", message)
    }

    /// The rest of the body does not come.
    pub(crate) fn stalled(patience: Duration) -> Self {
        let message = format!("No byte of the request body has come for {} s.", patience.as_secs_f64());
        Self::front_end(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", message)
    }

    pub(crate) fn unreadable(reason: impl std::fmt::Display) -> Self {
        let message = format!("The request body cannot be read: {reason}");
        Self::front_end(StatusCode::BAD_REQUEST, "MalformedHttpRequestException", message)
    }

    pub(crate) fn unknown_model() -> Self {
        Self::validation("The provided model identifier is invalid.")
    }

    /// No condition of a script holds.
    pub(crate) fn unmatched(model_id: &str, said: &Conversation) -> Self {
        let results: Vec<String> =
            said.tool_results.iter().map(|result| excerpt(&result.text, MAX_EXCERPT_CHARS)).collect();
        Self::validation(format!(
            "No reply of the script of this fake Bedrock matches the request: model {model_id:?}, turn {}, prompt {:?}, tool \
             results {results:?}, system {:?}.",
            said.turn,
            excerpt(&said.prompt, MAX_EXCERPT_CHARS),
            excerpt(&said.system, MAX_EXCERPT_CHARS),
        ))
    }

    /// Converse with a model that makes no text.
    pub(crate) fn no_chat_model() -> Self {
        Self::validation(
            "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
        )
    }

    /// The payloads of the model are not known.
    pub(crate) fn unknown_vendor(model_id: &str) -> Self {
        if Vendor::is_of_another_kind(model_id) {
            return Self::validation(format!(
                "This fake Bedrock has no recorded body of this operation for {model_id:?}, and writes answers of text and \
                 chat models only, which this one is not."
            ));
        }
        let message = format!(
            "This fake Bedrock has no recorded body of this operation for {model_id:?}, and the model id does not tell the \
             vendor whose payloads to write: use a model id that begins with one of {}, after the prefix of an inference \
             profile if there is one.",
            Vendor::prefixes()
        );
        Self::validation(message)
    }

    /// A recorded body is of another dialect than the request, and cannot be written in that of the request.
    pub(crate) fn not_this_dialect(reason: &Unreadable) -> Self {
        Self::validation(format!(
            "The recorded body of this fake Bedrock is of another dialect than the request, and cannot be written in that of \
             the request: {reason}."
        ))
    }

    pub(crate) fn bad_request(bad: BadRequest) -> Self {
        Self { param: bad.param, ..Self::validation(bad.message) }
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::of(RefusalKind::Validation).message(message)
    }

    pub(crate) fn throttled() -> Self {
        Self::of(RefusalKind::Throttling)
    }

    pub(crate) fn internal(reason: impl std::fmt::Display) -> Self {
        let message = format!("The fake Bedrock could not answer: {reason}");
        Self::of(RefusalKind::InternalServer).message(message)
    }

    /// The refusal for an exception that occurs before the stream: the same name with a capital letter, and its status.
    pub(crate) fn of_exception(exception: &Exception) -> Self {
        let mut name = exception.name.chars();
        let code: String = name.next().into_iter().flat_map(char::to_uppercase).chain(name).collect();
        let status = exception.http_status().unwrap_or(500);
        Self::new(status, code, exception.message.as_deref().unwrap_or_default())
    }

    /// There is no complete answer to return.
    pub(crate) fn not_whole(reason: NotWhole) -> Self {
        match reason {
            NotWhole::Exception(exception) => Self::of_exception(&exception),
            NotWhole::Other(reason) => Self::internal(reason),
        }
    }

    /// The response, without the request id that every response gets.
    pub(crate) fn into_response(self, shape: ErrorShape) -> Response<Bytes> {
        let error_type = format!("{}:http://internal.amazon.com/coral/{}/", self.code, self.namespace);
        let body = shape.body(self.status.as_u16(), &self.message, self.param.as_deref());
        let mut response = Response::new(body.to_string().into());
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(error_type) = HeaderValue::try_from(error_type).ok().filter(|_| shape == ErrorShape::Aws)
        {
            response.headers_mut().insert(ERROR_TYPE, error_type);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// How much of a text an error repeats.
const MAX_EXCERPT_CHARS: usize = 200;
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
