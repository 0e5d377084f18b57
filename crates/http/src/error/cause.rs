use core::fmt;
use core::ops::Deref;
use std::error::Error as StdError;
use std::sync::Arc;

use crate::error::error::BoxError;

/// The error of an HTTP client, shared so that errors can be cloned. It dereferences to that error, for `downcast_ref`.
#[derive(Clone)]
pub struct Cause(Arc<dyn StdError + Send + Sync>);

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
