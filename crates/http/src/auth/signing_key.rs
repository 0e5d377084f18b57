use std::sync::{PoisonError, RwLock};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// HMAC-SHA-256, initialized with a key.
pub(super) type HmacSha256 = Hmac<Sha256>;

/// A cache of the signing keys of one secret. A key is valid for a day, a region and a service, and deriving it takes longer
/// than the rest of a signature. There is no `Debug`, so that keys are never shown.
#[derive(Default)]
pub(super) struct SigningKeys(RwLock<Vec<SigningKey>>);

struct SigningKey {
    day: [u8; 8],
    region: Box<str>,
    service: Box<str>,
    hmac: HmacSha256,
}

impl SigningKeys {
    /// The key for `day` (`YYYYMMDD`), derived from `secret` unless cached. The secret must always be the same.
    pub(super) fn get(&self, secret: &str, day: [u8; 8], region: &str, service: &str) -> HmacSha256 {
        {
            let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let wanted =
                |key: &&SigningKey| key.day == day && *key.region == *region && *key.service == *service;
            if let Some(key) = keys.iter().find(wanted) {
                return key.hmac.clone();
            }
        }
        let hmac = derive(secret, day, region, service);
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Keys of other days are no longer needed.
        keys.retain(|key| key.day == day);
        keys.truncate(MAX_KEYS - 1);
        keys.insert(
            0,
            SigningKey { day, region: region.into(), service: service.into(), hmac: hmac.clone() },
        );
        hmac
    }
}

/// Source: AWS, "Create a signed AWS API request", step 4.
fn derive(secret: &str, day: [u8; 8], region: &str, service: &str) -> HmacSha256 {
    let mut key = hmac(["AWS4", secret].concat().as_bytes());
    for part in [&day, region.as_bytes(), service.as_bytes(), b"aws4_request"] {
        key.update(part);
        key = hmac(&key.finalize().into_bytes());
    }
    key
}

fn hmac(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC accepts keys of any length")
}

/// The capacity of the cache. Beyond it, keys are derived again.
const MAX_KEYS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(mut hmac: HmacSha256) -> [u8; 32] {
        hmac.update(b"string to sign");
        hmac.finalize().into_bytes().into()
    }

    #[test]
    fn a_cached_key_equals_the_derived_one() {
        let keys = SigningKeys::default();
        for round in 0..3 {
            for (day, region, service) in [
                (*b"20150830", "us-east-1", "bedrock"),
                (*b"20150830", "us-east-2", "bedrock"),
                (*b"20150830", "us-east-1", "bedrock-mantle"),
                // The same as the first if the parts were only concatenated.
                (*b"20150830", "us-east-1b", "edrock"),
                (*b"20150831", "us-east-1", "bedrock"),
            ] {
                let expected = bytes(derive("secret", day, region, service));
                assert_eq!(bytes(keys.get("secret", day, region, service)), expected, "{round} {region}");
                assert_eq!(bytes(keys.get("secret", day, region, service)), expected, "{round} {region}");
            }
        }
    }

    #[test]
    fn the_cache_is_bounded_and_holds_one_day() {
        let keys = SigningKeys::default();
        for region in 0..3 * MAX_KEYS {
            let _ = keys.get("secret", *b"20150830", &region.to_string(), "bedrock");
        }
        assert_eq!(keys.0.read().unwrap().len(), MAX_KEYS);
        let _ = keys.get("secret", *b"20150831", "us-east-1", "bedrock");
        assert_eq!(keys.0.read().unwrap().len(), 1);
    }

    #[test]
    fn many_threads_get_the_same_key() {
        let keys = SigningKeys::default();
        let days = [*b"20150830", *b"20150831"];
        let expected = days.map(|day| bytes(derive("secret", day, "us-east-1", "bedrock")));
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (keys, days, expected) = (&keys, &days, &expected);
                scope.spawn(move || {
                    for round in 0..200 {
                        let at = (thread + round / 50) % 2;
                        let key = keys.get("secret", days[at], "us-east-1", "bedrock");
                        assert_eq!(bytes(key), expected[at]);
                    }
                });
            }
        });
    }
}
