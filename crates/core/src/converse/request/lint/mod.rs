//! What Bedrock is known to refuse.
//!
//! The rules are the service model's constraints, and the refusals of its validator that were seen in practice. What
//! only some models refuse, and what was only documented and never seen refused, is not a finding.

mod cache_ttl;
mod config;
mod constraint_violation;
mod content;
mod conversation;
mod linter;

use alloc::vec::Vec;

pub use constraint_violation::{Constraint, ConstraintViolation};

use self::linter::Linter;
use super::request::Request;

impl Request {
    /// Looks for what Bedrock is known to refuse, without sending anything.
    ///
    /// An empty answer is no promise: models have rules of their own. Nothing is found that is merely doubtful, so a
    /// finding means a refusal. The findings are in no order that a caller may rely on.
    #[must_use]
    pub fn lint(&self) -> Vec<ConstraintViolation> {
        let mut linter = Linter::default();
        conversation::check(&mut linter, self);
        config::check(&mut linter, self);
        cache_ttl::check(&mut linter, self);
        linter.into_violations()
    }
}
