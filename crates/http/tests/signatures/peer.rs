//! Any request is signed as `aws-sigv4` signs it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings};
use aws_sigv4::sign::v4::SigningParams;
use bedrock_stream_http::{Credentials, SigningScope, sign};
use http::{HeaderName, HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[derive(Clone, Debug)]
struct Keys {
    id: String,
    secret: String,
    token: Option<String>,
}

fn keys() -> impl Strategy<Value = Keys> {
    // HMAC hashes keys of more than 64 bytes first.
    let secret = prop_oneof!["[ -~é]{0,40}", "[a-z]{58,62}", "[a-z]{100}"];
    ("[A-Z0-9]{1,20}", secret, prop::option::of("[!-~]{1,300}")).prop_map(|(id, secret, token)| Keys {
        id,
        secret,
        token,
    })
}

/// Text for paths and queries: plain and reserved characters, some of them encoded, some with invalid encodings.
fn text() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a", "Z", "0", "-", ".", "_", "~", "!", "$", "'", "(", ")", "*", "+", ",", ";", ":", "@", "|", "\"",
        "é", "模", "%2F", "%2f", "%20", "%3A", "%25", "%2B", "%26", "%3D", "%C3%A9", "%", "%zz", "model",
    ];
    vec(select(PIECES), 0..6).prop_map(|pieces| pieces.concat())
}

fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![4 => text(), 1 => Just(".".to_owned()), 1 => Just("..".to_owned())];
    vec(segment, 0..7).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn query() -> impl Strategy<Value = String> {
    // Few names, so that some are repeated, and some are prefixes of others.
    let name = prop_oneof![select(&["a", "a-", "aa", "A", "b"][..]).prop_map(str::to_owned), text()];
    let parameter = (name, prop::option::of(prop_oneof![text(), Just("a=b".to_owned())]))
        .prop_map(|(name, value)| value.map_or(name.clone(), |value| format!("{name}={value}")))
        // `aws-sigv4` signs a replacement character for bytes that are not UTF-8. AWS signs the bytes themselves, as we do; see
        // `bytes_that_are_no_text_are_signed_as_they_are`.
        .prop_filter("not UTF-8", |text| percent_decode_str(text).decode_utf8().is_ok());
    vec(parameter, 0..6).prop_map(|parameters| {
        if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) }
    })
}

fn uri() -> impl Strategy<Value = Uri> {
    let host = "(http|https)://(example\\.com|EXAMPLE\\.com|127\\.0\\.0\\.1|\\[::1\\])(:80|:443|:8080)?";
    (host, path(), query())
        .prop_filter_map("no URI", |(host, path, query)| format!("{host}{path}{query}").parse::<Uri>().ok())
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    const NAMES: &[&str] = &[
        "content-type",
        "accept",
        "x-custom",
        "x-custom-2",
        "x-amz-target",
        "host",
        "user-agent",
        "authorization",
        "transfer-encoding",
        "x-amzn-trace-id",
        "x-amz-date",
        "x-amz-security-token",
    ];
    // Spaces anywhere, several in a row; tabs inside. (Those around a value are not part of it, which `aws-sigv4`
    // overlooks.)
    let value = " {0,2}([!-~]{1,8}( {0,3}|\t)){0,3}[!-~]{0,8} {0,2}".prop_map(|value| {
        if value.trim_matches(' ') == value.trim() { value } else { value.trim().to_owned() }
    });
    let any = vec((select(NAMES), value), 0..8);
    let sha256 = prop::option::weighted(0.2, Just(("x-amz-content-sha256", "UNSIGNED-PAYLOAD".to_owned())));
    (any, sha256).prop_map(|(mut headers, sha256)| {
        headers.extend(sha256);
        headers
    })
}

fn request() -> impl Strategy<Value = http::Request<Vec<u8>>> {
    let method = prop_oneof!["GET|POST|PUT|DELETE|HEAD", "[A-Z]{1,9}"];
    (method, uri(), headers(), vec(any::<u8>(), 0..200)).prop_map(|(method, uri, headers, body)| {
        let mut request = http::Request::new(body);
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = uri;
        for (name, value) in headers {
            let value = HeaderValue::from_str(&value).unwrap();
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
        request
    })
}

fn sign_by_peer(
    request: &mut http::Request<Vec<u8>>,
    keys: &Keys,
    scope: SigningScope<'_>,
    time: SystemTime,
) {
    let Keys { id, secret, token } = keys.clone();
    let identity = aws_credential_types::Credentials::new(id, secret, token, None, "test").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let body = match request.headers().get("x-amz-content-sha256") {
        Some(hash) => SignableBody::Precomputed(hash.to_str().unwrap().to_owned()),
        None => SignableBody::Bytes(request.body()),
    };
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let uri = request.uri().to_string();
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body).unwrap();
    let (instructions, _) = aws_sigv4::http_request::sign(signable, &params).unwrap().into_parts();
    instructions.apply_to_request_http1x(request);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_request_is_signed_as_aws_sigv4_signs_it(
        request in request(),
        keys in keys(),
        region in "[!-~]{1,12}",
        service in "[a-z-]{1,12}",
        seconds in 0..253_402_300_800_u64,
        nanoseconds in 0..1_000_000_000_u32,
    ) {
        let time = UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        let scope = SigningScope { region: &region, service: &service };
        let mut theirs = request.clone();
        sign_by_peer(&mut theirs, &keys, scope, time);

        let mut credentials = Credentials::new(keys.id.as_str(), keys.secret.as_str());
        if let Some(token) = &keys.token {
            credentials = credentials.with_session_token(token.as_str());
        }
        // The second time with the cached key; the third time, a request that was already signed.
        let mut ours = request.clone();
        sign(&mut ours, &credentials, scope, time).unwrap();
        prop_assert_eq!(ours.headers(), theirs.headers());
        let mut again = request;
        sign(&mut again, &credentials.clone(), scope, time).unwrap();
        prop_assert_eq!(again.headers(), theirs.headers());
        sign(&mut again, &credentials, scope, time).unwrap();
        prop_assert_eq!(again.headers(), theirs.headers());
        prop_assert!(ours.headers()["authorization"].is_sensitive());
    }
}
