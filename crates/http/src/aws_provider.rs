use core::fmt;
use core::time::Duration;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials as AwsProvideCredentials;

use crate::credentials::{Credentials, CredentialsError, CredentialsFuture, ProvideCredentials};

/// A provider of the AWS SDK's kind, such as those of `aws-config`: profiles, SSO, roles, containers, instances.
///
/// These do not keep what they got, so this does: until 10 s before it expires, or for 15 minutes where it does not, as
/// the SDK does. Requests that begin at the same moment, with nothing kept, may each ask the provider.
pub struct AwsProvider<P> {
    provider: P,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    credentials: Credentials,
    until: SystemTime,
}

impl<P: AwsProvideCredentials> AwsProvider<P> {
    /// Asks `provider` when credentials are needed.
    #[must_use]
    pub const fn new(provider: P) -> Self {
        Self { provider, kept: Mutex::new(None) }
    }

    fn kept(&self, now: SystemTime) -> Option<Credentials> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|kept| now < kept.until).map(|kept| kept.credentials.clone())
    }

    async fn fresh(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        let given = self.provider.provide_credentials().await.map_err(CredentialsError::new)?;
        let credentials = Credentials::from(&given);
        // A clock at its end keeps nothing.
        let until = given.expiry().map_or_else(|| now.checked_add(KEPT), |expiry| expiry.checked_sub(EARLY));
        let kept = until.map(|until| Kept { credentials: credentials.clone(), until });
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(credentials)
    }
}

impl<P: AwsProvideCredentials> ProvideCredentials for AwsProvider<P> {
    fn credentials(&self) -> CredentialsFuture<'_> {
        Box::pin(async {
            let now = SystemTime::now();
            match self.kept(now) {
                Some(credentials) => Ok(credentials),
                None => self.fresh(now).await,
            }
        })
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

    use aws_credential_types::provider::{error, future};

    use super::*;

    /// Gives credentials with the number of the call, which expire so long from now.
    #[derive(Debug)]
    struct Counting {
        calls: Arc<AtomicU64>,
        lifetime: Option<Duration>,
    }

    impl AwsProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let call = self.calls.fetch_add(1, Relaxed);
            if call == 2 {
                let failed = error::CredentialsError::not_loaded("no metadata service");
                return future::ProvideCredentials::ready(Err(failed));
            }
            let expiry = self.lifetime.map(|lifetime| SystemTime::now() + lifetime);
            let (id, token) = (format!("AKID{call}"), Some("hunter3".to_owned()));
            let credentials = aws_credential_types::Credentials::new(id, "hunter2", token, expiry, "test");
            future::ProvideCredentials::ready(Ok(credentials))
        }
    }

    #[tokio::test]
    async fn credentials_are_kept_until_shortly_before_they_expire() {
        let second = Duration::from_secs(1);
        for (lifetime, expected) in
            [(None, "AKID0"), (Some(60 * second), "AKID0"), (Some(9 * second), "AKID1")]
        {
            let calls = Arc::new(AtomicU64::new(0));
            let provider = AwsProvider::new(Counting { calls: Arc::clone(&calls), lifetime });
            assert_eq!(provider.credentials().await.unwrap().access_key_id(), "AKID0");
            let again = provider.credentials().await.unwrap();
            assert_eq!((again.access_key_id(), again.session_token()), (expected, Some("hunter3")));
            if expected == "AKID1" {
                let error = provider.credentials().await.unwrap_err().to_string();
                assert!(error.starts_with("no AWS credentials: "), "{error}");
                assert!(error.contains("no metadata service"), "{error}");
            }
            assert!(!format!("{provider:?}").contains("hunter"));
        }
    }
}
