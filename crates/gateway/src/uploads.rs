use std::sync::atomic::{AtomicUsize, Ordering};

/// The bodies of requests that are arriving. They take no places of answers, so their number and their bytes have limits of their
/// own, for all of them together.
#[derive(Debug)]
pub(crate) struct Uploads {
    max_count: usize,
    max_bytes: usize,
    count: AtomicUsize,
    bytes: AtomicUsize,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    uploads: &'a Uploads,
    bytes: usize,
}

impl Uploads {
    pub(crate) const fn new(max_count: usize, max_bytes: usize) -> Self {
        Self { max_count, max_bytes, count: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    pub(crate) const fn max_count(&self) -> usize {
        self.max_count
    }

    pub(crate) const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// One more; `None` if there is no room.
    pub(crate) fn begin(&self) -> Option<Upload<'_>> {
        // Only then: one that is made is counted down when it is dropped.
        take(&self.count, 1, self.max_count).then(|| Upload { uploads: self, bytes: 0 })
    }
}

impl Upload<'_> {
    /// Whether there is room for so many more bytes, which are then its own.
    pub(crate) fn grow(&mut self, more: usize) -> bool {
        let is_taken = take(&self.uploads.bytes, more, self.uploads.max_bytes);
        if is_taken {
            self.bytes += more;
        }
        is_taken
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.uploads.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.uploads.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Adds to a number, if it stays within a limit.
fn take(number: &AtomicUsize, more: usize, limit: usize) -> bool {
    let add = |now: usize| now.checked_add(more).filter(|sum| *sum <= limit);
    number.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
}

#[cfg(test)]
mod tests {
    use super::Uploads;

    #[test]
    fn what_is_refused_changes_no_count() {
        let uploads = Uploads::new(2, 10);
        for _ in 0..3 {
            let (first, second) = (uploads.begin(), uploads.begin());
            for _ in 0..5 {
                assert!(uploads.begin().is_none());
            }
            let (Some(mut first), Some(mut second)) = (first, second) else {
                panic!("there is room for two")
            };
            assert!(first.grow(6) && !second.grow(5) && second.grow(4) && !first.grow(1));
        }
    }
}
