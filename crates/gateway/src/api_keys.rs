use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::{Choice, ConstantTimeEq as _};

/// The keys that clients may use. Without any, every request is allowed.
#[derive(Clone, Default)]
pub(crate) struct ApiKeys(Vec<Box<[u8]>>);

impl ApiKeys {
    /// Adds a key. An empty one is ignored.
    pub(crate) fn add(&mut self, key: impl AsRef<str>) {
        let key = key.as_ref().as_bytes();
        if !key.is_empty() {
            self.0.push(key.into());
        }
    }

    /// Whether every request is allowed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a request has one of the keys, as `Authorization: Bearer` or as `x-api-key`.
    pub(crate) fn allow(&self, headers: &HeaderMap) -> bool {
        if self.is_empty() {
            return true;
        }
        let bearer = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, key) = value.as_bytes().split_at_checked(BEARER.len())?;
            scheme.eq_ignore_ascii_case(BEARER).then(|| key.trim_ascii())
        });
        let given = headers.get(X_API_KEY).map(|value| value.as_bytes().trim_ascii());
        let is_allowed = [bearer, given].into_iter().flatten().map(|key| self.contain(key));
        is_allowed.fold(Choice::from(0), |all, one| all | one).into()
    }

    /// Takes the same time for all keys of the same length.
    fn contain(&self, key: &[u8]) -> Choice {
        self.0.iter().fold(Choice::from(0), |found, known| found | known.ct_eq(key))
    }
}

impl fmt::Debug for ApiKeys {
    /// Shows how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({})", self.0.len())
    }
}

const BEARER: &[u8] = b"bearer ";
const X_API_KEY: &str = "x-api-key";

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

    use super::ApiKeys;

    fn keys(of: &[&str]) -> ApiKeys {
        let mut all = ApiKeys::default();
        of.iter().for_each(|key| all.add(key));
        all
    }

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn either_header_has_the_key() {
        let keys = keys(&["sk-1", "sk-22"]);
        let x_api_key = HeaderName::from_static("x-api-key");
        assert!(keys.allow(&headers(AUTHORIZATION, "Bearer sk-1")));
        assert!(keys.allow(&headers(AUTHORIZATION, "bearer  sk-22 ")));
        assert!(keys.allow(&headers(x_api_key.clone(), "sk-22")));
        for wrong in ["Bearer sk-2", "Bearer ", "Basic sk-1", "sk-1", "Bearer sk-1 sk-1", "Bearer SK-1"] {
            assert!(!keys.allow(&headers(AUTHORIZATION, wrong)), "{wrong}");
        }
        assert!(!keys.allow(&headers(x_api_key, "")));
        assert!(!keys.allow(&HeaderMap::new()));
    }

    #[test]
    fn without_keys_everything_is_allowed() {
        let none = keys(&[""]);
        assert!(none.is_empty() && none.allow(&HeaderMap::new()));
        assert_eq!(format!("{:?}", keys(&["secret"])), "ApiKeys(1)");
    }
}
