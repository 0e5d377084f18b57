use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::error::Error;

/// What a request proves itself with, to be kept out of the texts that come back.
pub(crate) struct Secrets(Vec<HeaderValue>);

impl Secrets {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self(
            [AUTHORIZATION.as_str(), "x-amz-security-token"]
                .iter()
                .filter_map(|name| headers.get(*name).cloned())
                .collect(),
        )
    }

    /// The same error, without secrets that the other side repeated.
    pub(crate) fn hide(&self, mut error: Error) -> Error {
        for value in &self.0 {
            let text = value.to_str().unwrap_or_default();
            let secret = text.strip_prefix("Bearer ").unwrap_or(text);
            error = match error {
                Error::Refused(refusal) => Error::Refused(Box::new(refusal.without(secret))),
                Error::UnexpectedBody(mut body) => {
                    body.excerpt = body.excerpt.replace(secret, "***");
                    Error::UnexpectedBody(body)
                }
                other => other,
            };
        }
        error
    }
}
