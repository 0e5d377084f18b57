use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::path::Path;

/// The members of a request that Bedrock does not get.
///
/// ```
/// use bedrock_stream_dialects::request::{self, LeftOutReason, Options};
///
/// let body = br#"{"model":"nova","user":"u-1","colour":"blue","messages":[{"role":"user","content":"Hello"}]}"#;
/// let left_out = request::chat(body, &Options::new())?.left_out;
/// let fields: Vec<_> = left_out.fields.iter().map(|field| (&*field.field, field.reason)).collect();
/// assert_eq!(fields, [("user", LeftOutReason::NoEffect), ("colour", LeftOutReason::Unknown)]);
/// assert_eq!(left_out.more, 0);
/// # Ok::<(), bedrock_stream_dialects::request::RequestError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOutFields {
    /// The first 100 of them, in the order in which they were read.
    pub fields: Vec<LeftOutField>,
    /// How many there are besides.
    pub more: usize,
}

/// A member of a request that Bedrock does not get.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOutField {
    /// The member, as the vendor of the dialect writes it; see [`RequestError::field`](super::RequestError::field).
    pub field: String,
    /// Why it was left out.
    pub reason: LeftOutReason,
}

/// Why a member of a request was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeftOutReason {
    /// The member is not known.
    Unknown,
    /// It does not change the answer: it is about storage, billing, tracing or caching.
    NoEffect,
    /// Bedrock has no equivalent, and the caller is [lenient](super::Options::lenient), or it is only a preference.
    Unsupported,
    /// Text that is blank, which Bedrock refuses.
    Blank,
    /// Reasoning without what the model must get back with it, such as its signature.
    Unsigned,
}

impl LeftOutReason {
    /// The reason, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NoEffect => "no_effect",
            Self::Unsupported => "unsupported",
            Self::Blank => "blank",
            Self::Unsigned => "unsigned",
        }
    }
}

impl LeftOutFields {
    /// Whether nothing was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn push(&mut self, path: &Path, reason: LeftOutReason) {
        if self.fields.len() < MAX_FIELDS {
            self.fields.push(LeftOutField { field: path.to_string(), reason });
        } else {
            self.more += 1;
        }
    }
}

/// The length to which a hostile request can make the list grow.
const MAX_FIELDS: usize = 100;
