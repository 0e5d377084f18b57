/// Why an endpoint cannot be built.
///
/// ```
/// use bedrock_stream_http::{Endpoint, EndpointError, UrlError};
///
/// let error = Endpoint::from_url("localhost:8080").unwrap_err();
/// assert!(matches!(error, EndpointError::Url { reason: UrlError::Scheme, .. }));
/// assert_eq!(
///     error.to_string(),
///     "the endpoint URL \"localhost:8080\" cannot be used: it must start with http:// or https://"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The region's name cannot be part of a host name.
    #[error("\"{}\" is not the name of an AWS region, such as us-east-1", region.escape_debug())]
    #[non_exhaustive]
    Region {
        /// The name.
        region: String,
    },
    /// The service's endpoint prefix cannot be part of a host name.
    #[error("\"{}\" is not the endpoint prefix of an AWS service, such as bedrock-runtime", service.escape_debug())]
    #[non_exhaustive]
    Service {
        /// The prefix.
        service: String,
    },
    /// The service has no FIPS endpoint, and no other may be used instead.
    #[error("{service} has no FIPS endpoint")]
    #[non_exhaustive]
    NoFips {
        /// The endpoint prefix.
        service: String,
    },
    /// The service's endpoint in the region's partition is not known.
    #[error("the endpoint of {service} in the partition of {} is not known: set its URL", region.escape_debug())]
    #[non_exhaustive]
    Partition {
        /// The endpoint prefix.
        service: String,
        /// The region.
        region: String,
    },
    /// The URL cannot be used as an endpoint.
    #[error("the endpoint URL \"{}\" cannot be used: {reason}", url.escape_debug())]
    #[non_exhaustive]
    Url {
        /// The URL, without query and fragment; not shown if it may contain a user name or a password.
        url: String,
        /// What is wrong with it.
        reason: UrlError,
    },
    /// FIPS and dual-stack choose between AWS's own endpoints, and do not apply to a URL.
    #[error(
        "an endpoint URL cannot be combined with FIPS or dual-stack: use the URL of such an endpoint, or no URL"
    )]
    UrlWithVariant,
}

/// What is wrong with an endpoint URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is not a URL.
    #[error("it is not a URL")]
    Syntax,
    /// It does not start with `http://` or `https://`.
    #[error("it must start with http:// or https://")]
    Scheme,
    /// Its host is missing, or neither a name nor an address.
    #[error("its host is missing or is neither a name nor an address")]
    Host,
    /// Its port is not a number up to 65535.
    #[error("its port is not a number up to 65535")]
    Port,
    /// It contains a user name or a password, which would end up in logs.
    #[error("it contains a user name or a password: pass credentials separately from the URL")]
    UserInfo,
    /// It has a query or a fragment.
    #[error("it has a query or a fragment")]
    QueryOrFragment,
    /// Its path contains `.` or `..` segments or unencoded characters, which clients rewrite, breaking the signature.
    #[error("its path contains a \".\" or \"..\" segment, or a character that must be percent-encoded")]
    Path,
}
