//! The fake's checks of a request's authentication, with code that the clients do not use.

mod canonical_request;
mod credentials;
mod date;
mod sigv4;

use std::time::SystemTime;

use http::header::AUTHORIZATION;
use http::request::Parts;
use subtle::ConstantTimeEq as _;

pub use self::credentials::{Credentials, ParseCredentialsError};
use crate::refusal::Refusal;

/// Who may call. Without credentials and bearer tokens, everyone.
#[derive(Clone, Default)]
pub(crate) struct Auth {
    pub(crate) credentials: Vec<Credentials>,
    pub(crate) bearer_tokens: Vec<String>,
    /// The region that signatures must be for; none: any.
    pub(crate) region: Option<String>,
}

impl Auth {
    /// Checks a request as it arrived, its body included.
    pub(crate) fn check(&self, request: &Parts, body: &[u8], now: SystemTime) -> Result<(), Refusal> {
        if self.credentials.is_empty() && self.bearer_tokens.is_empty() {
            return Ok(());
        }
        if let Some(key) = request.headers.get("x-api-key").filter(|_| !is_model(request)) {
            return self.check_bearer(key.to_str().unwrap_or_default());
        }
        let authorization = request.headers.get(AUTHORIZATION).ok_or_else(Refusal::missing_authentication)?;
        let authorization = authorization
            .to_str()
            .map_err(|_| Refusal::incomplete_signature("The Authorization header is not ASCII text."))?;
        match authorization.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => self.check_bearer(token.trim()),
            Some((sigv4::ALGORITHM, parameters)) => {
                sigv4::Signature::parse(parameters)?.verify(request, body, self, now)
            }
            _ => Err(Refusal::incomplete_signature(
                "The Authorization header is neither 'AWS4-HMAC-SHA256 ..' nor 'Bearer ..'.",
            )),
        }
    }

    fn check_bearer(&self, token: &str) -> Result<(), Refusal> {
        let known = self
            .bearer_tokens
            .iter()
            .fold(false, |known, expected| known | constant_time_eq(expected, token));
        if known { Ok(()) } else { Err(Refusal::wrong_api_key()) }
    }
}

/// Whether the path belongs to an operation that only `bedrock-runtime` has.
pub(super) fn is_model(request: &Parts) -> bool {
    let path = request.uri.path();
    path.starts_with("/model/") || path.starts_with("/guardrail/")
}

/// Compares secrets in a time that depends only on their lengths.
fn constant_time_eq(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::constant_time_eq;

    #[test]
    fn equal_is_equal_in_every_byte_and_in_length() {
        assert!(constant_time_eq("", ""));
        assert!(constant_time_eq("secret", "secret"));
        for other in ["", "s", "secre", "secrets", "Secret", "secreT"] {
            assert!(!constant_time_eq("secret", other), "{other}");
        }
    }
}
