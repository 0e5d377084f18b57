use core::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::error::attempts::Attempts;
use crate::error::printable::Printable;
use crate::error::request_id::request_id;
use crate::error::service_error::excerpt;

/// A response with status 200 that is not what was asked for: a login page, a gateway that speaks something else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnexpectedBody {
    /// What it should have been: `an event stream`, `JSON`.
    pub expected: &'static str,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`, if it has one that is not `identity`.
    pub content_encoding: Option<String>,
    /// The start of it, if it is text.
    pub excerpt: String,
    /// The id under which AWS knows the request, if AWS answered.
    pub request_id: Option<String>,
    /// The attempts before.
    pub earlier: Attempts,
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
            request_id: request_id(headers).map(str::to_owned),
            earlier: Attempts::default(),
        }
    }
}

impl fmt::Display for UnexpectedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.content_type.as_deref().unwrap_or("a body of no declared type");
        write!(f, "the answer is {}", kind.escape_debug())?;
        if let Some(encoding) = &self.content_encoding {
            write!(f, ", encoded as {}", encoding.escape_debug())?;
        }
        write!(f, ", not {}", self.expected)?;
        if !self.excerpt.is_empty() {
            write!(f, "; it starts with: {}", Printable(&self.excerpt))?;
        }
        f.write_str(". Does the endpoint URL point to Bedrock?")?;
        match &self.request_id {
            Some(id) => write!(f, " [request id {}]", id.escape_debug()),
            None => Ok(()),
        }
    }
}

impl core::error::Error for UnexpectedBody {}
