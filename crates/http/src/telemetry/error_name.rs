use std::borrow::Cow;

use bedrock_stream_core::answer::{Error as StreamError, is_error_name};

use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;

/// The `error.type` of an error: the service's name for it, else its kind.
///
/// A server's text becomes an attribute of metrics only if it looks like a name, so that no message gets there.
pub(super) fn error_name(error: &Error) -> Cow<'_, str> {
    if let Some(code) = error.code().filter(|code| is_error_name(code)) {
        return code.into();
    }
    match error.detail() {
        ErrorDetail::Refusal(refusal) => refusal.status.as_str().into(),
        ErrorDetail::Request(_) => "invalid_request".into(),
        ErrorDetail::Connection { .. } => "connection".into(),
        ErrorDetail::NoRuntime => "no_runtime".into(),
        ErrorDetail::Body { .. } => "broken".into(),
        ErrorDetail::Timeout { .. } => "timeout".into(),
        ErrorDetail::Incomplete => "incomplete".into(),
        ErrorDetail::UnexpectedBody(_) => "unexpected_body".into(),
        ErrorDetail::Frame(_) => "damaged".into(),
        ErrorDetail::Stream(error) => match &**error {
            StreamError::Incomplete(_) => "incomplete".into(),
            StreamError::Frame(_) => "damaged".into(),
            _ => OTHER.into(),
        },
        _ => OTHER.into(),
    }
}

/// The conventions' word for an error without a name.
const OTHER: &str = "_OTHER";

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::error::service_error::ServiceError;

    #[test]
    fn only_what_looks_like_a_name_is_one() {
        for (code, name) in [
            ("ThrottlingException", "ThrottlingException"),
            ("model_not_found", "model_not_found"),
            ("The key abc is invalid.", "403"),
            ("a\u{1b}[31m", "403"),
            (&"x".repeat(65), "403"),
        ] {
            let body = serde_json::json!({"code": code}).to_string();
            let refusal = ServiceError::parse(
                StatusCode::FORBIDDEN,
                &HeaderMap::new(),
                body.into(),
                std::time::SystemTime::now(),
            );
            let error = Error::from(ErrorDetail::Refusal(Box::new(refusal)));
            assert_eq!(error_name(&error), name);
        }
    }
}
