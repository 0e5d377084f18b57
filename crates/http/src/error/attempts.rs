use core::fmt;
use core::ops::Deref;
use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;

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
/// behind a sentence, empty where there are none. What failed in the same way several times is said once; the request
/// ids, which differ even then, are in the [`Attempt`]s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    list: Option<Arc<Vec<Attempt>>>,
    /// Whether the last attempt failed as each of these did.
    are_as_the_last: bool,
    /// Whether the last attempt would have been followed by another one, if there were a timer.
    lack_timer: bool,
}

impl Attempt {
    pub(crate) fn new(
        status: Option<StatusCode>,
        code: Option<String>,
        request_id: Option<String>,
        mut cause: String,
        wait: Duration,
    ) -> Self {
        cut(&mut cause);
        Self { status, code, request_id, cause, wait }
    }

    /// What went wrong, without the id that each request has for itself.
    fn kind(&self) -> Cow<'_, str> {
        match &self.request_id {
            Some(id) => Cow::Owned(self.cause.replace(&format!(" [request id {}]", id.escape_debug()), "")),
            None => Cow::Borrowed(&self.cause),
        }
    }
}

impl Attempts {
    pub(crate) fn push(&mut self, attempt: Attempt) {
        let attempts = Arc::make_mut(self.list.get_or_insert_default());
        if attempts.len() < MAX_ATTEMPTS {
            attempts.push(attempt);
        }
    }

    /// The same, before a last attempt, which is asked for only if there is one to compare it with.
    pub(crate) fn before(&self, last: impl FnOnce() -> Attempt) -> Self {
        let are_as_the_last = !self.is_empty() && {
            let last = last();
            self.iter().all(|attempt| attempt.kind() == last.kind())
        };
        Self { are_as_the_last, ..self.clone() }
    }

    /// There is nothing to wait with before another attempt.
    pub(crate) fn lack_timer(&mut self) {
        self.lack_timer = true;
    }
}

impl Deref for Attempts {
    type Target = [Attempt];

    fn deref(&self) -> &[Attempt] {
        self.list.as_ref().map_or(&[], |attempts| attempts)
    }
}

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lack_timer {
            f.write_str("; not tried again, since the transport has no timer to wait with")?;
        }
        if self.are_as_the_last {
            let plural = if self.len() == 1 { "" } else { "s" };
            return write!(f, "; {} attempt{plural} before it failed in the same way", self.len());
        }
        for (number, same) in self.chunk_by(|one, next| one.kind() == next.kind()).enumerate() {
            let begin = if number == 0 { "; before that" } else { ", then" };
            write!(f, "{begin}: {} (", same[0].cause)?;
            if same.len() > 1 {
                write!(f, "{} times, ", same.len())?;
            }
            for (number, Attempt { wait, .. }) in same.iter().enumerate() {
                let begin = if number == 0 { "next attempt after " } else { ", then after " };
                f.write_str(begin)?;
                if *wait < Duration::from_secs(1) {
                    write!(f, "{} ms", wait.as_millis())?;
                } else {
                    write!(f, "{:.1} s", wait.as_secs_f64())?;
                }
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

fn cut(cause: &mut String) {
    if cause.len() > MAX_CAUSE_LEN {
        let end = (0..=MAX_CAUSE_LEN).rev().find(|&end| cause.is_char_boundary(end)).unwrap_or(0);
        cause.truncate(end);
    }
}

/// How many attempts are told, so that a caller who tries for ever does not fill the memory.
const MAX_ATTEMPTS: usize = 16;
/// How much of an attempt's error is told, in bytes.
const MAX_CAUSE_LEN: usize = 400;

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use http::HeaderMap;

    use super::*;
    use crate::error::error::Error;
    use crate::error::service_error::ServiceError;

    fn refusal(id: &str, message: &str) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert("x-amzn-requestid", id.parse().unwrap());
        let body = format!(r#"{{"message":"{message}"}}"#);
        let status = StatusCode::SERVICE_UNAVAILABLE;
        ServiceError::parse(status, &headers, body.into(), SystemTime::UNIX_EPOCH).into()
    }

    /// What is said behind the last error, `last`, after those that failed with `messages`.
    fn told(messages: &[&str], last: &str) -> String {
        let mut attempts = Attempts::default();
        for (number, message) in messages.iter().enumerate() {
            let wait = Duration::from_micros(312_345 + 900_000 * number as u64);
            attempts.push(refusal(&format!("r-{number}"), message).attempt(wait));
        }
        let error = refusal("r-9", last);
        let sentence = error.to_string();
        error.with_earlier(&attempts).to_string().strip_prefix(&sentence).unwrap().to_owned()
    }

    #[test]
    fn what_failed_in_the_same_way_is_told_once() {
        assert_eq!(told(&[], "Busy."), "");
        assert_eq!(told(&["Busy."], "Busy."), "; 1 attempt before it failed in the same way");
        assert_eq!(told(&["Busy.", "Busy."], "Busy."), "; 2 attempts before it failed in the same way");
        let refused = "refused: HTTP 503 Service Unavailable";
        assert_eq!(
            told(&["Busy.", "Busy.", "Gone."], "Busy."),
            format!(
                "; before that: {refused}: Busy. [request id r-0] (2 times, next attempt after 312 ms, then after 1.2 s), \
                 then: {refused}: Gone. [request id r-2] (next attempt after 2.1 s)"
            )
        );
        assert_eq!(
            told(&["Busy."], "Gone."),
            format!("; before that: {refused}: Busy. [request id r-0] (next attempt after 312 ms)")
        );
    }
}
