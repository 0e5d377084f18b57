use std::sync::Arc;

use crate::bearer_token::BearerToken;
#[cfg(feature = "sigv4")]
use crate::credentials::ProvideCredentials;

/// How requests prove who sends them. `Debug` shows no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Auth {
    /// AWS Signature Version 4, with credentials that are asked for before every request.
    #[cfg(feature = "sigv4")]
    SigV4(Arc<dyn ProvideCredentials>),
    /// A Bedrock API key.
    Bearer(BearerToken),
    /// Nothing: for a proxy that signs, or a fake.
    None,
}

impl Auth {
    /// [`Auth::SigV4`] with [`Credentials`](crate::Credentials) that stay the same, or a provider of them.
    #[cfg(feature = "sigv4")]
    #[must_use]
    pub fn sigv4(credentials: impl ProvideCredentials + 'static) -> Self {
        Self::SigV4(Arc::new(credentials))
    }

    /// [`Auth::Bearer`] with a Bedrock API key.
    #[must_use]
    pub fn bearer(token: impl Into<Arc<str>>) -> Self {
        Self::Bearer(BearerToken::new(token))
    }
}
