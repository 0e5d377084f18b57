//! The text over which a signature is computed. It is built here instead of by `aws-sigv4`, which does not support
//! HTTP/2's `:authority`.
//!
//! Source: AWS, "Create a signed AWS API request", step 1.

use std::fmt::Write as _;

use http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// The name of the host in HTTP/2, under which it may also be signed.
pub(super) const AUTHORITY: &str = ":authority";

/// The hash of the canonical request. The signed headers are sorted by name.
pub(super) fn hash(request: &Parts, headers: &[(&str, &str)], body: &[u8]) -> String {
    hex_sha256(text(request, headers, body).as_bytes())
}

fn text(request: &Parts, headers: &[(&str, &str)], body: &[u8]) -> String {
    let path = encode(&normalized(request.uri.path()), PATH);
    let query = query(request.uri.query().unwrap_or_default());
    let mut lines = String::new();
    let mut names = String::new();
    let mut before = None;
    for (name, value) in headers {
        if before == Some(name) {
            lines.push(',');
        } else {
            if before.is_some() {
                lines.push('\n');
                names.push(';');
            }
            lines.push_str(name);
            lines.push(':');
            names.push_str(name);
        }
        lines.extend(value.split(' ').filter(|word| !word.is_empty()).flat_map(|word| [word, " "]));
        if lines.ends_with(' ') {
            lines.pop();
        }
        before = Some(name);
    }
    format!("{}\n{path}\n{query}\n{lines}\n\n{names}\n{}", request.method, hex_sha256(body))
}

/// The path without empty and dot segments.
fn normalized(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let ends_in_folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    let end = if ends_in_folder && !segments.is_empty() { "/" } else { "" };
    format!("/{}{end}", segments.join("/"))
}

/// The parameters, encoded one way and sorted.
fn query(query: &str) -> String {
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (encode(&decode(name), UNRESERVED), encode(&decode(value), UNRESERVED))
        })
        .collect();
    parameters.sort();
    let parameters: Vec<String> =
        parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    parameters.join("&")
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Everything except the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The path is encoded once more, except for its slashes.
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn is_the_text_that_aws_describes() {
        // As in AWS's test suite for Signature Version 4; the hash is that of an empty body.
        let request = Request::get("/?Param1=value2&Param1=Value1").body(()).expect("it is valid");
        let headers = [
            ("host", "example.amazonaws.com"),
            ("my-header1", "  value1  a"),
            ("my-header1", "value2"),
            ("x-amz-date", "20150830T123600Z"),
        ];
        assert_eq!(
            text(&request.into_parts().0, &headers, b""),
            "GET\n/\nParam1=Value1&Param1=value2\nhost:example.amazonaws.com\nmy-header1:value1 a,value2\n\
             x-amz-date:20150830T123600Z\n\nhost;my-header1;x-amz-date\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn paths_are_normalized_and_encoded_again() {
        for (sent, canonical) in [
            ("/", "/"),
            ("//", "/"),
            ("/./a/../b//c/", "/b/c/"),
            ("/..", "/"),
            ("/a/.", "/a/"),
            ("/model/a%3Ab/converse-stream", "/model/a%253Ab/converse-stream"),
            ("/model/a:b/converse-stream", "/model/a%3Ab/converse-stream"),
        ] {
            assert_eq!(encode(&normalized(sent), PATH), canonical, "{sent}");
        }
    }

    #[test]
    fn queries_are_encoded_one_way_and_sorted() {
        for (sent, canonical) in [
            ("", ""),
            ("b=2&a=%2F", "a=%2F&b=2"),
            ("a", "a="),
            ("a=1+2&&A=/~", "A=%2F~&a=1%202"),
            ("a=%zz", "a=%25zz"),
        ] {
            assert_eq!(query(sent), canonical, "{sent}");
        }
    }
}
