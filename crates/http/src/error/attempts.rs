use core::fmt;
use core::ops::Deref;
use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;

use http::StatusCode;

/// A failed attempt that was followed by another.
///
/// ```
/// use std::time::Duration;
///
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, Config, Retry};
/// use bedrock_stream_reqwest::Client;
/// use bedrock_stream_testkit::{FakeBedrock, Fault};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bedrock = FakeBedrock::builder().fault(Fault::Throttle).start().await?;
/// let retry = Retry::default().base(Duration::from_millis(1));
/// let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).retry(retry).build()?;
///
/// let client = Client::new(config)?;
/// let error = client.converse_stream("model", &Request::new().user("Hello")).await.unwrap_err();
/// // The last of three attempts is the error itself.
/// assert_eq!(error.earlier_attempts().len(), 2);
/// let first = &error.earlier_attempts()[0];
/// assert_eq!(first.code.as_deref(), Some("ThrottlingException"));
/// assert!(first.wait <= Duration::from_millis(1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status of its response, if it was a refusal.
    pub status: Option<StatusCode>,
    /// The refusal's code, or the exception's name.
    pub code: Option<String>,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// What went wrong: a sentence of at most 400 bytes.
    pub cause: String,
    /// How long the client waited before the next attempt.
    pub wait: Duration,
}

/// The failed attempts before the last one, oldest first; at most the first 16. `Display` appends to an error message, and
/// is empty without attempts. Attempts that failed in the same way are reported once; their request ids differ, and are in
/// the [`Attempt`]s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    list: Option<Arc<Vec<Attempt>>>,
    /// Whether the last attempt failed in the same way as all of these.
    are_as_the_last: bool,
    /// Whether there would have been another attempt if there were a timer.
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

    /// What went wrong, without the request id.
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

    /// These attempts, followed by a last one, which is computed only if there are any.
    pub(crate) fn before(&self, last: impl FnOnce() -> Attempt) -> Self {
        let are_as_the_last = !self.is_empty() && {
            let last = last();
            self.iter().all(|attempt| attempt.kind() == last.kind())
        };
        Self { are_as_the_last, ..self.clone() }
    }

    /// Records that there is no further attempt, because there is no timer.
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
            f.write_str("; not retried, because the transport has no timer")?;
        }
        if self.are_as_the_last {
            let plural = if self.len() == 1 { "" } else { "s" };
            return write!(f, "; {} earlier attempt{plural} failed in the same way", self.len());
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

/// How many attempts are kept, so that endless retries do not fill the memory.
const MAX_ATTEMPTS: usize = 16;
/// How much of an attempt's error message is kept, in bytes.
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

    /// The text appended to the last error, `last`, after attempts that failed with `messages`.
    fn appended(messages: &[&str], last: &str) -> String {
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
    fn attempts_that_failed_in_the_same_way_are_reported_once() {
        assert_eq!(appended(&[], "Busy."), "");
        assert_eq!(appended(&["Busy."], "Busy."), "; 1 earlier attempt failed in the same way");
        assert_eq!(appended(&["Busy.", "Busy."], "Busy."), "; 2 earlier attempts failed in the same way");
        let refused = "refused: HTTP 503 Service Unavailable";
        assert_eq!(
            appended(&["Busy.", "Busy.", "Gone."], "Busy."),
            format!(
                "; before that: {refused}: Busy. [request id r-0] (2 times, next attempt after 312 ms, then after 1.2 s), \
                 then: {refused}: Gone. [request id r-2] (next attempt after 2.1 s)"
            )
        );
        assert_eq!(
            appended(&["Busy."], "Gone."),
            format!("; before that: {refused}: Busy. [request id r-0] (next attempt after 312 ms)")
        );
    }
}
