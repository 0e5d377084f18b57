use std::sync::{Mutex, PoisonError};

/// Distinct values in the order in which they first occurred, up to a limit.
#[derive(Debug)]
pub(crate) struct DistinctLog<T>(Mutex<Vec<T>>);

impl<T: Clone + PartialEq> DistinctLog<T> {
    pub(crate) fn record(&self, seen: &[T]) {
        // Nothing here can panic, so a poisoned lock is usable.
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in seen {
            if entries.len() < MAX_ENTRIES && !entries.contains(entry) {
                entries.push(entry.clone());
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T> Default for DistinctLog<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A limit, since a server may run for days.
const MAX_ENTRIES: usize = 100;
