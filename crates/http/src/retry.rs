use core::time::Duration;

use crate::deadlines::Deadline;
use crate::error::Error;

/// When a request is sent again, and after how long: exponential backoff with full jitter, one budget of attempts for
/// whatever goes wrong before the first chunk. Afterwards nothing is ever sent again.
///
/// Pure: it says what to do, and [`Client::converse_stream`](crate::Client::converse_stream) and
/// [`Client::converse`](crate::Client::converse) do it. No wait is begun that would outlast the deadline for the
/// [`total`](crate::Deadlines::total).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How often a request is sent at most, the first time included. 3 by default.
    pub max_attempts: u32,
    /// The longest wait before the second attempt; it doubles with every further one. 1 s by default.
    pub base: Duration,
    /// The longest wait of all. A service that asks for a longer one is not asked again. 20 s by default.
    pub max_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { max_attempts: 3, base: Duration::from_secs(1), max_wait: Duration::from_secs(20) }
    }
}

impl Retry {
    /// One attempt and no more.
    #[must_use]
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// With another [`max_attempts`](Self::max_attempts).
    #[must_use]
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts;
        self
    }

    /// With another [`base`](Self::base).
    #[must_use]
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// With another [`max_wait`](Self::max_wait).
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// How long to wait before the next attempt, after `attempts` of them have failed, the last with `error`. `None`: give
    /// up. `random` is evenly distributed over all of its values.
    ///
    /// Another attempt is worth it after a refusal that says so, a connection that failed or broke, and an exception that
    /// says so; `error` must have come before the first chunk.
    #[must_use]
    pub fn advise(&self, attempts: u32, error: &Error, random: u32) -> Option<Duration> {
        let worth_it = match error {
            Error::Refused(_) | Error::Stream { .. } => error.is_retryable() && !is_incomplete(error),
            Error::Connection { .. } | Error::Body { .. } => error.is_retryable(),
            Error::Deadline { deadline, .. } => *deadline == Deadline::Connect,
            _ => false,
        };
        if !worth_it || attempts >= self.max_attempts {
            return None;
        }
        let doubled = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let ceiling = self.base.saturating_mul(doubled).min(self.max_wait);
        let wait = ceiling.mul_f64(f64::from(random) / f64::from(u32::MAX));
        let asked = error.as_service_error().and_then(|refusal| refusal.retry_after).unwrap_or_default();
        (asked <= self.max_wait).then(|| wait.max(asked))
    }
}

/// A stream that ended early, or was damaged, may well do so again, and is paid for each time.
fn is_incomplete(error: &Error) -> bool {
    use bedrock_stream_core::converse::Error::{Frame, Incomplete};
    matches!(error.as_stream_error(), Some(Incomplete(_) | Frame(_)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::attempts::Attempts;
    use crate::deadline_watch::Passed;
    use crate::service_error::ServiceError;

    fn passed(deadline: Deadline) -> Error {
        let second = Duration::from_secs(1);
        Error::deadline(Passed { deadline, limit: second, elapsed: second }, None)
    }

    fn refusal(status: StatusCode, retry_after: Option<&'static str>) -> Error {
        let headers: HeaderMap = retry_after
            .map(|after| (http::header::RETRY_AFTER, after.parse().unwrap()))
            .into_iter()
            .collect();
        Error::Refused(Box::new(ServiceError::parse(status, &headers, "{}".into())))
    }

    #[test]
    fn waits_double_up_to_the_longest_and_are_spread() {
        let retry = Retry::default().max_attempts(u32::MAX);
        let throttled = refusal(StatusCode::TOO_MANY_REQUESTS, None);
        for (attempts, ceiling) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 20), (33, 20), (1000, 20)] {
            let ceiling = Duration::from_secs(ceiling);
            assert_eq!(retry.advise(attempts, &throttled, u32::MAX), Some(ceiling), "{attempts}");
            assert_eq!(retry.advise(attempts, &throttled, 0), Some(Duration::ZERO));
            let half = retry.advise(attempts, &throttled, u32::MAX / 2).unwrap();
            assert!(half.abs_diff(ceiling / 2) < Duration::from_micros(10), "{half:?}");
        }
    }

    #[test]
    fn the_budget_ends() {
        let throttled = refusal(StatusCode::SERVICE_UNAVAILABLE, None);
        assert!(Retry::default().advise(2, &throttled, 1).is_some());
        assert_eq!(Retry::default().advise(3, &throttled, 1), None);
        assert_eq!(Retry::none().advise(1, &throttled, 1), None);
    }

    #[test]
    fn what_the_service_asks_for_is_kept() {
        let later = refusal(StatusCode::TOO_MANY_REQUESTS, Some("7"));
        assert_eq!(Retry::default().advise(1, &later, 0), Some(Duration::from_secs(7)));
        let much_later = refusal(StatusCode::TOO_MANY_REQUESTS, Some("3600"));
        assert_eq!(Retry::default().advise(1, &much_later, 0), None);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (error, expected) in [
            (refusal(StatusCode::BAD_GATEWAY, None), true),
            (refusal(StatusCode::FORBIDDEN, None), false),
            (refusal(StatusCode::REQUEST_TIMEOUT, None), false),
            (
                Error::Connection {
                    endpoint: "e".to_owned(),
                    cause: Arc::new(std::io::Error::other("x")),
                    earlier: Attempts::default(),
                },
                true,
            ),
            (passed(Deadline::Connect), true),
            (passed(Deadline::FirstByte), false),
            (passed(Deadline::Total), false),
            (Error::BearerToken, false),
        ] {
            assert_eq!(Retry::default().advise(1, &error, 0).is_some(), expected, "{error:?}");
        }
    }
}
