use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::error::Error as StdError;
use std::sync::Arc;

use super::signing_key::{HmacSha256, SigningKeys};
use crate::error::cause::Cause;

/// AWS credentials with which requests are signed. `Debug` shows the access key id and neither secret.
///
/// Cheap to clone. Clones share the signing keys, which are derived from the secret for each day, region and service,
/// so a provider should return clones instead of creating the same credentials again for each request.
///
/// ```
/// use bedrock_stream_http::{Config, Credentials};
///
/// let credentials = Credentials::new("ASIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG").with_session_token("IQoJb3JpZ2luX2Vj");
/// assert_eq!(credentials.access_key_id(), "ASIDEXAMPLE");
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// let config = Config::builder().region("us-east-1").credentials(credentials).build()?;
/// # let _ = config;
/// # Ok::<(), bedrock_stream_http::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Credentials(Arc<Parts>);

struct Parts {
    access_key_id: Arc<str>,
    secret_access_key: Arc<str>,
    session_token: Option<Arc<str>>,
    signing_keys: SigningKeys,
}

impl Credentials {
    /// Long-term credentials: an access key id (`AKIA..`) and its secret.
    #[must_use]
    pub fn new(access_key_id: impl Into<Arc<str>>, secret_access_key: impl Into<Arc<str>>) -> Self {
        Self::from_parts(access_key_id.into(), secret_access_key.into(), None)
    }

    /// Makes these temporary credentials (`ASIA..`), which also have a session token.
    #[must_use]
    pub fn with_session_token(self, session_token: impl Into<Arc<str>>) -> Self {
        let Parts { access_key_id, secret_access_key, .. } = &*self.0;
        Self::from_parts(access_key_id.clone(), secret_access_key.clone(), Some(session_token.into()))
    }

    fn from_parts(
        access_key_id: Arc<str>,
        secret_access_key: Arc<str>,
        session_token: Option<Arc<str>>,
    ) -> Self {
        let signing_keys = SigningKeys::default();
        Self(Arc::new(Parts { access_key_id, secret_access_key, session_token, signing_keys }))
    }

    /// The access key id, which is not secret.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.0.session_token.as_deref()
    }

    /// The signing key for `day` (`YYYYMMDD`), cached for the next request.
    pub(super) fn signing_key(&self, day: [u8; 8], region: &str, service: &str) -> HmacSha256 {
        self.0.signing_keys.get(&self.0.secret_access_key, day, region, service)
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (&*self.0, &*other.0);
        one.access_key_id == other.access_key_id
            && one.secret_access_key == other.secret_access_key
            && one.session_token == other.session_token
    }
}

impl Eq for Credentials {}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id()).finish_non_exhaustive()
    }
}

/// Provides credentials. Called before every request, so that refreshed credentials are used; an implementation should
/// cache credentials that are slow to obtain.
///
/// Credentials that are read when they are needed:
///
/// ```
/// use bedrock_stream_http::{Config, Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};
///
/// #[derive(Debug)]
/// struct FromFile(std::path::PathBuf);
///
/// impl ProvideCredentials for FromFile {
///     fn credentials(&self) -> CredentialsFuture<'_> {
///         Box::pin(async move {
///             // A small file, so blocking is fine; anything else would be awaited.
///             let secret = std::fs::read_to_string(&self.0).map_err(CredentialsError::new)?;
///             Ok(Credentials::new("AKIDEXAMPLE", secret.trim()))
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bedrock_stream_http::ConfigError> {
/// let provider = FromFile("/run/secrets/there-is-none".into());
/// // A request with it fails with this error as its source, and is not sent.
/// assert!(provider.credentials().await.is_err());
/// let config = Config::builder().region("us-east-1").credentials(provider).build()?;
/// # let _ = config;
/// # Ok(())
/// # }
/// ```
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// The credentials to sign the next request with.
    ///
    /// A request that is cancelled, or whose [timeout](crate::Timeouts) elapses, drops the future before it
    /// resolves. An implementation that caches must not lose its cache by that.
    fn credentials(&self) -> CredentialsFuture<'_>;
}

/// The future of [`ProvideCredentials::credentials`].
pub type CredentialsFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, CredentialsError>> + Send + 'a>>;

impl ProvideCredentials for Credentials {
    fn credentials(&self) -> CredentialsFuture<'_> {
        Box::pin(core::future::ready(Ok(self.clone())))
    }
}

/// Why a provider has no credentials. Wraps the provider's own error.
///
/// ```
/// use std::error::Error as _;
///
/// use bedrock_stream_http::{CredentialsError, Error};
///
/// let error = Error::from(CredentialsError::new("the vault is sealed"));
/// assert_eq!(error.with_causes(), "no AWS credentials: the vault is sealed");
/// assert!(error.source().is_some());
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct CredentialsError {
    cause: Cause,
}

impl CredentialsError {
    /// Wraps a provider's error. Its text is shown, so it must not contain a secret.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: cause.into().into() }
    }
}
