use core::fmt;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::config::endpoint_error::{EndpointError, UrlError};
use crate::config::partition;

/// Where requests go: scheme, host, port, and a prefix of every request's path.
///
/// ```
/// use bedrock_stream_http::{Endpoint, EndpointVariant};
///
/// let endpoint = Endpoint::for_region("us-east-1", EndpointVariant::default())?;
/// assert_eq!(endpoint.to_string(), "https://bedrock-runtime.us-east-1.amazonaws.com");
/// let proxy = Endpoint::from_url("http://localhost:8080/aws/")?;
/// assert_eq!(proxy.to_string(), "http://localhost:8080/aws");
/// # Ok::<(), bedrock_stream_http::EndpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    /// Lower case, without the scheme's default port: what clients send as `Host`, so it is what is signed.
    authority: Authority,
    /// Empty, or starts with `/` and does not end with one.
    prefix: String,
}

/// Which of a region's endpoints to use.
///
/// ```
/// use bedrock_stream_http::{Endpoint, EndpointVariant};
///
/// let fips = EndpointVariant { fips: true, ..EndpointVariant::default() };
/// let endpoint = Endpoint::for_region("us-gov-west-1", fips)?;
/// assert_eq!(endpoint.host(), "bedrock-runtime-fips.us-gov-west-1.amazonaws.com");
/// # Ok::<(), bedrock_stream_http::EndpointError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndpointVariant {
    /// The endpoint with FIPS 140 validated cryptography.
    pub fips: bool,
    /// The endpoint that is reachable over IPv6 and IPv4.
    pub dual_stack: bool,
}

impl Endpoint {
    /// The endpoint that AWS runs in a region, by the naming rule of its partition. An unknown region is taken for one
    /// of the partition `aws`, as in the AWS SDKs.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Region`] if the name cannot be part of a host name.
    ///
    /// Source: `endpoint-rule-set-1.json` of `bedrock-runtime`, `partitions.json` (botocore).
    pub fn for_region(region: &str, variant: EndpointVariant) -> Result<Self, EndpointError> {
        Self::for_service(RUNTIME, region, variant)
    }

    /// Like [`for_region`](Self::for_region) for any service, by the naming rule that most services follow. `service`
    /// is the endpoint prefix, which may have several labels. `bedrock-mantle` has one endpoint per region,
    /// `bedrock-mantle.{region}.api.aws`, for IPv6 and IPv4.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Service`], [`EndpointError::NoFips`], [`EndpointError::Partition`], and the errors of
    /// [`for_region`](Self::for_region).
    pub fn for_service(service: &str, region: &str, variant: EndpointVariant) -> Result<Self, EndpointError> {
        let bad = || EndpointError::Region { region: region.to_owned() };
        if !is_label(region) {
            return Err(bad());
        }
        if service.len() > MAX_NAME_LEN || !service.split('.').all(is_label) {
            return Err(EndpointError::Service { service: service.to_owned() });
        }
        let partition = partition::of_region(region);
        let (fips, suffix) = if service == MANTLE {
            if variant.fips {
                return Err(EndpointError::NoFips { service: service.to_owned() });
            }
            if partition.suffix(true) != MANTLE_SUFFIX {
                let (service, region) = (service.to_owned(), region.to_owned());
                return Err(EndpointError::Partition { service, region });
            }
            ("", MANTLE_SUFFIX)
        } else {
            (if variant.fips { "-fips" } else { "" }, partition.suffix(variant.dual_stack))
        };
        let authority = format!("{service}{fips}.{region}.{suffix}").to_ascii_lowercase();
        Ok(Self {
            scheme: Scheme::HTTPS,
            authority: authority.parse().map_err(|_| bad())?,
            prefix: String::new(),
        })
    }

    /// A custom endpoint, such as a VPC endpoint, a proxy or a fake. Its path becomes a prefix of every request's path.
    ///
    /// # Errors
    ///
    /// [`EndpointError::Url`], which says what is wrong with the URL.
    pub fn from_url(url: &str) -> Result<Self, EndpointError> {
        Self::parse(url)
            .map_err(|reason| EndpointError::Url { url: without_password(url).to_owned(), reason })
    }

    /// The URI of a path, which starts with `/` and is already percent-encoded.
    ///
    /// # Errors
    ///
    /// The URI is longer than the limit of 65,534 bytes.
    pub fn uri(&self, path: &str) -> Result<Uri, http::Error> {
        let path = PathAndQuery::try_from(format!("{}{path}", self.prefix))?;
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
    }

    /// Whether it is one of a service's own endpoints, in any region.
    pub(crate) fn is_of_service(&self, service: &str) -> bool {
        let region = self.host().split('.').nth(1).unwrap_or_default();
        [(false, false), (false, true), (true, false), (true, true)].into_iter().any(|(fips, dual_stack)| {
            let own = Self::for_service(service, region, EndpointVariant { fips, dual_stack });
            own.is_ok_and(|own| own.host() == self.host())
        })
    }

    /// Whether the connection is encrypted: `https`, not `http`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The host, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The port, also if it is the scheme's.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(crate) fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    fn parse(url: &str) -> Result<Self, UrlError> {
        // The parser would silently drop a fragment.
        if url.contains('#') {
            return Err(UrlError::QueryOrFragment);
        }
        let uri: Uri = url.parse().map_err(|_| UrlError::Syntax)?;
        let scheme = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP => scheme.clone(),
            _ => return Err(UrlError::Scheme),
        };
        let authority = uri.authority().ok_or(UrlError::Host)?;
        if authority.as_str().contains('@') {
            return Err(UrlError::UserInfo);
        }
        if uri.query().is_some() {
            return Err(UrlError::QueryOrFragment);
        }
        Ok(Self {
            authority: normal_authority(authority, &scheme)?,
            prefix: prefix(uri.path())?.to_owned(),
            scheme,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.prefix)
    }
}

/// The part of an unvalidated URL that may be shown: without a password, and without keys in its query.
pub(crate) fn without_password(url: &str) -> &str {
    if url.contains('@') { "(not shown)" } else { url.split(['?', '#']).next().unwrap_or_default() }
}

fn normal_authority(authority: &Authority, scheme: &Scheme) -> Result<Authority, UrlError> {
    let host = authority.host();
    let in_brackets = host.starts_with('[') && host.ends_with(']');
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let address = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let valid = match host.len() {
        0 => false,
        len if in_brackets => host.as_bytes()[1..len - 1].iter().all(|&byte| address(byte)),
        _ => host.bytes().all(name),
    };
    if !valid {
        return Err(UrlError::Host);
    }
    let default_port = if *scheme == Scheme::HTTPS { 443 } else { 80 };
    let host = host.to_ascii_lowercase();
    let authority = match authority.as_str()[host.len()..].strip_prefix(':') {
        None | Some("") => host,
        Some(port) => match port.parse::<u16>() {
            Ok(port) if port == default_port => host,
            Ok(port) => format!("{host}:{port}"),
            Err(_) => return Err(UrlError::Port),
        },
    };
    authority.parse().map_err(|_| UrlError::Host)
}

fn prefix(path: &str) -> Result<&str, UrlError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/".contains(&byte);
    let dots = |segment: &str| matches!(segment.replace("%2e", ".").replace("%2E", ".").as_str(), "." | "..");
    if path.bytes().all(allowed) && !path.split('/').any(dots) {
        Ok(path.trim_end_matches('/'))
    } else {
        Err(UrlError::Path)
    }
}

fn is_label(text: &str) -> bool {
    let is_in_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.len() <= MAX_LABEL_LEN && !text.starts_with('-') && text.bytes().all(is_in_label)
}

/// The endpoint prefix of Bedrock Runtime.
pub(crate) const RUNTIME: &str = "bedrock-runtime";
/// The endpoint prefix and the signing name of Bedrock Mantle.
pub(crate) const MANTLE: &str = "bedrock-mantle";
/// The domain of Bedrock Mantle's endpoints.
const MANTLE_SUFFIX: &str = "api.aws";
/// Longer than any endpoint prefix, in bytes.
const MAX_NAME_LEN: usize = 128;
/// The longest label of a host name, in bytes (RFC 1035, 2.3.4).
const MAX_LABEL_LEN: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_the_endpoint_that_botocore_resolves() {
        let golden = include_str!("../../tests/golden/endpoints.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let cases = golden["cases"].as_array().unwrap();
        assert!(cases.len() > 200, "only {} cases", cases.len());
        for case in cases {
            let variant = EndpointVariant {
                fips: case["fips"].as_bool().unwrap(),
                dual_stack: case["dual_stack"].as_bool().unwrap(),
            };
            let endpoint = Endpoint::for_region(case["region"].as_str().unwrap(), variant).unwrap();
            assert_eq!(endpoint.to_string(), case["url"].as_str().unwrap(), "{case}");
        }
    }

    #[test]
    fn a_url_keeps_its_prefix_and_is_normalized() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://Bedrock.Example.COM:443/", "https://bedrock.example.com"),
            ("http://proxy:80/a/b/", "http://proxy/a/b"),
            ("https://proxy:80", "https://proxy:80"),
            ("http://[::1]:9000/v1", "http://[::1]:9000/v1"),
            ("https://vpce-1.bedrock_runtime.example/a%20b", "https://vpce-1.bedrock_runtime.example/a%20b"),
        ] {
            assert_eq!(Endpoint::from_url(url).unwrap().to_string(), expected, "{url}");
        }
        let uri = Endpoint::from_url("http://proxy/a/").unwrap().uri("/model/x%3A1/converse-stream").unwrap();
        assert_eq!(uri, "http://proxy/a/model/x%3A1/converse-stream");
    }

    #[test]
    fn an_invalid_endpoint_is_rejected_with_the_reason() {
        for (url, reason) in [
            ("", UrlError::Syntax),
            ("localhost:8080", UrlError::Scheme),
            ("ftp://host", UrlError::Scheme),
            ("/model", UrlError::Scheme),
            ("http://host:99999", UrlError::Port),
            ("http://ho!st/", UrlError::Host),
            ("http://host?x=1", UrlError::QueryOrFragment),
            ("http://host/#x", UrlError::QueryOrFragment),
            ("http://host/a/../b", UrlError::Path),
            ("http://host/a/%2E./b", UrlError::Path),
            ("http://host/a|b", UrlError::Path),
        ] {
            let error = Endpoint::from_url(url).unwrap_err();
            let shown = url.split(['?', '#']).next().unwrap().to_owned();
            assert_eq!(error, EndpointError::Url { url: shown, reason }, "{url}");
        }
        let error = Endpoint::from_url("http://me:hunter2@host/").unwrap_err();
        assert!(error.to_string().contains("user name"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        for region in ["", "-x", "us_east_1", "us-east-1.evil.example", "us-east-1/", &"x".repeat(64)] {
            let error = Endpoint::for_region(region, EndpointVariant::default()).unwrap_err();
            assert_eq!(error, EndpointError::Region { region: region.to_owned() });
        }
        for service in ["", "-x", "a..b", "a/b", "evil.example#", &"x".repeat(64), &"x.".repeat(99)] {
            let error = Endpoint::for_service(service, "us-east-1", EndpointVariant::default()).unwrap_err();
            assert_eq!(error, EndpointError::Service { service: service.to_owned() });
        }
    }

    #[test]
    fn mantle_has_one_endpoint_a_region() {
        for (region, host) in [
            ("us-east-1", "bedrock-mantle.us-east-1.api.aws"),
            ("eu-central-1", "bedrock-mantle.eu-central-1.api.aws"),
            ("us-gov-west-1", "bedrock-mantle.us-gov-west-1.api.aws"),
            ("xx-made-up-1", "bedrock-mantle.xx-made-up-1.api.aws"),
        ] {
            for dual_stack in [false, true] {
                let variant = EndpointVariant { fips: false, dual_stack };
                assert_eq!(Endpoint::for_service(MANTLE, region, variant).unwrap().host(), host);
                let fips = EndpointVariant { fips: true, dual_stack };
                let error = Endpoint::for_service(MANTLE, region, fips).unwrap_err();
                assert_eq!(error, EndpointError::NoFips { service: MANTLE.to_owned() });
            }
        }
        for region in [
            "cn-north-1",
            "eusc-de-east-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "us-isof-south-1",
        ] {
            let error = Endpoint::for_service(MANTLE, region, EndpointVariant::default()).unwrap_err();
            assert!(matches!(error, EndpointError::Partition { .. }), "{region}: {error}");
        }
    }

    #[test]
    fn other_services_follow_the_same_rule() {
        for (service, region, variant, expected) in [
            (
                "bedrock-agent-runtime",
                "us-east-1",
                EndpointVariant::default(),
                "https://bedrock-agent-runtime.us-east-1.amazonaws.com",
            ),
            (
                "streaming-logs",
                "cn-north-1",
                EndpointVariant::default(),
                "https://streaming-logs.cn-north-1.amazonaws.com.cn",
            ),
            (
                "kinesis",
                "us-east-2",
                EndpointVariant { fips: true, dual_stack: true },
                "https://kinesis-fips.us-east-2.api.aws",
            ),
        ] {
            let endpoint = Endpoint::for_service(service, region, variant).unwrap();
            assert_eq!(endpoint.to_string(), expected);
        }
    }
}
