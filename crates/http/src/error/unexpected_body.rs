use core::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::error::printable::Printable;
use crate::error::service_error::excerpt;

/// A response with status 200 that is not what was requested, such as a login page or a gateway's own answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnexpectedBody {
    /// What was expected: `an event stream` or `JSON`.
    pub expected: &'static str,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`, unless that is `identity`.
    pub content_encoding: Option<String>,
    /// The start of the body, if it is text.
    pub excerpt: String,
}

impl UnexpectedBody {
    pub(crate) fn new(expected: &'static str, headers: &HeaderMap, body: &Bytes) -> Self {
        let text =
            |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        Self {
            expected,
            content_type: text(CONTENT_TYPE),
            content_encoding: text(CONTENT_ENCODING)
                .filter(|encoding| !encoding.eq_ignore_ascii_case("identity")),
            excerpt: excerpt(body),
        }
    }
}

impl fmt::Display for UnexpectedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.content_type.as_deref().unwrap_or("a body without a content type");
        write!(f, "the answer is {}", kind.escape_debug())?;
        if let Some(encoding) = &self.content_encoding {
            write!(f, ", encoded as {}", encoding.escape_debug())?;
        }
        write!(f, ", not {}", self.expected)?;
        if !self.excerpt.is_empty() {
            write!(f, "; it starts with: {}", Printable(&self.excerpt))?;
        }
        f.write_str(". Does the endpoint URL point to Bedrock?")
    }
}

impl core::error::Error for UnexpectedBody {}
