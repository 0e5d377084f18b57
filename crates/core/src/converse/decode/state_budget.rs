use crate::answer::OrderViolation;
use crate::frame::Limits;

/// Roughly how many bytes are kept for an answer that is not over: the names and arguments of its open blocks, and its
/// metadata. A hostile stream could make them grow without end.
#[derive(Clone, Debug, Default)]
pub(super) struct StateBudget {
    limits: Limits,
    held: usize,
}

impl StateBudget {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, held: 0 }
    }

    /// Whether `more` bytes may be kept.
    #[inline]
    pub(super) fn fits(&self, more: usize) -> bool {
        self.held.saturating_add(more) <= self.limits.state_len()
    }

    /// Like [`fits`](Self::fits), with the reason to skip an event that does not fit.
    pub(super) fn check(&self, more: usize) -> Result<(), OrderViolation> {
        if self.fits(more) { Ok(()) } else { Err(self.exceeded()) }
    }

    #[inline]
    pub(super) fn add(&mut self, len: usize) {
        self.held += len;
    }

    pub(super) fn release(&mut self, len: usize) {
        self.held -= len;
    }

    /// Keeps `more` bytes instead of `before`. Less than before is always accepted.
    pub(super) fn replace(&mut self, before: usize, more: usize) -> Result<(), OrderViolation> {
        let rest = self.held.saturating_sub(before);
        if more > before && rest.saturating_add(more) > self.limits.state_len() {
            return Err(self.exceeded());
        }
        self.held = rest + more;
        Ok(())
    }

    fn exceeded(&self) -> OrderViolation {
        OrderViolation::StateLimit { held: self.held, limit: self.limits.state_len() }
    }
}
