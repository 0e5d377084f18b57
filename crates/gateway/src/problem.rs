use std::time::Duration;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_dialects::encode::Failure;
use bedrock_stream_http::{Error, ErrorDetail};
use http::Method;

use crate::cut::cut;

/// Why a request gets no answer.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) failure: Failure,
    /// When to try again.
    pub(crate) retry_after: Option<Duration>,
    /// Whether another request would fail, too: the gateway's own retries have been used up, or none can help.
    pub(crate) is_settled: bool,
    /// Bedrock's name for the error.
    pub(crate) code: Option<String>,
    /// Bedrock's own words for it.
    pub(crate) aws_message: Option<String>,
    /// AWS's id of the request.
    pub(crate) aws_request_id: Option<String>,
}

impl Problem {
    /// The gateway refuses the request with this status.
    pub(crate) fn refused(status: u16, message: impl Into<String>) -> Self {
        Self::of(Failure::new(ErrorKind::Refusal, message).status(status))
    }

    /// There is no such path, which is not to be taken for an unknown model.
    pub(crate) fn unknown_path(method: &Method, path: &str) -> Self {
        let message = format!("unknown path: {method} {}", cut(path).escape_debug());
        let code = Some("UnknownOperationException".to_owned());
        Self { code, ..Self::of(Failure::new(ErrorKind::Input, message).status(404)) }
    }

    /// An answer that had begun failed. The gateway does not try such a one again, so the client's package may, where that can help.
    pub(crate) fn in_answer(error: &Error) -> Self {
        Self { is_settled: !error.is_retryable(), ..Self::from(error) }
    }

    pub(crate) const fn of(failure: Failure) -> Self {
        Self {
            failure,
            retry_after: None,
            is_settled: false,
            code: None,
            aws_message: None,
            aws_request_id: None,
        }
    }

    pub(crate) const fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Whether the client's SDK may retry. `None` leaves that to the SDK.
    pub(crate) fn should_retry(&self) -> Option<bool> {
        let asks_to = matches!(self.failure.http_status(), 429 | 503) && self.retry_after.is_some();
        (self.is_settled && !asks_to).then_some(false)
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        Self {
            failure: failure(error),
            retry_after: error.as_service_error().and_then(|refusal| refusal.retry_after),
            is_settled: true,
            code: error.code().map(str::to_owned),
            aws_message: error.as_service_error().map(|refusal| refusal.message.clone()),
            aws_request_id: error.request_id().map(str::to_owned),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

/// What went wrong, without AWS's id of the request, which every dialect and the log have in a place of their own.
pub(crate) fn sentence(error: &Error) -> String {
    let sentence = error.with_causes();
    match error.request_id() {
        Some(id) => sentence.replacen(&format!(" [request id {}]", id.escape_debug()), "", 1),
        None => sentence,
    }
}

/// The error as it is reported in a dialect.
pub(crate) fn failure(error: &Error) -> Failure {
    let failure = match error.detail() {
        ErrorDetail::Stream(error) => Failure::from(&**error),
        ErrorDetail::Refusal(refusal) => {
            let summary = format!("Bedrock {}", error.summary());
            let status = match refusal.status.as_u16() {
                // The client would think that its own key was rejected.
                401 => 403,
                status => status,
            };
            let message = format!("{summary}: {}", refusal.message);
            Failure::new(error.kind(), message).with_summary(summary).status(status)
        }
        ErrorDetail::ModelId(_) => Failure::new(error.kind(), error.to_string()).status(400),
        _ => {
            let failure = Failure::new(error.kind(), sentence(error)).with_summary(error.summary());
            // The gateway's own configuration and credentials: not the client's fault.
            if error.kind() == ErrorKind::Input { failure.status(500) } else { failure }
        }
    };
    match error.request_id() {
        Some(id) => failure.request_id(id),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use bedrock_stream_http::{Error, ErrorDetail, ModelIdError};

    use super::failure;

    #[test]
    fn the_client_is_not_blamed_for_the_gateways_own_credentials() {
        assert_eq!(failure(&Error::from(ErrorDetail::BearerToken)).http_status(), 500);
        assert_eq!(failure(&Error::from(ModelIdError::Empty)).http_status(), 400);
    }
}
