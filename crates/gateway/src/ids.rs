//! Ids of answers and requests: unique, and not secret.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use http::HeaderMap;

/// 32 hexadecimal digits that no other id has.
pub(crate) fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let half = || {
        // Keyed at random by the standard library.
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(count);
        hasher.write_u128(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos());
        hasher.finish()
    };
    format!("{:016x}{:016x}", half(), half())
}

/// The client's own id of the request, if it sent one that can be logged, else a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_plain =
        |id: &&str| (1..=MAX_ID_LEN).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    given.filter(is_plain).map_or_else(|| format!("req_{}", unique()), str::to_owned)
}

/// The header of a request's id.
pub(crate) const X_REQUEST_ID: &str = "x-request-id";
const MAX_ID_LEN: usize = 128;
