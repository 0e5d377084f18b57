use std::sync::{PoisonError, RwLock};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// HMAC-SHA-256 with a key in it and nothing hashed yet.
pub(super) type Keyed = Hmac<Sha256>;

/// The signing keys of one secret. A key holds for a day, a region and a service, and takes longer to derive than all the
/// rest of a signature; so it is kept. It is never shown: this has no `Debug`.
#[derive(Default)]
pub(super) struct SigningKeys(RwLock<Vec<SigningKey>>);

struct SigningKey {
    day: [u8; 8],
    region: Box<str>,
    service: Box<str>,
    keyed: Keyed,
}

impl SigningKeys {
    /// The key for `day` (`YYYYMMDD`), derived from `secret` unless it is here. The secret must always be the same.
    pub(super) fn get(&self, secret: &str, day: [u8; 8], region: &str, service: &str) -> Keyed {
        {
            let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let wanted =
                |key: &&SigningKey| key.day == day && *key.region == *region && *key.service == *service;
            if let Some(key) = keys.iter().find(wanted) {
                return key.keyed.clone();
            }
        }
        let keyed = derive(secret, day, region, service);
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Yesterday's keys are of no more use.
        keys.retain(|key| key.day == day);
        keys.truncate(MAX_KEYS - 1);
        keys.insert(
            0,
            SigningKey { day, region: region.into(), service: service.into(), keyed: keyed.clone() },
        );
        keyed
    }
}

/// Source: AWS, "Create a signed AWS API request", step 4.
fn derive(secret: &str, day: [u8; 8], region: &str, service: &str) -> Keyed {
    let mut key = keyed(["AWS4", secret].concat().as_bytes());
    for part in [&day, region.as_bytes(), service.as_bytes(), b"aws4_request"] {
        key.update(part);
        key = keyed(&key.finalize().into_bytes());
    }
    key
}

fn keyed(key: &[u8]) -> Keyed {
    Keyed::new_from_slice(key).expect("a key of HMAC may have any length")
}

/// Whoever signs for more regions and services than this with one secret derives some keys again.
const MAX_KEYS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(mut keyed: Keyed) -> [u8; 32] {
        keyed.update(b"string to sign");
        keyed.finalize().into_bytes().into()
    }

    #[test]
    fn a_key_that_was_kept_is_the_one_that_is_derived() {
        let keys = SigningKeys::default();
        for round in 0..3 {
            for (day, region, service) in [
                (*b"20150830", "us-east-1", "bedrock"),
                (*b"20150830", "us-east-2", "bedrock"),
                (*b"20150830", "us-east-1", "bedrock-mantle"),
                // What would be the same if the parts were only put together.
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
    fn few_are_kept_and_none_of_another_day() {
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
