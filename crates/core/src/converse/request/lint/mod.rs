//! What Bedrock is known to refuse.
//!
//! The rules are the constraints of the service model, and refusals by Bedrock's validator that were observed in
//! practice. Anything that only some models refuse, or that is documented but was never observed to be refused, is not
//! reported.

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
    /// Checks the request for violations that Bedrock is known to refuse, without sending anything.
    ///
    /// An empty list is no guarantee, since models have rules of their own. Doubtful cases are not reported, so a
    /// violation means a refusal. The order of the violations is unspecified.
    #[must_use]
    pub fn lint(&self) -> Vec<ConstraintViolation> {
        let mut linter = Linter::default();
        conversation::check(&mut linter, self);
        config::check(&mut linter, self);
        cache_ttl::check(&mut linter, self);
        linter.into_violations()
    }
}
