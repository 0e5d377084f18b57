use core::fmt;
use std::sync::Arc;

use http::HeaderValue;

/// A Bedrock API key, sent as `Authorization: Bearer ..`: a long-term key (`ABSK..`) or a short-term one
/// (`bedrock-api-key-..`). `Debug` never shows it.
///
/// ```
/// use bedrock_stream_http::{Auth, BearerToken};
///
/// let token = BearerToken::new("ABSK-my-bedrock-api-key");
/// assert!(!format!("{token:?}").contains("my-bedrock"));
/// let auth = Auth::Bearer(token);
/// # let _ = auth;
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(Arc<str>);

impl BearerToken {
    /// A token, which is sent unchanged.
    #[must_use]
    pub fn new(token: impl Into<Arc<str>>) -> Self {
        Self(token.into())
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// The header value. `None` if the token is empty or contains a character that is not allowed in a header.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let visible = |byte: u8| byte.is_ascii_graphic();
        if self.0.is_empty() || !self.0.bytes().all(visible) {
            return None;
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(..)")
    }
}
