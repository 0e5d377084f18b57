use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::json;

/// A refusal: the HTTP error that Bedrock gives instead of a stream.
///
/// Names, statuses and sentences are those of recorded refusals where there are any, else of Bedrock's list of common
/// errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    namespace: &'static str,
    message: String,
}

impl Refusal {
    /// By the front end, which knows nothing of models: authentication, routing.
    fn front_end(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, namespace: "com.amazon.coral.service", message: message.into() }
    }

    fn bedrock(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, namespace: "com.amazon.bedrock", message: message.into() }
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
        let message = format!("No operation of this fake Bedrock is called by {method} {path}.");
        Self::front_end(StatusCode::NOT_FOUND, "UnknownOperationException", message)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("The request body is larger than {limit} bytes.");
        Self::front_end(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", message)
    }

    pub(crate) fn unreadable(reason: impl std::fmt::Display) -> Self {
        let message = format!("The request body cannot be read: {reason}");
        Self::front_end(StatusCode::BAD_REQUEST, "MalformedHttpRequestException", message)
    }

    pub(crate) fn unknown_model() -> Self {
        Self::validation("The provided model identifier is invalid.")
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::bedrock(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    pub(crate) fn throttled() -> Self {
        let message = "Too many requests, please wait before trying again.";
        Self::bedrock(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", message)
    }

    pub(crate) fn internal(reason: impl std::fmt::Display) -> Self {
        let message = format!("The fake Bedrock could not answer: {reason}");
        Self::bedrock(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException", message)
    }

    /// The response, without the request id that every response gets.
    pub(crate) fn into_response(self) -> Response<Bytes> {
        let error_type = format!("{}:http://internal.amazon.com/coral/{}/", self.code, self.namespace);
        let mut response = Response::new(json!({"message": self.message}).to_string().into());
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(error_type) = HeaderValue::try_from(error_type) {
            response.headers_mut().insert(ERROR_TYPE, error_type);
        }
        response
    }
}

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
