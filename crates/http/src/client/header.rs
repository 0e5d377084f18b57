use http::header::{HeaderName, HeaderValue};

/// A header that a caller adds to a request.
///
/// # Errors
///
/// [`HeaderError`]: it is not a valid header, or it is one that the client sets itself.
pub(crate) fn header(
    name: impl TryInto<HeaderName>,
    value: impl TryInto<HeaderValue>,
) -> Result<(HeaderName, HeaderValue), HeaderError> {
    let name = name.try_into().map_err(|_| HeaderError::Name)?;
    if RESERVED.contains(&name.as_str()) || name.as_str().starts_with("proxy-") {
        return Err(HeaderError::Reserved { name });
    }
    match value.try_into() {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(HeaderError::Value { name }),
    }
}

/// Why a header cannot be added to a request. It never shows the value.
///
/// ```
/// use bedrock_stream_http::{HeaderError, Operation};
///
/// let operation = Operation::converse_stream("us.amazon.nova-lite-v1:0")?;
/// let error = operation.header("Authorization", "Bearer mine").unwrap_err();
/// assert!(matches!(error, HeaderError::Reserved { .. }));
/// assert_eq!(error.to_string(), "the header authorization is set by the client itself and cannot be added");
/// # Ok::<(), bedrock_stream_http::ModelIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The name is not a valid header name.
    #[error("a header name is empty, or contains a character that is not allowed in header names")]
    Name,
    /// The value contains a line break or another control character.
    #[error(
        "the value of the header {name} contains a line break or another character that is not allowed in headers"
    )]
    #[non_exhaustive]
    Value {
        /// The header's name.
        name: HeaderName,
    },
    /// The client, the signature or the HTTP client sets this header itself.
    #[error("the header {name} is set by the client itself and cannot be added")]
    #[non_exhaustive]
    Reserved {
        /// The header's name.
        name: HeaderName,
    },
}

/// Headers of the client (`authorization`, `content-type`, `user-agent`), of the signature (`x-amz-..`), of the HTTP client
/// (RFC 9110, 7.6.1; RFC 9113, 8.2.2), and those that would ask for an encoding that is not decoded.
const RESERVED: [&str; 18] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_the_client_sets_are_refused_in_any_spelling() {
        for name in ["Authorization", "HOST", "content-length", "X-Amz-Date", "proxy-authorization"] {
            let error = header(name, "x").unwrap_err();
            assert!(matches!(error, HeaderError::Reserved { .. }), "{name}: {error}");
            assert!(error.to_string().contains(&name.to_ascii_lowercase()), "{error}");
        }
        assert!(header("x-amzn-trace-id", "Root=1").is_ok());
    }

    #[test]
    fn an_invalid_header_is_refused_without_showing_its_value() {
        assert_eq!(header("", "x"), Err(HeaderError::Name));
        assert_eq!(header("a b", "x"), Err(HeaderError::Name));
        let error = header("x-key", "hunter2\r\nhost: evil").unwrap_err();
        assert!(matches!(&error, HeaderError::Value { name } if name == "x-key"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
