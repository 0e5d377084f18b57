//! The signature covers the request as it arrives, not as it was built.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bedrock_stream_http::{Credentials, SigningScope, sign};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};

fn signature(mut request: Request<&str>) -> HeaderValue {
    let scope = SigningScope { region: "us-east-1", service: "bedrock" };
    let time: SystemTime = UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    sign(&mut request, &Credentials::new("AKID", "secret"), scope, time).unwrap();
    request.headers()[AUTHORIZATION].clone()
}

#[test]
fn spaces_and_tabs_around_a_value_are_not_part_of_it() {
    let with = |value: &[u8]| {
        let value = HeaderValue::from_bytes(value).unwrap();
        signature(Request::get("https://example.com/").header("x-custom", value).body("").unwrap())
    };
    assert_eq!(with(b"\t a b \t"), with(b"a b"));
    assert_ne!(with(b"a\tb"), with(b"a b"));
    // Bytes that are not UTF-8 are signed unchanged.
    assert_ne!(with(b"\xff"), with(b"\xfe"));
    assert_eq!(with(b" \xff"), with(b"\xff"));
}

#[test]
fn the_signed_host_is_what_clients_send() {
    let to = |uri: &str| signature(Request::get(uri).body("").unwrap());
    assert_eq!(to("https://me:hunter2@example.com:443/a"), to("https://example.com/a"));
    assert_eq!(to("https://me:hunter2@example.com:8443/a"), to("https://example.com:8443/a"));
    assert_ne!(to("https://example.com:80/a"), to("https://example.com/a"));
    let named = Request::get("https://127.0.0.1/a").header("host", "example.com").body("").unwrap();
    assert_eq!(signature(named), to("https://example.com/a"));
}

#[test]
fn query_bytes_that_are_not_utf_8_are_signed_unchanged() {
    let with =
        |query: &str| signature(Request::get(format!("https://example.com/?{query}")).body("").unwrap());
    assert_ne!(with("a=%FF"), with("a=%FE"));
    assert_eq!(with("b&a=%ff&&a"), with("a=&a=%FF&b="));
}
