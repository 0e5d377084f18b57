use core::fmt;
use core::ops::Deref;
use core::time::Duration;
use std::sync::Arc;

use http::StatusCode;

use crate::error::Error;

/// One attempt that failed, and after which another was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status of its response, if it was a refusal.
    pub status: Option<StatusCode>,
    /// The code of the refusal, or the name of the exception.
    pub code: Option<String>,
    /// The id under which AWS knows it.
    pub request_id: Option<String>,
    /// What went wrong, as a sentence of at most 400 bytes.
    pub cause: String,
    /// How long was waited afterwards.
    pub wait: Duration,
}

/// The attempts that failed before the last one, oldest first; of very many, the first 16. Shown as a clause to put
/// behind a sentence, empty where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts(Option<Arc<Vec<Attempt>>>);

impl Attempt {
    fn new(error: &Error, wait: Duration) -> Self {
        let mut cause = error.to_string();
        if cause.len() > MAX_CAUSE_LEN {
            let end = (0..=MAX_CAUSE_LEN).rev().find(|&end| cause.is_char_boundary(end)).unwrap_or(0);
            cause.truncate(end);
        }
        Self {
            status: error.as_service_error().map(|refusal| refusal.status),
            code: error.code().map(str::to_owned),
            request_id: error.request_id().map(str::to_owned),
            cause,
            wait,
        }
    }
}

impl Attempts {
    pub(crate) fn push(&mut self, error: &Error, wait: Duration) {
        let attempts = Arc::make_mut(self.0.get_or_insert_default());
        if attempts.len() < MAX_ATTEMPTS {
            attempts.push(Attempt::new(error, wait));
        }
    }
}

impl Deref for Attempts {
    type Target = [Attempt];

    fn deref(&self) -> &[Attempt] {
        self.0.as_ref().map_or(&[], |attempts| attempts)
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Attempt { cause, wait, .. }) in self.iter().enumerate() {
            let begin = if number == 0 { "; before that" } else { ", then" };
            write!(f, "{begin}: {cause} (next attempt after {wait:.1?})")?;
        }
        Ok(())
    }
}

/// How many attempts are told, so that a caller who tries for ever does not fill the memory.
const MAX_ATTEMPTS: usize = 16;
/// How much of an attempt's error is told, in bytes.
const MAX_CAUSE_LEN: usize = 400;
