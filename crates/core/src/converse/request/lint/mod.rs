//! What Bedrock is known to refuse.
//!
//! The rules are the service model's constraints, and the refusals of its validator that were seen in practice. What
//! only some models refuse, and what was only documented and never seen refused, is not a finding.

mod cache_ttl;
mod config;
mod content;
mod conversation;
mod finding;
mod linter;

use alloc::vec::Vec;

pub use finding::{Finding, Reason};

use self::linter::Linter;
use super::body::Request;

impl Request {
    /// Looks for what Bedrock is known to refuse, without sending anything.
    ///
    /// An empty answer is no promise: models have rules of their own. Nothing is found that is merely doubtful, so a
    /// finding means a refusal. The findings are in no order that a caller may rely on.
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        let mut linter = Linter::default();
        conversation::check(&mut linter, self);
        config::check(&mut linter, self);
        cache_ttl::check(&mut linter, self);
        linter.into_findings()
    }
}
