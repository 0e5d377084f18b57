use core::time::Duration;

use crate::error::error::Error;

/// The retry policy: exponential backoff with full jitter, and one budget of attempts for all failures before the first
/// chunk. After that, nothing is retried.
///
/// This type only decides; [`Client`](crate::Client) waits and sends. A wait that would exceed
/// [`Timeouts::total`](crate::Timeouts::total) is not started.
///
/// ```
/// use std::time::Duration;
///
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, Config, Retry};
/// use bedrock_stream_reqwest::Client;
/// use bedrock_stream_testkit::{FakeBedrock, Fault, answer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The first two requests are throttled.
/// let bedrock = FakeBedrock::builder().reply("*", answer().text("Two.")).fault_first(2, Fault::Throttle);
/// let bedrock = bedrock.start().await?;
/// let retry = Retry::default().max_attempts(5).base(Duration::from_millis(1));
/// let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).retry(retry).build()?;
/// let client = Client::new(config)?;
///
/// let request = Request::new().user("How many moons has Mars?");
/// assert_eq!(client.converse_stream("model", &request).await?.collect().await?.text(), "Two.");
/// assert_eq!(bedrock.requests().len(), 3);
///
/// // One request can have a policy of its own.
/// let answer = client.converse_stream("model", &request).retry(Retry::none()).await;
/// assert!(answer.is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// The maximum number of attempts, the first included. 3 by default.
    pub max_attempts: u32,
    /// The maximum wait before the second attempt; it doubles with each further attempt. 1 s by default.
    pub base: Duration,
    /// The maximum wait. If `Retry-After` asks for a longer one, there is no retry. 20 s by default.
    pub max_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { max_attempts: 3, base: Duration::from_secs(1), max_wait: Duration::from_secs(20) }
    }
}

impl Retry {
    /// No retries.
    #[must_use]
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets [`max_attempts`](Self::max_attempts).
    #[must_use]
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts;
        self
    }

    /// Sets [`base`](Self::base).
    #[must_use]
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// Sets [`max_wait`](Self::max_wait).
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// How long to wait before the next attempt, after `attempts` attempts have failed, the last with `error`. `None`: give
    /// up. `random` must be uniformly distributed.
    ///
    /// [`Error::is_retryable`] decides whether to retry. The error must have occurred before the first chunk.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use bedrock_stream_http::{Error, Retry, ServiceError};
    /// use bytes::Bytes;
    /// use http::{HeaderMap, StatusCode};
    ///
    /// let throttled = ServiceError::parse(
    ///     StatusCode::TOO_MANY_REQUESTS,
    ///     &HeaderMap::new(),
    ///     Bytes::new(),
    ///     SystemTime::now(),
    /// );
    /// let error = Error::from(throttled);
    /// let retry = Retry::default();
    /// // Full jitter: up to a second after the first attempt, up to two after the second, and the third was the last.
    /// assert_eq!(retry.backoff(1, &error, 0), Some(Duration::ZERO));
    /// assert!(retry.backoff(2, &error, u32::MAX) > Some(Duration::from_secs(1)));
    /// assert_eq!(retry.backoff(3, &error, 0), None);
    /// ```
    #[must_use]
    pub fn backoff(&self, attempts: u32, error: &Error, random: u32) -> Option<Duration> {
        if !error.is_retryable() || attempts >= self.max_attempts {
            return None;
        }
        let doubled = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let ceiling = self.base.saturating_mul(doubled).min(self.max_wait);
        let wait = scale(ceiling, random);
        let asked = error.as_service_error().and_then(|refusal| refusal.retry_after).unwrap_or_default();
        (asked <= self.max_wait).then(|| wait.max(asked))
    }
}

/// `whole` times `random / u32::MAX`. In integers, because floating point rounds the longest duration up beyond the maximum.
fn scale(whole: Duration, random: u32) -> Duration {
    let nanos = whole.as_nanos() * u128::from(random) / u128::from(u32::MAX);
    let seconds = u64::try_from(nanos / NANOS).unwrap_or(u64::MAX);
    Duration::new(seconds, (nanos % NANOS) as u32)
}

/// A second, in nanoseconds.
const NANOS: u128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::SystemTime;

    use bedrock_stream_core::answer;
    use bedrock_stream_core::converse::ChunkDecoder;
    use bedrock_stream_core::frame::{Header, Message, encode};
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::config::config_error::ConfigError;
    use crate::error::error_detail::ErrorDetail;
    use crate::error::service_error::ServiceError;
    use crate::error::transport_error::TransportError;
    use crate::error::unexpected_body::UnexpectedBody;
    use crate::timeouts::timeout_state::Elapsed;
    use crate::timeouts::timeouts::Timeout;

    fn passed(timeout: Timeout) -> Error {
        let second = Duration::from_secs(1);
        Error::timeout(Elapsed { timeout, limit: second, elapsed: second })
    }

    fn refusal(status: StatusCode, retry_after: Option<&'static str>) -> Error {
        let headers: HeaderMap = retry_after
            .map(|after| (http::header::RETRY_AFTER, after.parse().unwrap()))
            .into_iter()
            .collect();
        ServiceError::parse(status, &headers, "{}".into(), SystemTime::UNIX_EPOCH).into()
    }

    #[test]
    fn waits_double_up_to_the_maximum_and_have_jitter() {
        let retry = Retry::default().max_attempts(u32::MAX);
        let throttled = refusal(StatusCode::TOO_MANY_REQUESTS, None);
        for (attempts, ceiling) in [(1, 1), (2, 2), (3, 4), (5, 16), (6, 20), (33, 20), (1000, 20)] {
            let ceiling = Duration::from_secs(ceiling);
            assert_eq!(retry.backoff(attempts, &throttled, u32::MAX), Some(ceiling), "{attempts}");
            assert_eq!(retry.backoff(attempts, &throttled, 0), Some(Duration::ZERO));
            let half = retry.backoff(attempts, &throttled, u32::MAX / 2).unwrap();
            assert!(half.abs_diff(ceiling / 2) < Duration::from_micros(10), "{half:?}");
        }
    }

    #[test]
    fn the_budget_ends() {
        let throttled = refusal(StatusCode::SERVICE_UNAVAILABLE, None);
        assert!(Retry::default().backoff(2, &throttled, 1).is_some());
        assert_eq!(Retry::default().backoff(3, &throttled, 1), None);
        assert_eq!(Retry::none().backoff(1, &throttled, 1), None);
    }

    #[test]
    fn retry_after_is_respected() {
        let later = refusal(StatusCode::TOO_MANY_REQUESTS, Some("7"));
        assert_eq!(Retry::default().backoff(1, &later, 0), Some(Duration::from_secs(7)));
        // Up to `max_wait`, and not a second longer.
        let latest = refusal(StatusCode::TOO_MANY_REQUESTS, Some("20"));
        assert_eq!(Retry::default().backoff(1, &latest, 0), Some(Duration::from_secs(20)));
        let too_late = refusal(StatusCode::TOO_MANY_REQUESTS, Some("21"));
        assert_eq!(Retry::default().backoff(1, &too_late, 0), None);
    }

    #[test]
    fn the_longest_possible_waits_do_not_overflow() {
        let throttled = refusal(StatusCode::TOO_MANY_REQUESTS, None);
        let retry = Retry::default().base(Duration::MAX).max_wait(Duration::MAX).max_attempts(u32::MAX);
        assert_eq!(retry.backoff(1, &throttled, u32::MAX), Some(Duration::MAX));
        assert_eq!(retry.backoff(40, &throttled, 0), Some(Duration::ZERO));
        let half = retry.backoff(1, &throttled, u32::MAX / 2).unwrap();
        assert!(half > Duration::MAX / 3 && half < Duration::MAX / 2, "{half:?}");
        let later = refusal(StatusCode::TOO_MANY_REQUESTS, Some("18446744073709551615"));
        assert_eq!(retry.backoff(1, &later, 0), Some(Duration::from_secs(u64::MAX)));
    }

    fn connection(retryable: bool, cause: io::Error) -> Error {
        let error = TransportError::other(cause);
        ErrorDetail::Connection { endpoint: "e".to_owned(), error, retryable }.into()
    }

    fn body(retryable: bool) -> Error {
        ErrorDetail::Body { error: TransportError::other("reset"), retryable }.into()
    }

    /// The error that is the first item of a stream of these bytes.
    fn stream(message_type: &str, kind: &str, cut: usize) -> Error {
        let type_header = format!(":{message_type}-type");
        let headers = [Header::string(&type_header, kind), Header::string(":message-type", message_type)];
        let mut bytes = Vec::new();
        encode(&headers, b"{}", &mut bytes).unwrap();
        bytes.truncate(bytes.len() - cut);
        let mut decoder = ChunkDecoder::new();
        decoder.push(&bytes);
        let error = loop {
            match decoder.finish() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("no error"),
                Err(error) => break error,
            }
        };
        error.into()
    }

    #[test]
    fn each_kind_of_error_is_retryable_or_not() {
        let certificate = io::Error::new(io::ErrorKind::InvalidData, "the certificate has expired");
        let frame = Message::parse(b"<html>..</html>").unwrap_err();
        for (error, expected) in [
            (refusal(StatusCode::TOO_MANY_REQUESTS, None), true),
            (refusal(StatusCode::INTERNAL_SERVER_ERROR, None), true),
            (refusal(StatusCode::BAD_GATEWAY, None), true),
            (refusal(StatusCode::FORBIDDEN, None), false),
            (refusal(StatusCode::REQUEST_TIMEOUT, None), false),
            (connection(true, io::Error::other("x")), true),
            (connection(false, io::Error::other("x")), false),
            (connection(true, certificate), false),
            (body(true), true),
            (body(false), false),
            (body(true).of_whole_answer(), false),
            (passed(Timeout::Connect), true),
            (passed(Timeout::FirstByte), false),
            (passed(Timeout::Idle), false),
            (passed(Timeout::Tail), false),
            (passed(Timeout::Total), false),
            (stream("exception", "throttlingException", 0), true),
            (stream("exception", "validationException", 0), false),
            (stream("event", "messageStart", 3), true),
            (ConfigError::NoRegion.into(), false),
            (crate::client::operation::ModelIdError::Empty.into(), false),
            (ErrorDetail::Request(String::new()).into(), false),
            (ErrorDetail::UriTooLong.into(), false),
            (ErrorDetail::BearerToken.into(), false),
            (ErrorDetail::NoRuntime.into(), false),
            (ErrorDetail::Client(String::new()).into(), false),
            (ErrorDetail::TooLong { limit: 1 }.into(), false),
            (ErrorDetail::Response(String::new()).into(), false),
            (ErrorDetail::Incomplete.into(), false),
            (
                ErrorDetail::UnexpectedBody(Box::new(UnexpectedBody::new(
                    "JSON",
                    &HeaderMap::new(),
                    &Bytes::new(),
                )))
                .into(),
                false,
            ),
        ] {
            assert_eq!(error.is_retryable(), expected, "{error:?}");
            assert_eq!(Retry::default().backoff(1, &error, 0).is_some(), expected, "{error:?}");
        }
        // The core decides whether damage is retryable, whichever stream reads the bytes.
        let damaged = Error::from(frame);
        let chunks = answer::Error::Frame(frame);
        assert_eq!(damaged.is_retryable(), chunks.is_retryable());
        assert_eq!(Retry::default().backoff(1, &damaged, 0).is_some(), chunks.is_retryable());
    }
}
