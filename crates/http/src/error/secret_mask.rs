use std::borrow::Cow;
use std::fmt;

use http::Response;

use crate::error::error::Error;
use crate::error::secrets::Secrets;

/// Masks the credentials that a request was sent with, wherever its response repeats them. The clients do so in every error and every
/// request id of their own; this is for a program that reads the response itself, as of [`Client::open`](crate::Client::open).
///
/// ```
/// use bedrock_stream_http::SecretMask;
///
/// // No client has sent a request for this one, so it masks nothing.
/// let mask = SecretMask::of(&http::Response::new(()));
/// assert_eq!(mask.mask("throttlingException"), "throttlingException");
/// ```
#[derive(Clone, Default)]
pub struct SecretMask(Secrets);

impl SecretMask {
    /// For the request of this response, which a [`Client`](crate::Client) returned.
    #[must_use]
    pub fn of<B>(response: &Response<B>) -> Self {
        Self(response.extensions().get().cloned().unwrap_or_default())
    }

    pub(crate) const fn new(secrets: Secrets) -> Self {
        Self(secrets)
    }

    /// The text, with `***` for each credential, also where it is escaped or only a long part of it is repeated.
    #[must_use]
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.0.text(text)
    }

    /// The error of a body that the program judged itself, with `***` for each credential in it, as in an error of the client's own.
    #[must_use]
    pub fn mask_error(&self, error: impl Into<Error>) -> Error {
        self.0.hide(error.into())
    }
}

impl fmt::Debug for SecretMask {
    /// Shows none of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretMask").finish_non_exhaustive()
    }
}
