//! How a request proves who sends it: a bearer token, a signature (SigV4), or nothing.

#[cfg(feature = "sigv4")]
mod amz_date;
#[cfg(feature = "aws-credential-types")]
mod aws_provider;
mod bearer_token;
#[cfg(feature = "sigv4")]
mod credentials;
#[cfg(feature = "sigv4")]
mod short_term_token;
#[cfg(feature = "sigv4")]
mod signing_key;
#[cfg(feature = "sigv4")]
mod sigv4;

use std::sync::Arc;

#[cfg(feature = "aws-credential-types")]
pub use self::aws_provider::AwsProvider;
pub use self::bearer_token::BearerToken;
#[cfg(feature = "sigv4")]
pub use self::credentials::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};
#[cfg(feature = "sigv4")]
pub use self::sigv4::{SignatureError, SigningScope, sign};

/// How requests are authenticated. `Debug` shows no secret.
///
/// ```
/// use bedrock_stream_http::{Auth, Config, Credentials};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG");
/// for auth in [Auth::sigv4(credentials), Auth::bearer("my-bedrock-api-key"), Auth::None] {
///     let config = Config::builder().region("us-east-1").auth(auth).build()?;
///     let shown = format!("{config:?}");
///     assert!(!shown.contains("wJalr") && !shown.contains("my-bedrock"), "no secret is shown");
/// }
/// # Ok::<(), bedrock_stream_http::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Auth {
    /// AWS Signature Version 4. The provider is asked for credentials before every request.
    #[cfg(feature = "sigv4")]
    SigV4(Arc<dyn ProvideCredentials>),
    /// A Bedrock API key.
    Bearer(BearerToken),
    /// A short-term Bedrock API key, made from AWS credentials for each request. The provider is asked for credentials
    /// before every request. For services and proxies that do not accept signatures.
    #[cfg(feature = "sigv4")]
    ShortTermBearer(Arc<dyn ProvideCredentials>),
    /// No authentication, for a proxy that signs requests, or a fake.
    None,
}

impl Auth {
    /// [`Auth::SigV4`] with static [`Credentials`](crate::Credentials) or a provider of them.
    #[cfg(feature = "sigv4")]
    #[must_use]
    pub fn sigv4(credentials: impl ProvideCredentials + 'static) -> Self {
        Self::SigV4(Arc::new(credentials))
    }

    /// [`Auth::ShortTermBearer`] with static [`Credentials`](crate::Credentials) or a provider of them.
    #[cfg(feature = "sigv4")]
    #[must_use]
    pub fn short_term_bearer(credentials: impl ProvideCredentials + 'static) -> Self {
        Self::ShortTermBearer(Arc::new(credentials))
    }

    /// [`Auth::Bearer`] with a Bedrock API key.
    #[must_use]
    pub fn bearer(token: impl Into<Arc<str>>) -> Self {
        Self::Bearer(BearerToken::new(token))
    }
}
