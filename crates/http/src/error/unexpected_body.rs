use core::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::error::error_body::ErrorBody;
use crate::error::printable::Printable;
use crate::error::service_error::excerpt;

/// A response with status 200 that is not what was requested, such as a login page or a gateway's own answer.
///
/// ```
/// use std::time::SystemTime;
///
/// use bedrock_stream_http::{ErrorDetail, check_response};
/// use bedrock_stream_testkit::ByteStream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A captive portal answers in place of Bedrock.
/// let page = ByteStream::from(vec!["<html>Please log in</html>".into()]);
/// let response = http::Response::builder().header("content-type", "text/html").body(page)?;
/// let error = check_response(response, SystemTime::now()).await.unwrap_err();
/// let ErrorDetail::UnexpectedBody(body) = error.detail() else { panic!("{error}") };
/// assert_eq!((body.expected, body.content_type.as_deref()), ("an event stream", Some("text/html")));
/// assert_eq!(body.excerpt, "<html>Please log in</html>");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnexpectedBody {
    /// What was expected: `an event stream`, `server-sent events`, `JSON` or `a Converse response`.
    pub expected: &'static str,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its `Content-Encoding`, unless that is `identity`.
    pub content_encoding: Option<String>,
    /// The start of the body, if it is text.
    pub excerpt: String,
    /// The error's code, if the body is the JSON of an error.
    pub code: Option<String>,
    /// The error's message, if the body is the JSON of an error.
    pub message: Option<String>,
}

impl UnexpectedBody {
    pub(crate) fn new(expected: &'static str, headers: &HeaderMap, body: &Bytes) -> Self {
        let text =
            |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let error = Some(ErrorBody::parse(body)).filter(|body| body.is_error).unwrap_or_default();
        Self {
            expected,
            content_type: text(CONTENT_TYPE),
            content_encoding: text(CONTENT_ENCODING)
                .filter(|encoding| !encoding.eq_ignore_ascii_case("identity")),
            excerpt: excerpt(body),
            code: error.code,
            message: error.message,
        }
    }

    /// Whether the body is the JSON of an error.
    pub(crate) const fn is_error(&self) -> bool {
        self.code.is_some() || self.message.is_some()
    }

    fn has_type(&self, media_type: &str) -> bool {
        let essence = self.content_type.as_deref().and_then(|it| it.split(';').next()).unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(media_type)
    }

    /// A suggestion for the user.
    fn hint(&self) -> &'static str {
        match self.expected {
            "server-sent events" if self.has_type("application/json") => {
                "Does the request ask for a stream with \"stream\": true?"
            }
            "JSON" if self.has_type("text/event-stream") => {
                "The request asks for a stream with \"stream\": true: use the streaming operation"
            }
            _ => "Does the endpoint URL point to Bedrock?",
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
        if self.is_error() {
            f.write_str("; it is an error: ")?;
            if let Some(code) = &self.code {
                write!(f, "{}", code.escape_debug())?;
            }
            return match &self.message {
                Some(message) if self.code.is_some() => write!(f, ": {}", Printable(message.trim_end())),
                Some(message) => write!(f, "{}", Printable(message.trim_end())),
                None => Ok(()),
            };
        }
        if !self.excerpt.is_empty() {
            write!(f, "; it starts with: {}", Printable(&self.excerpt))?;
        }
        write!(f, ". {}", self.hint())
    }
}

impl core::error::Error for UnexpectedBody {}
