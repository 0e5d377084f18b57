use core::fmt;
use core::ops::Deref;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

/// Any error of an HTTP client or a body.
pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The error of an HTTP client, shared so that it can be cloned. Dereferences to that error, for `downcast_ref`.
#[derive(Clone)]
pub(crate) struct Cause(Arc<dyn StdError + Send + Sync>);

impl Cause {
    /// Whether either side rejected the TLS handshake. TLS libraries report that as `InvalidData`, which clients wrap.
    pub(crate) fn is_failed_handshake(&self) -> bool {
        let mut next: Option<&(dyn StdError + 'static)> = Some(&*self.0);
        while let Some(cause) = next {
            next = match cause.downcast_ref::<io::Error>() {
                Some(error) if error.kind() == io::ErrorKind::InvalidData => return true,
                // `io::Error::source` skips the error that it wraps.
                Some(error) => error.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
                None => cause.source(),
            };
        }
        false
    }
}

impl From<BoxError> for Cause {
    fn from(error: BoxError) -> Self {
        Self(error.into())
    }
}

impl Deref for Cause {
    type Target = dyn StdError + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
