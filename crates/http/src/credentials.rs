use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::error::Error as StdError;
use std::sync::Arc;

use crate::cause::Cause;

/// What AWS signs requests with. `Debug` shows the access key id and neither secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    access_key_id: Arc<str>,
    secret_access_key: Arc<str>,
    session_token: Option<Arc<str>>,
}

impl Credentials {
    /// Long-term credentials: an access key id (`AKIA..`) and its secret.
    #[must_use]
    pub fn new(access_key_id: impl Into<Arc<str>>, secret_access_key: impl Into<Arc<str>>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
        }
    }

    /// The same as temporary credentials (`ASIA..`), which have a session token too.
    #[must_use]
    pub fn with_session_token(mut self, session_token: impl Into<Arc<str>>) -> Self {
        self.session_token = Some(session_token.into());
        self
    }

    /// The access key id, which is no secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    pub(crate) fn secret_access_key(&self) -> &str {
        &self.secret_access_key
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Gives credentials, and is asked before every request, so that refreshed ones are used. What is slow to get should be
/// kept by the implementation.
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// The credentials to sign the next request with.
    fn credentials(&self) -> CredentialsFuture<'_>;
}

/// What [`ProvideCredentials::credentials`] gives.
pub type CredentialsFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

impl ProvideCredentials for Credentials {
    fn credentials(&self) -> CredentialsFuture<'_> {
        Box::pin(core::future::ready(Ok(self.clone())))
    }
}

/// Why a provider has no credentials: its own error, in whose place it stands.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct CredentialsError {
    cause: Cause,
}

impl CredentialsError {
    /// The error of a provider. Its text must hold no secret: it is shown.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: cause.into().into() }
    }
}
