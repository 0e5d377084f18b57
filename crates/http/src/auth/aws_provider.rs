use core::fmt;
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials as AwsProvideCredentials;
use tokio::sync::Mutex as Turn;

use super::credentials::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};

/// Wraps a credentials provider of the AWS SDK, such as those of `aws-config`: profiles, SSO, roles, containers, instances.
///
/// Neither these nor a `SharedCredentialsProvider` cache credentials; in the SDK, the clients' identity cache does. This
/// caches by the same rules: until 10 s before they expire, or for 15 minutes if they do not. Of concurrent requests, one
/// asks the provider, and the others share its result, even if that is an error.
///
/// ```
/// use aws_credential_types::Credentials;
/// use bedrock_stream_http::{AwsProvider, ProvideCredentials as _};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // In place of `aws_config::profile::ProfileFileCredentialsProvider`, for example.
/// let provider = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", None, None, "static");
/// let credentials = AwsProvider::new(provider).credentials().await?;
/// assert_eq!(credentials.access_key_id(), "AKIDEXAMPLE");
/// # Ok(())
/// # }
/// ```
pub struct AwsProvider<P> {
    provider: P,
    last: Mutex<Last>,
    /// Held while the provider is being asked.
    turn: Turn<()>,
}

#[derive(Default)]
struct Last {
    /// How often the provider has answered.
    answers: u64,
    /// Its last answer.
    answer: Option<Result<Credentials, CredentialsError>>,
    /// Until when that is cached. `None`: not cached.
    until: Option<SystemTime>,
}

impl<P: AwsProvideCredentials> AwsProvider<P> {
    /// Asks `provider` when credentials are needed.
    #[must_use]
    pub fn new(provider: P) -> Self {
        Self { provider, last: Mutex::default(), turn: Turn::default() }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn kept_or_fresh(&self) -> Result<Credentials, CredentialsError> {
        let answers = {
            let last = self.last();
            if let (Some(Ok(credentials)), Some(until)) = (&last.answer, last.until) {
                if SystemTime::now() < until {
                    return Ok(credentials.clone());
                }
            }
            last.answers
        };
        // If the request that asks is dropped, the next in the queue asks.
        let _turn = self.turn.lock().await;
        {
            let last = self.last();
            if let (Some(answer), true) = (&last.answer, last.answers != answers) {
                return answer.clone();
            }
        }
        let given = self.provider.provide_credentials().await;
        // If the time overflows, nothing is cached.
        let until = match given.as_ref().map(aws_credential_types::Credentials::expiry) {
            Ok(Some(expiry)) => expiry.checked_sub(EARLY),
            Ok(None) => SystemTime::now().checked_add(KEPT),
            Err(_) => None,
        };
        let answer = match given {
            Ok(given) => Ok(Credentials::from(&given)),
            Err(error) => Err(CredentialsError::new(error)),
        };
        let mut last = self.last();
        let answers = last.answers.wrapping_add(1);
        *last = Last { answers, answer: Some(answer.clone()), until };
        answer
    }
}

impl<P: AwsProvideCredentials> ProvideCredentials for AwsProvider<P> {
    fn credentials(&self) -> CredentialsFuture<'_> {
        Box::pin(self.kept_or_fresh())
    }
}

impl<P: fmt::Debug> fmt::Debug for AwsProvider<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsProvider").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl From<&aws_credential_types::Credentials> for Credentials {
    fn from(credentials: &aws_credential_types::Credentials) -> Self {
        let own = Self::new(credentials.access_key_id(), credentials.secret_access_key());
        match credentials.session_token() {
            Some(token) => own.with_session_token(token),
            None => own,
        }
    }
}

const EARLY: Duration = Duration::from_secs(10);
const KEPT: Duration = Duration::from_secs(15 * 60);

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use aws_credential_types::provider::{self, error, future};
    use tokio::task::JoinSet;

    use super::*;

    /// Returns credentials that contain the number of the call and expire after this time. Fails on the third call.
    #[derive(Debug)]
    struct Counting {
        calls: Arc<AtomicU64>,
        lifetime: Option<Duration>,
        takes: Duration,
    }

    impl Counting {
        async fn give(&self) -> provider::Result {
            let call = self.calls.fetch_add(1, Relaxed);
            tokio::time::sleep(self.takes).await;
            if call == 2 {
                return Err(error::CredentialsError::not_loaded("no metadata service"));
            }
            let expiry = self.lifetime.map(|lifetime| SystemTime::now() + lifetime);
            let (id, token) = (format!("AKID{call}"), Some("hunter3".to_owned()));
            Ok(aws_credential_types::Credentials::new(id, "hunter2", token, expiry, "test"))
        }
    }

    impl AwsProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(self.give())
        }
    }

    #[tokio::test]
    async fn credentials_are_cached_until_shortly_before_they_expire() {
        let second = Duration::from_secs(1);
        for (lifetime, expected) in
            [(None, "AKID0"), (Some(60 * second), "AKID0"), (Some(9 * second), "AKID1")]
        {
            let calls = Arc::new(AtomicU64::new(0));
            let provider =
                AwsProvider::new(Counting { calls: Arc::clone(&calls), lifetime, takes: Duration::ZERO });
            assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKID0");
            let again = provider.credentials().await.unwrap();
            assert_eq!((again.access_key_id(), again.session_token()), (expected, Some("hunter3")));
            if expected == "AKID1" {
                let error = crate::Error::from(provider.credentials().await.unwrap_err()).with_causes();
                assert!(error.starts_with("no AWS credentials: "), "{error}");
                assert!(error.contains("no metadata service"), "{error}");
            }
            assert!(!format!("{provider:?}").contains("hunter"));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_requests_share_one_call() {
        let calls = Arc::new(AtomicU64::new(0));
        // They expire too soon to be cached.
        let lifetime = Some(Duration::from_secs(1));
        let provider = Counting { calls: Arc::clone(&calls), lifetime, takes: Duration::from_secs(5) };
        let provider = Arc::new(AwsProvider::new(provider));
        // The third round fails, and the failure is shared too: the provider is not asked by each in turn.
        for round in 0..4 {
            let mut tasks = JoinSet::new();
            for _ in 0..100 {
                let provider = Arc::clone(&provider);
                tasks.spawn(async move { provider.credentials().await });
            }
            let begin = tokio::time::Instant::now();
            for answer in tasks.join_all().await {
                let id = answer.map(|credentials| credentials.access_key_id().to_owned());
                assert_eq!(id.ok(), (round != 2).then(|| format!("AKID{round}")));
            }
            assert_eq!(calls.load(Relaxed), round + 1);
            assert_eq!(begin.elapsed(), Duration::from_secs(5), "round {round}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_request_passes_on_its_turn() {
        let calls = Arc::new(AtomicU64::new(0));
        let provider = Counting { calls: Arc::clone(&calls), lifetime: None, takes: Duration::from_secs(5) };
        let provider = AwsProvider::new(provider);
        let impatient = tokio::time::timeout(Duration::from_secs(1), provider.credentials());
        let (gave_up, got) = tokio::join!(impatient, provider.credentials());
        assert!(gave_up.is_err());
        assert_eq!(got.unwrap().access_key_id(), "AKID1");
        assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKID1");
        assert_eq!(calls.load(Relaxed), 2);
    }
}
