use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

/// The keys that clients may use. Without any, every request is allowed.
///
/// ```
/// use bedrock_stream_gateway::ApiKeys;
///
/// // The name is what the access log says, in `Access::key`.
/// let keys = ApiKeys::new().key("sk-1").named("search", "sk-2");
/// assert_eq!(format!("{keys:?}"), "ApiKeys(2)");
/// ```
#[derive(Clone, Default)]
pub struct ApiKeys(Vec<Key>);

/// A key, and what the log calls it.
#[derive(Clone)]
pub(crate) struct Key {
    name: Option<Box<str>>,
    secret: Box<[u8]>,
}

impl ApiKeys {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a key. An empty one, as of a variable that is set to nothing, lets nobody in, and does not open the gateway to everyone.
    #[must_use]
    pub fn key(self, key: impl AsRef<str>) -> Self {
        self.with(None, key.as_ref())
    }

    /// Adds a key, and the name by which the access log says that it was used. An empty key lets nobody in.
    #[must_use]
    pub fn named(self, name: impl Into<String>, key: impl AsRef<str>) -> Self {
        self.with(Some(name.into().into()), key.as_ref())
    }

    fn with(mut self, name: Option<Box<str>>, key: &str) -> Self {
        self.0.push(Key { name, secret: key.as_bytes().into() });
        self
    }

    /// Whether there are none, so that every request is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that a request has, as `Authorization: Bearer` or as `x-api-key`.
    pub(crate) fn find(&self, headers: &HeaderMap) -> Option<&Key> {
        let bearer = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, key) = value.as_bytes().split_at_checked(BEARER.len())?;
            scheme.eq_ignore_ascii_case(BEARER).then(|| key.trim_ascii())
        });
        let given = headers.get(X_API_KEY).map(|value| value.as_bytes().trim_ascii());
        [bearer, given].into_iter().flatten().find_map(|key| self.equal(key))
    }

    /// Takes the same time for all wrong keys of the same length.
    fn equal(&self, key: &[u8]) -> Option<&Key> {
        self.0
            .iter()
            .filter(|known| !known.secret.is_empty())
            .fold(None, |found, known| if known.secret.ct_eq(key).into() { Some(known) } else { found })
    }
}

impl Key {
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
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

    use super::{ApiKeys, Key};

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn either_header_has_the_key() {
        let keys = ApiKeys::new().key("sk-1").named("search", "sk-22");
        let x_api_key = HeaderName::from_static("x-api-key");
        let name = |headers: &HeaderMap| keys.find(headers).map(Key::name);
        assert_eq!(name(&headers(AUTHORIZATION, "Bearer sk-1")), Some(None));
        assert_eq!(name(&headers(AUTHORIZATION, "bearer  sk-22 ")), Some(Some("search")));
        assert_eq!(name(&headers(x_api_key.clone(), "sk-22")), Some(Some("search")));
        for wrong in ["Bearer sk-2", "Bearer ", "Basic sk-1", "sk-1", "Bearer sk-1 sk-1", "Bearer SK-1"] {
            assert!(keys.find(&headers(AUTHORIZATION, wrong)).is_none(), "{wrong}");
        }
        assert!(keys.find(&headers(x_api_key.clone(), "")).is_none());
        assert!(keys.find(&HeaderMap::new()).is_none());
        // Packages may send a placeholder in the one and the key in the other.
        let mut both = headers(AUTHORIZATION, "Bearer any");
        both.insert(x_api_key, HeaderValue::from_static("sk-22"));
        assert_eq!(name(&both), Some(Some("search")));
    }

    #[test]
    fn an_empty_key_lets_nobody_in_and_opens_nothing() {
        let keys = ApiKeys::new().key("").named("search", "");
        assert!(!keys.is_empty());
        for nothing in ["", " ", "Bearer ", "Bearer"] {
            assert!(keys.find(&headers(AUTHORIZATION, nothing)).is_none());
            assert!(keys.find(&headers(HeaderName::from_static("x-api-key"), nothing)).is_none());
        }
        assert!(keys.find(&HeaderMap::new()).is_none());
    }
}
