use std::sync::{Mutex, PoisonError};

/// What was seen, each once, in the order in which it was seen first; of very much, the first.
#[derive(Debug)]
pub(crate) struct DistinctLog<T>(Mutex<Vec<T>>);

impl<T: Clone + PartialEq> DistinctLog<T> {
    pub(crate) fn record(&self, seen: &[T]) {
        // Nothing here can panic half-way, so the list is whole.
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

/// A server that runs for days must not grow.
const MAX_ENTRIES: usize = 100;
