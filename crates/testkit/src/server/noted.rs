use std::sync::{Mutex, PoisonError};

/// What was seen, each once, in the order in which it was seen first; of very much, the first.
#[derive(Debug)]
pub(crate) struct Noted<T>(Mutex<Vec<T>>);

impl<T: Clone + PartialEq> Noted<T> {
    pub(crate) fn note(&self, seen: &[T]) {
        // Nothing here can panic half-way, so the list is whole.
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for one in seen {
            if noted.len() < MAX_NOTED && !noted.contains(one) {
                noted.push(one.clone());
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T> Default for Noted<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A server that runs for days must not grow.
const MAX_NOTED: usize = 100;
