use alloc::string::String;
use core::fmt;

use crate::dialect::Dialect;

/// A request cannot be sent in another dialect without losing something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request cannot be sent in the dialect {dialect}: {}", Problem(self))]
#[non_exhaustive]
pub struct NotCarried {
    /// The dialect.
    pub dialect: Dialect,
    /// The member of the request that it is about, such as `messages[0].content[1].video`.
    pub field: String,
    /// What is wrong with it.
    pub reason: NotCarriedReason,
}

/// Why a member of a request cannot be sent in another dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotCarriedReason {
    /// The dialect has no place for it.
    NoPlace,
    /// The dialect needs it, and the request does not have it.
    Missing,
    /// The dialect has no place for it after what stands before it.
    Order,
    /// A header of the request has the place for it.
    Header,
    /// Another member of the request says the same.
    Twice,
}

/// The sentence about a member.
struct Problem<'a>(&'a NotCarried);

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.0.field.escape_debug();
        match self.0.reason {
            NotCarriedReason::NoPlace => {
                write!(f, "it has no place for `{field}`; leave that out, or use Converse")
            }
            NotCarriedReason::Missing => write!(f, "it needs `{field}`"),
            NotCarriedReason::Order => {
                write!(f, "`{field}` would have to stand before other content of its message")
            }
            NotCarriedReason::Header => write!(f, "`{field}` has to be sent as a header"),
            NotCarriedReason::Twice => write!(f, "`{field}` says again what another member says"),
        }
    }
}
