use alloc::string::String;
use core::fmt;

use crate::dialect::Dialect;

/// A request cannot be converted to another dialect without loss.
///
/// ```
/// use bedrock_stream_core::converse::Request;
/// use bedrock_stream_dialects::request_body::{RequestBodyErrorReason, responses_body};
///
/// let request = Request::new().user("Hello").stop_sequence("END");
/// let error = responses_body(&request, "openai.gpt-oss-20b-1:0", true).unwrap_err();
/// assert_eq!(error.field, "inferenceConfig.stopSequences");
/// assert_eq!(error.reason, RequestBodyErrorReason::Unsupported);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request cannot be sent in the dialect {dialect}: {}", Problem(self))]
#[non_exhaustive]
pub struct RequestBodyError {
    /// The dialect.
    pub dialect: Dialect,
    /// The path of the request's member that causes this, such as `messages[0].content[1].video`.
    pub field: String,
    /// What is wrong with it.
    pub reason: RequestBodyErrorReason,
}

/// Why a member of a request cannot be sent in another dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestBodyErrorReason {
    /// The dialect cannot express it.
    Unsupported,
    /// The dialect requires it, and the request lacks it.
    Missing,
    /// In the dialect it must precede the content that precedes it in the request.
    Order,
    /// The dialect sends it as a header.
    Header,
    /// Another member of the request already sets the same field.
    Repeated,
}

/// The sentence about a member.
struct Problem<'a>(&'a RequestBodyError);

impl fmt::Display for Problem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.0.field.escape_debug();
        match self.0.reason {
            RequestBodyErrorReason::Unsupported => {
                write!(f, "it has no place for `{field}`; leave that out, or use Converse")
            }
            RequestBodyErrorReason::Missing => write!(f, "it needs `{field}`"),
            RequestBodyErrorReason::Order => {
                write!(f, "`{field}` would have to stand before other content of its message")
            }
            RequestBodyErrorReason::Header => write!(f, "`{field}` has to be sent as a header"),
            RequestBodyErrorReason::Repeated => {
                write!(f, "`{field}` sets a field that another member has set")
            }
        }
    }
}
