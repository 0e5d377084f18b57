use std::fmt;
use std::str::FromStr;

/// Credentials that a caller may sign with: an access key id, its secret, and a session token if they are temporary.
///
/// They can be made up, since the fake does not contact AWS. They can be read from `ID:SECRET` or `ID:SECRET:TOKEN`.
///
/// ```
/// use bedrock_stream_testkit::{Credentials, FakeBedrock};
///
/// let credentials: Credentials = "AKIDEXAMPLE:a-secret:a-session-token".parse()?;
/// assert_eq!(credentials, Credentials::new("AKIDEXAMPLE", "a-secret").session_token("a-session-token"));
/// // Every request must now be signed with them.
/// let builder = FakeBedrock::builder().credentials(credentials);
/// # let _ = builder;
/// # Ok::<(), bedrock_stream_testkit::ParseCredentialsError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: Option<String>,
}

impl Credentials {
    /// Long-term credentials.
    #[must_use]
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
        }
    }

    /// Makes them temporary: every request must also have this token, in `x-amz-security-token`.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(token.into());
        self
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl FromStr for Credentials {
    type Err = ParseCredentialsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(secret), token) if !id.is_empty() && !secret.is_empty() && token != Some("") => {
                Ok(Self { session_token: token.map(str::to_owned), ..Self::new(id, secret) })
            }
            _ => Err(ParseCredentialsError),
        }
    }
}

/// The text does not have the form of credentials. The error does not contain it, as it may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("credentials are written ID:SECRET, or ID:SECRET:TOKEN for temporary ones")]
#[non_exhaustive]
pub struct ParseCredentialsError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_read_from_a_text() {
        assert_eq!("AKID:s/+e".parse(), Ok(Credentials::new("AKID", "s/+e")));
        assert_eq!("AKID:secret:a:b".parse(), Ok(Credentials::new("AKID", "secret").session_token("a:b")));
        for text in ["", ":", "AKID", "AKID:", ":secret", "AKID:secret:"] {
            assert_eq!(text.parse::<Credentials>(), Err(ParseCredentialsError), "{text}");
        }
    }

    #[test]
    fn never_show_a_secret() {
        let credentials = Credentials::new("AKID", "hush").session_token("whisper");
        assert_eq!(format!("{credentials:?}"), r#"Credentials { access_key_id: "AKID", .. }"#);
    }
}
