//! AWS's own signing cases, from the source of the crate `aws-sigv4`.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use std::{env, fs};

use serde_json::Value as Json;

use super::*;

/// The request in a case's `request.txt`, and the expected results.
struct Case {
    name: String,
    folder: PathBuf,
    /// `None` in the oldest cases, which have only a canonical request.
    context: Option<Json>,
    request: http::Request<Vec<u8>>,
    /// The request line of the signed request. In some cases the request's own is already encoded.
    path: String,
    query: String,
}

/// The specification encodes each byte; text is not its matter.
#[test]
fn bytes_that_are_no_text_are_signed_as_they_are() {
    let mut query = Vec::new();
    super::push_query(&mut query, "a=%aa&%C3%A9=%ff");
    assert_eq!(query, b"%C3%A9=%FF&a=%AA");
}

#[test]
fn every_aws_case_yields_its_canonical_request_and_signature() {
    let Some(folder) = folder() else { return };
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let (mut signed, mut whole) = (0, 0);
    for folder in names {
        let mut case = Case::read(folder);
        let Some(context) = case.context.take() else {
            case.check_canonical_request();
            continue;
        };
        whole += usize::from(case.check(&context));
        signed += 1;
    }
    assert_eq!(signed, 38);
    // All cases except those whose path must not be normalized or is not valid in a URI.
    assert!(whole >= 30, "only {whole} cases by the public function");
}

impl Case {
    fn read(folder: PathBuf) -> Self {
        let text =
            |name: &str| fs::read_to_string(folder.join(name)).ok().map(|text| text.replace("\r\n", "\n"));
        let message = text("request.txt").unwrap();
        let (head, body) = message.split_once("\n\n").unwrap_or((message.trim_end(), ""));
        let mut request = http::Request::new(body.as_bytes().to_vec());
        // A line that begins with a space continues the previous one.
        let head = head.replace("\n ", " ");
        let (line, headers) = head.split_once('\n').unwrap();
        let (method, _) = line.split_once(' ').unwrap();
        *request.method_mut() = method.parse().unwrap();
        for line in headers.lines() {
            let (name, value) = line.split_once(':').unwrap();
            let name: http::HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.trim().parse().unwrap());
        }
        let signed = text("header-signed-request.txt").unwrap();
        let line = signed.lines().next().unwrap();
        let target = line[method.len()..].trim_end().trim_end_matches("HTTP/1.1").trim();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            context: text("context.json").map(|text| serde_json::from_str(&text).unwrap()),
            request,
            path: path.to_owned(),
            query: query.to_owned(),
            folder,
        }
    }

    fn expected(&self, name: &str) -> String {
        let text = fs::read_to_string(self.folder.join(name)).unwrap();
        text.replace("\r\n", "\n").trim_end().to_owned()
    }

    /// The canonical request of `self.request`, whose headers are complete.
    fn canonical_request(&self, normalize: bool) -> (Vec<Header<'_>>, Vec<u8>) {
        let headers = signed_headers(self.request.headers(), "");
        let path = if normalize { normalized(&self.path) } else { self.path.as_str().into() };
        let body = hex(Sha256::digest(self.request.body()));
        let method = self.request.method().as_str();
        let canonical = canonical_request(method, &path, &self.query, &headers, &body);
        let text = String::from_utf8(canonical.clone()).unwrap();
        assert_eq!(text, self.expected("header-canonical-request.txt"), "{}", self.name);
        (headers, canonical)
    }

    fn check_canonical_request(&mut self) {
        // Not always the date of the request.
        let date = self.expected("header-canonical-request.txt");
        let date = date.lines().find_map(|line| line.strip_prefix("x-amz-date:")).unwrap();
        self.request.headers_mut().insert(DATE, date.parse().unwrap());
        self.canonical_request(true);
    }

    /// Whether the public function could be tested too.
    fn check(&mut self, context: &Json) -> bool {
        let keys = &context["credentials"];
        let text = |json: &Json| json.as_str().map(str::to_owned);
        let mut credentials = Credentials::new(
            text(&keys["access_key_id"]).unwrap(),
            text(&keys["secret_access_key"]).unwrap(),
        );
        let token_is_signed = context["omit_session_token"] != true;
        let token = text(&keys["token"]).filter(|_| token_is_signed);
        if let Some(token) = &token {
            credentials = credentials.with_session_token(token.as_str());
        }
        let scope = SigningScope {
            region: context["region"].as_str().unwrap(),
            service: context["service"].as_str().unwrap(),
        };
        assert_eq!(context["timestamp"], "2015-08-30T12:36:00Z");
        let time = UNIX_EPOCH + Duration::from_secs(1_440_938_160);
        let date = AmzDate::new(time).unwrap();
        let normalize = context["normalize"] == true;
        if context["sign_body"] == true {
            let hash = hex(Sha256::digest(self.request.body()));
            self.request.headers_mut().insert(CONTENT_SHA256, HeaderValue::from_bytes(&hash).unwrap());
        }

        // By the public function, if it supports what the case requires.
        let host = self.request.headers()[HOST].to_str().unwrap();
        let uri = format!("https://{host}{}?{}", self.path, self.query).parse();
        let signed = uri.ok().filter(|_| normalize).map(|uri| {
            let mut request = self.request.clone();
            *request.uri_mut() = uri;
            sign(&mut request, &credentials, scope, time).unwrap();
            request.headers()[AUTHORIZATION].clone()
        });

        let headers = self.request.headers_mut();
        headers.insert(DATE, HeaderValue::from_bytes(date.as_bytes()).unwrap());
        if let Some(token) = token {
            headers.insert(SECURITY_TOKEN, token.parse().unwrap());
        }
        let (headers, canonical) = self.canonical_request(normalize);
        let authorization = authorization(&credentials, scope, &date, &headers, &canonical);
        let authorization = String::from_utf8(authorization).unwrap();
        let (rest, signature) = authorization.rsplit_once("Signature=").unwrap();
        assert_eq!(signature, self.expected("header-signature.txt"), "{}", self.name);
        let message = self.expected("header-signed-request.txt");
        let line = message.lines().find_map(|line| line.strip_prefix("Authorization:")).unwrap();
        assert!(line.starts_with(rest), "{}: {line}", self.name);
        signed.is_some_and(|signed| {
            assert_eq!(signed, line, "{}", self.name);
            true
        })
    }
}

/// The suite in cargo's registry sources, of the version in the lock file. If a release of `aws-sigv4` lacks it, or the
/// sources are elsewhere, that is reported, and fails in CI. `cargo metadata` would know the place for certain, but it needs
/// the sources of all the workspace's dependencies, of which `cargo test` downloads only its own.
fn folder() -> Option<PathBuf> {
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let (_, package) = lock.split_once("name = \"aws-sigv4\"\nversion = \"").unwrap();
    let (version, _) = package.split_once('"').unwrap();
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo"))).unwrap();
    let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let suite = format!("aws-sigv4-{version}/aws-signing-test-suite/v4");
    let found = registries.map(|registry| registry.path().join(&suite)).find(|folder| folder.is_dir());
    if found.is_none() {
        assert!(env::var_os("CI").is_none(), "{} has no {suite}", home.display());
        println!("skipped: {} has no {suite}", home.display());
    }
    found
}
