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
            // Of a signed request's authorization, the signature alone is none of anybody's business.
            let secret = text.rsplit_once("Signature=").map_or(text, |(_, signature)| signature);
            let secret = secret.strip_prefix("Bearer ").unwrap_or(secret);
            error = match error {
                Error::Refused(refusal) => Error::Refused(Box::new(refusal.without(secret))),
                Error::UnexpectedBody(mut body) => {
                    body.excerpt = mask(&body.excerpt, secret);
                    Error::UnexpectedBody(body)
                }
                other => other,
            };
        }
        error
    }
}

/// The text with `***` where it repeats a secret. Of a long one, a beginning is enough: what repeats it may be cut, or may
/// spell some of its characters in another way.
pub(crate) fn mask(text: &str, secret: &str) -> String {
    let mut masked = text.replace(secret, HIDDEN);
    let Some(head) = secret.get(..HEAD_LEN) else { return masked };
    while let Some(at) = masked.find(head) {
        let rest = &masked[at + head.len()..];
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<')).unwrap_or(rest.len());
        masked.replace_range(at..at + head.len() + end, HIDDEN);
    }
    masked
}

const HIDDEN: &str = "***";
/// How much of a secret gives it away, in bytes. What begins like it and goes on in another way is hidden too.
const HEAD_LEN: usize = 32;
