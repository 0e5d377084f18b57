use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;
use hmac::Mac as _;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest as _, Sha256};

use super::amz_date::AmzDate;
use super::credentials::Credentials;

/// Signs a request as it will be sent (AWS Signature Version 4): adds `x-amz-date`, `authorization` and, for temporary
/// credentials, `x-amz-security-token`, which is signed too. Works for every service except S3.
///
/// The URI must be absolute. The HTTP client must send path, query and headers unchanged, and as `Host` the URI's authority
/// without a default port, unless the request has a `Host` header. The path in the URI is percent-encoded once; the
/// signature covers it encoded twice. All headers are signed except `user-agent`, `transfer-encoding`, `x-amzn-trace-id` and
/// `authorization`, which may change on the way. If the request has `x-amz-content-sha256`, its value is signed as the
/// body's hash, even if it is a constant such as `STREAMING-AWS4-HMAC-SHA256-EVENTS`.
///
/// The day's signing key is cached in `credentials` and its clones.
///
/// # Errors
///
/// [`SignatureError`]. The request is unchanged then.
///
/// Source: AWS, "Create a signed AWS API request" (IAM user guide).
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use bedrock_stream_http::{Credentials, SigningScope, sign};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
/// let url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse";
/// let mut request = http::Request::post(url).body("{}")?;
/// let scope = SigningScope { region: "us-east-1", service: "bedrock" };
/// sign(&mut request, &credentials, scope, SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160))?;
/// assert_eq!(request.headers()["x-amz-date"], "20150830T123600Z");
/// let authorization = request.headers()["authorization"].to_str()?;
/// assert!(authorization.starts_with(
///     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, SignedHeaders="
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign<B: AsRef<[u8]>>(
    request: &mut http::Request<B>,
    credentials: &Credentials,
    scope: SigningScope<'_>,
    time: SystemTime,
) -> Result<(), SignatureError> {
    let token = checked(credentials, scope)?;
    let host = host(request.uri()).ok_or(SignatureError::NoHost)?;
    let date = AmzDate::new(time).ok_or(SignatureError::Time)?;
    let date_value = HeaderValue::from_bytes(date.as_bytes()).map_err(|_| SignatureError::Time)?;
    let token_value =
        token.map(HeaderValue::from_str).transpose().map_err(|_| SignatureError::Credentials)?;

    let headers = request.headers_mut();
    headers.insert(DATE, date_value);
    if let Some(value) = token_value {
        headers.insert(SECURITY_TOKEN, sensitive(value));
    }

    let headers = signed_headers(request.headers(), &host);
    let (method, uri) = (request.method().as_str(), request.uri());
    let body = match request.headers().get(CONTENT_SHA256) {
        Some(value) => Cow::Borrowed(value.as_bytes().trim_ascii()),
        None => Cow::Owned(hex(Sha256::digest(request.body())).to_vec()),
    };
    let query = uri.query().unwrap_or_default();
    let canonical = canonical_request(method, &normalized(uri.path()), query, &headers, &body);
    let authorization = authorization(credentials, scope, &date, &headers, &canonical);
    // All of its parts have been checked to be valid in headers.
    let value = HeaderValue::from_maybe_shared(Bytes::from(authorization));
    let value = value.map_err(|_| SignatureError::Credentials)?;
    request.headers_mut().insert(AUTHORIZATION, sensitive(value));
    Ok(())
}

/// The region and service that a signature is valid for.
///
/// ```
/// use bedrock_stream_http::{Route, SigningScope};
///
/// let scope = SigningScope { region: "eu-west-1", service: Route::Runtime.signing_name() };
/// // The host is `bedrock-runtime.eu-west-1.amazonaws.com`.
/// assert_eq!(scope.service, "bedrock");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SigningScope<'a> {
    /// The region, such as `us-east-1`.
    pub region: &'a str,
    /// The service's signing name, which may differ from its host name: `bedrock` for `bedrock-runtime`.
    pub service: &'a str,
}

/// Why a request could not be signed.
///
/// ```
/// use std::time::SystemTime;
///
/// use bedrock_stream_http::{Credentials, SignatureError, SigningScope, sign};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG");
/// let mut request = http::Request::post("/model/m/converse").body("{}")?;
/// let scope = SigningScope { region: "us-east-1", service: "bedrock" };
/// let error = sign(&mut request, &credentials, scope, SystemTime::now()).unwrap_err();
/// assert_eq!(error, SignatureError::NoHost);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The access key id or the session token is empty, or contains a character that is not allowed in a header.
    #[error(
        "the access key id or the session token is empty, or contains a space, a line break or another character that is \
         not allowed in a header"
    )]
    Credentials,
    /// The region is empty, or contains a character that is not allowed in a header.
    #[error("\"{}\" is not the name of an AWS region, such as us-east-1", region.escape_debug())]
    #[non_exhaustive]
    Region {
        /// The region.
        region: String,
    },
    /// The signing name is empty, or contains a character that is not allowed in a header.
    #[error("\"{}\" is not the signing name of an AWS service, such as bedrock", service.escape_debug())]
    #[non_exhaustive]
    Service {
        /// The signing name.
        service: String,
    },
    /// The request's URI has no host.
    #[error("the request's URI has no host")]
    NoHost,
    /// The time is before 1970 or after the year 9999.
    #[error("the time of the signature is before 1970 or after the year 9999: check the system clock")]
    Time,
}

/// Checks the inputs of a signature. Returns the session token.
pub(super) fn checked<'a>(
    credentials: &'a Credentials,
    SigningScope { region, service }: SigningScope<'_>,
) -> Result<Option<&'a str>, SignatureError> {
    let token = credentials.session_token();
    if !is_header(credentials.access_key_id()) || !token.is_none_or(is_header) {
        return Err(SignatureError::Credentials);
    }
    if !is_header(region) {
        return Err(SignatureError::Region { region: region.to_owned() });
    }
    if !is_header(service) {
        return Err(SignatureError::Service { service: service.to_owned() });
    }
    Ok(token)
}

/// The signature of a presigned request to `https://{host}/` with an empty body, where the host is the only signed
/// header. `query` has every parameter except the signature.
pub(super) fn presigned(
    method: &str,
    host: &str,
    query: &str,
    credentials: &Credentials,
    scope: SigningScope<'_>,
    date: &AmzDate,
) -> [u8; 64] {
    let headers = [(HOST.as_str(), host.as_bytes())];
    let canonical = canonical_request(method, "/", query, &headers, &hex(Sha256::digest(b"")));
    signature(credentials, scope, date, &canonical).1
}

/// The scope as text, and the signature.
fn signature(
    credentials: &Credentials,
    SigningScope { region, service }: SigningScope<'_>,
    date: &AmzDate,
    canonical_request: &[u8],
) -> (Vec<u8>, [u8; 64]) {
    let day = date.day();
    let scope = [&day, region.as_bytes(), service.as_bytes(), b"aws4_request"].join(&b'/');
    let mut key = credentials.signing_key(day, region, service);
    for part in [ALGORITHM, b"\n", date.as_bytes(), b"\n", &scope, b"\n"] {
        key.update(part);
    }
    key.update(&hex(Sha256::digest(canonical_request)));
    let signature = hex(key.finalize().into_bytes());
    (scope, signature)
}

/// The value of `authorization`.
fn authorization(
    credentials: &Credentials,
    scope: SigningScope<'_>,
    date: &AmzDate,
    headers: &[Header<'_>],
    canonical_request: &[u8],
) -> Vec<u8> {
    let (scope, signature) = signature(credentials, scope, date, canonical_request);
    let mut out = Vec::with_capacity(AUTHORIZATION_LEN);
    let id = credentials.access_key_id().as_bytes();
    for part in [ALGORITHM, b" Credential=", id, b"/", &scope, b", SignedHeaders="] {
        out.extend_from_slice(part);
    }
    push_names(&mut out, headers);
    out.extend_from_slice(b", Signature=");
    out.extend_from_slice(&signature);
    out
}

/// The canonical request. `path` is as sent; `body` is the body's hash in hexadecimal.
fn canonical_request(method: &str, path: &str, query: &str, headers: &[Header<'_>], body: &[u8]) -> Vec<u8> {
    let len = headers.iter().map(|(name, value)| 2 * name.len() + value.len() + 3).sum::<usize>();
    let mut out = Vec::with_capacity(method.len() + 2 * path.len() + 2 * query.len() + len + body.len() + 8);
    out.extend_from_slice(method.as_bytes());
    out.push(b'\n');
    push_encoded(&mut out, path.as_bytes(), IN_PATH);
    out.push(b'\n');
    push_query(&mut out, query);
    out.push(b'\n');
    for values in headers.chunk_by(|one, next| one.0 == next.0) {
        out.extend_from_slice(values[0].0.as_bytes());
        for (number, (_, value)) in values.iter().enumerate() {
            out.push(if number == 0 { b':' } else { b',' });
            push_folded(&mut out, value);
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    push_names(&mut out, headers);
    out.push(b'\n');
    out.extend_from_slice(body);
    out
}

/// A header name in lower case, and one of its values.
type Header<'a> = (&'a str, &'a [u8]);

/// The headers to sign, sorted by name; the values of one name keep their order.
fn signed_headers<'a>(headers: &'a HeaderMap, host: &'a str) -> Vec<Header<'a>> {
    let mut signed = Vec::with_capacity(headers.len() + 1);
    if !headers.contains_key(HOST) {
        signed.push((HOST.as_str(), host.as_bytes()));
    }
    let names_and_values = headers.iter().filter(|(name, _)| !UNSIGNED.contains(&name.as_str()));
    // Spaces and tabs around a value are not part of it.
    signed.extend(names_and_values.map(|(name, value)| (name.as_str(), value.as_bytes().trim_ascii())));
    signed.sort_by_key(|(name, _)| *name);
    signed
}

/// The `Host` that is sent: without user information and the scheme's default port.
fn host(uri: &Uri) -> Option<String> {
    let host = uri.host().filter(|host| !host.is_empty())?;
    Some(match (uri.scheme_str(), uri.port_u16()) {
        (_, None) | (Some("http"), Some(80)) | (Some("https"), Some(443)) => host.to_owned(),
        (_, Some(port)) => format!("{host}:{port}"),
    })
}

/// The path without empty, `.` and `..` segments, as normalized by every service except S3.
fn normalized(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') && !path.contains("//") && !path.contains("/.") {
        return path.into();
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let ends_open = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    let end = if ends_open && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/")).into()
}

/// Writes the query parameters, encoded again and sorted by name and value.
fn push_query(out: &mut Vec<u8>, query: &str) {
    let mut parameters = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let [name, value] = [name, value].map(|text| {
            let text = text.replace('+', " ");
            let mut encoded = Vec::with_capacity(text.len());
            push_encoded(&mut encoded, &percent_decode_str(&text).collect::<Vec<u8>>(), ENCODED);
            encoded
        });
        parameters.push((name, value));
    }
    parameters.sort_unstable();
    for (number, (name, value)) in parameters.iter().enumerate() {
        if number > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// Writes a header value, collapsing consecutive spaces.
fn push_folded(out: &mut Vec<u8>, value: &[u8]) {
    let mut words = value.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    out.extend_from_slice(words.next().unwrap_or_default());
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// Writes the signed header names, each once: `content-type;host;x-amz-date`.
fn push_names(out: &mut Vec<u8>, headers: &[Header<'_>]) {
    for (number, values) in headers.chunk_by(|one, next| one.0 == next.0).enumerate() {
        if number > 0 {
            out.push(b';');
        }
        out.extend_from_slice(values[0].0.as_bytes());
    }
}

fn push_encoded(out: &mut Vec<u8>, bytes: &[u8], set: &'static AsciiSet) {
    for part in percent_encode(bytes, set) {
        out.extend_from_slice(part.as_bytes());
    }
}

fn hex(hash: impl Into<[u8; 32]>) -> [u8; 64] {
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(hash.into()) {
        pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]]);
    }
    digits
}

fn is_header(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

pub(super) const ALGORITHM: &[u8] = b"AWS4-HMAC-SHA256";
const HEX: &[u8; 16] = b"0123456789abcdef";
const DATE: &str = "x-amz-date";
const CONTENT_SHA256: &str = "x-amz-content-sha256";
const SECURITY_TOKEN: &str = "x-amz-security-token";
/// Headers that a proxy or the HTTP client may change.
const UNSIGNED: [&str; 4] = ["authorization", "user-agent", "transfer-encoding", "x-amzn-trace-id"];
/// Everything except the unreserved characters of RFC 3986.
pub(super) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const IN_PATH: &AsciiSet = &ENCODED.remove(b'/');
/// The usual length of an `authorization` header, in bytes.
const AUTHORIZATION_LEN: usize = 256;

#[cfg(test)]
mod suite;
