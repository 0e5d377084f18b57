use std::fmt;

use crate::args::Secret;

/// AWS credentials from the command line, for either end of a connection.
pub(crate) struct Credentials {
    id: String,
    secret: String,
    session_token: Option<String>,
}

impl Credentials {
    pub(crate) fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into(), session_token: None }
    }

    /// Reads `ID:SECRET` or `ID:SECRET:TOKEN`.
    pub(crate) fn parse(text: &Secret) -> Result<Self, NotCredentials> {
        let mut parts = text.0.splitn(3, ':');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(secret), token) if !id.is_empty() && !secret.is_empty() && token != Some("") => {
                Ok(Self::new(id, secret).or_session_token(token))
            }
            _ => Err(NotCredentials),
        }
    }

    /// Sets the session token if there is none.
    pub(crate) fn or_session_token(mut self, token: Option<&str>) -> Self {
        self.session_token = self.session_token.or(token.map(str::to_owned));
        self
    }

    /// The credentials as the client's type.
    pub(crate) fn for_client(&self) -> bedrock_stream_reqwest::Credentials {
        let credentials = bedrock_stream_reqwest::Credentials::new(&*self.id, &*self.secret);
        match &self.session_token {
            Some(token) => credentials.with_session_token(&**token),
            None => credentials,
        }
    }

    /// The credentials as the fake server's type.
    pub(crate) fn for_server(&self) -> bedrock_stream_testkit::Credentials {
        let credentials = bedrock_stream_testkit::Credentials::new(&self.id, &self.secret);
        match &self.session_token {
            Some(token) => credentials.session_token(token),
            None => credentials,
        }
    }
}

/// A text is not credentials. The text is not repeated, since it may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotCredentials;

impl fmt::Display for NotCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("--credentials must be ID:SECRET, or ID:SECRET:TOKEN for temporary ones")
    }
}
