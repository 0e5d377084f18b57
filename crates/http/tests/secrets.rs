//! No public type shows a secret: neither the types that contain one, nor those that contain what a careless or hostile
//! server echoes.
#![cfg(feature = "sigv4")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{
    Auth, BearerToken, BoxTransport, ChunkStream, Client, Config, ConfigError, Credentials, CredentialsError,
    Endpoint, EndpointError, EndpointVariant, Error, ErrorDetail, ErrorKind, MediaType, MessageStream,
    Operation, Pool, ProvideCredentials, Received, RequestBody, Retry, Route, Serialized, SigningScope,
    StreamBody, Timeout, Timeouts, Timer, Transport, TransportError, TransportErrorKind, UrlError,
};
use bytes::Bytes;
use http_body_util::Full;

/// Parts that must not be visible: of a bearer token, a secret access key and a session token.
const SECRETS: [&str; 4] = ["BEARER0TOKEN", "SECRET0KEY", "SESSION0TOKEN", SHORT_TERM];
/// The prefix of every short-term key made from credentials.
const SHORT_TERM: &str = "api-key-YmVkcm9jay";

/// Exports that are not shown here: modules of the core, which never has a secret; functions; traits; other names of
/// shown types; and one type that cannot be constructed outside its crate.
const NOT_SHOWN: [&str; 14] = [
    "answer",
    "dialects",
    "content",
    "converse",
    "json",
    "frame",
    "check_response",
    "sign",
    "IntoBody",
    "ProvideCredentials",
    "Transport",
    "CredentialsFuture",
    "HttpClient",
    // Constants of this library, with the feature `metrics`.
    "Instrument",
];

/// Everything that is shown, by the name of its type.
#[derive(Default)]
struct Shown(BTreeMap<&'static str, Vec<String>>);

impl Shown {
    fn show(&mut self, name: &'static str, value: &dyn Debug) {
        self.0.entry(name).or_default().push(format!("{value:?}\n{value:#?}"));
    }

    /// An error's message is shown too.
    fn error(&mut self, name: &'static str, error: &dyn std::error::Error) {
        self.show(name, &error);
        self.show(name, &error.to_string());
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let mut shown = Shown::default();
    show_plain(&mut shown);
    show_wrong_configurations(&mut shown);
    show_pool(&mut shown).await;
    show_credentials(&mut shown).await;
    let keys = Credentials::new("AKIDEXAMPLE", "SECRET0KEY").with_session_token("SESSION0TOKEN");
    let short_term = Auth::short_term_bearer(keys.clone());
    for auth in [Auth::sigv4(keys), Auth::bearer("BEARER0TOKEN"), short_term] {
        show_client(&mut shown, auth).await;
    }

    for (name, texts) in &shown.0 {
        for text in texts {
            assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "{name}: {text}");
        }
    }
    let ids = &shown.0["Credentials"];
    assert!(ids.iter().any(|text| text.contains("AKIDEXAMPLE")), "the id is no secret: {ids:?}");

    let shown: BTreeSet<&str> = shown.0.into_keys().chain(NOT_SHOWN).collect();
    let public = exported(include_str!("../src/lib.rs"));
    assert!(public.len() > 35, "{public:?}");
    assert_eq!(public.difference(&shown).collect::<Vec<_>>(), [&""; 0], "a public type is not shown here");
    // Their `Debug` is tested inside their crates; a connection shows what hyper's own crates show.
    let shown: BTreeSet<&str> = shown.into_iter().chain(["HttpsConnector", "Connection"]).collect();
    let clients = [include_str!("../../reqwest/src/lib.rs"), include_str!("../../hyper/src/lib.rs")];
    for client in clients.map(exported) {
        assert_eq!(
            client.difference(&shown).collect::<Vec<_>>(),
            [&""; 0],
            "a client's type is not shown here"
        );
        assert_eq!(
            public.difference(&client).collect::<Vec<_>>(),
            [&""; 0],
            "a client lacks what http exports"
        );
    }
}

/// Types that contain no text of the caller's, as their source shows.
fn show_plain(shown: &mut Shown) {
    shown.error("TransportError", &TransportError::other("no"));
    shown.show("TransportErrorKind", &TransportErrorKind::NoRuntime);
    shown.show("StreamBody", &StreamBody::new("BEARER0TOKEN"));
    shown.show("Timeout", &Timeout::Idle);
    shown.show("ErrorKind", &ErrorKind::Timeout);
    shown.show("Timeouts", &Timeouts::default());
    let operation = Operation::converse("m").unwrap();
    shown.show("Operation", &operation);
    shown.error("HeaderError", &operation.clone().header("x-key", "SECRET0KEY\n").unwrap_err());
    let label = Operation::new("kinesis", MediaType::EventStream, [".."]).unwrap_err();
    shown.error("LabelError", &label);
    shown.show("MediaType", &MediaType::Json);
    shown.show("Retry", &Retry::default());
    shown.show("Route", &Route::default());
    shown.show("Serialized", &Serialized("SECRET0KEY"));
    shown.show("Timer", &Timer::new(tokio::time::sleep));
    shown.show("EndpointVariant", &EndpointVariant::default());
    shown.show("Received", &Received::Bytes(b"{}"));
    shown.show("RequestBody", &RequestBody::from(Bytes::from_static(b"SECRET0KEY")));
}

/// Passwords in the wrong places.
fn show_wrong_configurations(shown: &mut Shown) {
    for url in [
        "https://user:SECRET0KEY@proxy",
        "https://user:SECRET0KEY@proxy/#fragment",
        "https://user:SECRET0KEY@proxy/?query",
        "https://user:SECRET0KEY @proxy/",
        "ftp://user:SECRET0KEY@proxy/",
        "user:SECRET0KEY@proxy",
    ] {
        let error = Endpoint::from_url(url).unwrap_err();
        shown.error("EndpointError", &error);
        if let EndpointError::Url { reason, .. } = error {
            shown.error("UrlError", &reason);
        }
        let builder = Config::builder().endpoint_url(url).bearer("BEARER0TOKEN");
        shown.show("ConfigBuilder", &builder);
        let error: ConfigError = builder.build().unwrap_err();
        shown.error("ConfigError", &error);
        shown.error("Error", &Error::from(error));
        let env = |name: &str| (name == "AWS_ENDPOINT_URL").then(|| url.to_owned());
        shown.show("ConfigBuilder", &Config::builder().env_from(env));
    }
    shown.error("UrlError", &UrlError::UserInfo);
    for half in ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"] {
        let env = |name: &str| (name == half).then(|| "SECRET0KEY".to_owned());
        let builder = Config::builder().env_from(env);
        shown.show("ConfigBuilder", &builder);
        shown.error("ConfigError", &builder.build().unwrap_err());
    }
}

async fn show_pool(shown: &mut Shown) {
    let pool = Pool::single("SECRET0KEY", Timer::new(tokio::time::sleep));
    shown.show("Pool", &pool);
    let request = http::Request::new(Bytes::from_static(b"SESSION0TOKEN"));
    let echo = async |client, _| Ok(http::Response::new(Full::new(Bytes::from(client))));
    shown.show("ResponseBody", pool.send(request, echo).await.unwrap().body());
}

async fn show_credentials(shown: &mut Shown) {
    let keys = Credentials::new("AKIDEXAMPLE", "SECRET0KEY").with_session_token("SESSION0TOKEN");
    shown.show("Credentials", &keys);
    shown.show("Credentials", &keys.credentials().await);
    shown.show("BearerToken", &BearerToken::new("BEARER0TOKEN"));
    shown.show("Auth", &Auth::sigv4(keys));
    shown.show("Auth", &Auth::bearer("BEARER0TOKEN"));
    shown.error("CredentialsError", &CredentialsError::new("expired"));
    shown.show("SigningScope", &SigningScope { region: "us-east-1", service: "bedrock" });

    // A token that is not allowed in a header is neither sent nor shown.
    let wrong = Credentials::new("AKIDEXAMPLE", "SECRET0KEY").with_session_token("SESSION0TOKEN\n");
    let config = Config::builder().region("us-east-1").credentials(wrong).build().unwrap();
    let error = request(&config).await.unwrap_err();
    let ErrorDetail::Signature(cause) = error.detail() else { panic!("{error:?}") };
    shown.error("SignatureError", cause);
    shown.error("Error", &error);
    let config = Config::builder().region("us-east-1").bearer("BEARER0TOKEN\n").build().unwrap();
    shown.error("Error", &request(&config).await.unwrap_err());

    #[cfg(feature = "aws-credential-types")]
    {
        let (secret, token) = ("SECRET0KEY", Some("SESSION0TOKEN".to_owned()));
        let keys = aws_credential_types::Credentials::new("AKIDEXAMPLE", secret, token, None, "test");
        let provider = bedrock_stream_http::AwsProvider::new(keys);
        shown.show("AwsProvider", &provider);
        shown.show("Credentials", &provider.credentials().await);
        shown.show("AwsProvider", &provider);
    }
}

/// A client, and the errors from a server that echoes everything it was sent.
async fn show_client(shown: &mut Shown, auth: Auth) {
    let builder = Config::builder().region("us-east-1").endpoint_url("http://127.0.0.1:9").auth(auth);
    let builder = builder.retry(Retry::default().base(Duration::from_millis(1)));
    shown.show("ConfigBuilder", &builder);
    let config = builder.build().unwrap();
    shown.show("Config", &config);
    shown.show("Endpoint", config.endpoint());
    shown.show("Config", &request(&config).await.unwrap());
    shown.show("Transport", &bedrock_stream_reqwest::Transport::try_from(&config).unwrap());
    shown.show("Transport", &bedrock_stream_hyper::Transport::try_from(&config).unwrap());
    shown.show("Client", &bedrock_stream_reqwest::Client::new(config.clone()).unwrap());
    let client = bedrock_stream_hyper::Client::new(config.clone()).unwrap();
    shown.show("Client", &client);
    let builder = client.converse("m", "SECRET0KEY").header("x-key", "SESSION0TOKEN");
    shown.show("RequestBuilder", &builder);
    shown.show("Client", &client.clone().boxed());
    let error = client.converse_stream("..", "{}").message_stream().await.unwrap_err();
    let ErrorDetail::ModelId(cause) = error.detail() else { panic!("{error:?}") };
    shown.error("ModelIdError", cause);
    shown.error("Error", &error);
    // Nothing listens on that port.
    shown.error("Error", &client.converse("m", &Request::new().user("Hi")).await.unwrap_err());

    let answers = [(503, "application/json"), (400, "application/json")];
    let client = Client::with_transport(config.clone(), Echo::new(answers));
    shown.show("Client", &client);
    let error = client.converse_stream("m", &Request::new().user("Hi")).await.unwrap_err();
    shown.error("Error", &error);
    let refusal = error.as_service_error().expect("a refusal");
    assert!(refusal.message.contains("***"), "it echoes what it was sent: {refusal:?}");
    shown.error("ServiceError", refusal);
    shown.error("ErrorDetail", error.detail());
    let [attempt] = error.earlier_attempts() else { panic!("{error:?}") };
    assert!(attempt.cause.contains("***"), "{attempt:?}");
    shown.show("Attempt", attempt);

    let echo = BoxTransport::new(Echo::new([(200, "application/octet-stream")]));
    shown.show("BoxTransport", &echo);
    let boxed = Client::with_transport(config.clone(), echo).converse_stream("m", "{}").open().await;
    shown.show("BoxBody", boxed.unwrap().body());
    let client = Client::with_transport(config.clone(), Echo::new([(200, "application/json")]));
    let response = client.invoke("m", "SECRET0KEY").await.unwrap();
    shown.show("JsonResponse", &response);
    shown.show("SecretMask", &response.mask);
    let echoed = String::from_utf8_lossy(&response.body);
    let masked = response.mask.mask(&echoed);
    assert!(masked.contains("***"), "it echoes what it was sent: {masked}");
    assert!(!["BEARER0TOKEN", "SESSION0TOKEN", SHORT_TERM].iter().any(|secret| masked.contains(secret)));
    let client = Client::with_transport(config.clone(), Echo::new([(200, "text/html")]));
    let error = client.converse_stream("m", &Request::new().user("Hi")).await.unwrap_err();
    let ErrorDetail::UnexpectedBody(body) = error.detail() else { panic!("{error:?}") };
    assert!(body.excerpt.contains("***"), "{body:?}");
    shown.error("UnexpectedBody", &**body);
    shown.error("Error", &error);

    let response =
        http::Response::new(Full::new(Bytes::from_static(b"BEARER0TOKEN SECRET0KEY SESSION0TOKEN")));
    let chunks = ChunkStream::new(response.clone());
    shown.show("ChunkStream", &chunks);
    shown.show("StreamStats", &chunks.stats());
    shown.show("TextStream", &chunks.text_stream());
    shown.show("MessageStream", &MessageStream::new(response));
    let cut = ChunkStream::new(http::Response::new(Full::new(Bytes::new())));
    shown.error("CollectError", &cut.collect().await.unwrap_err());
    let whole = bedrock_stream_testkit::answer().text("Hello").to_bytes().unwrap();
    let whole = ChunkStream::new(http::Response::new(Full::new(Bytes::from(whole))));
    shown.show("Answer", &whole.collect().await.unwrap());
}

async fn request(config: &Config) -> Result<http::Request<Bytes>, Error> {
    config.request(&Operation::converse("m").unwrap(), "{}".into(), SystemTime::UNIX_EPOCH).await
}

/// Responds with every header of the request, and with these statuses and content types.
#[derive(Debug)]
struct Echo(Mutex<VecDeque<(u16, &'static str)>>);

impl Echo {
    fn new(answers: impl IntoIterator<Item = (u16, &'static str)>) -> Self {
        Self(Mutex::new(answers.into_iter().collect()))
    }
}

impl Transport for Echo {
    type Body = Full<Bytes>;

    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Full<Bytes>>, TransportError> {
        let (status, kind) =
            self.0.lock().unwrap().pop_front().ok_or_else(|| TransportError::other("no more answers"))?;
        let secrets = ["authorization", "x-amz-security-token"];
        let values = secrets.iter().filter_map(|name| request.headers().get(*name)?.to_str().ok());
        let message = values.collect::<Vec<_>>().join(" ");
        let known = ["SESSION0TOKEN", "BEARER0TOKEN", SHORT_TERM];
        assert!(known.iter().any(|secret| message.contains(secret)), "{message}");
        let body = serde_json::json!({"message": message}).to_string();
        let response = http::Response::builder().status(status).header("content-type", kind);
        Ok(response.body(Full::new(body.into()))?)
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}

/// The names that a `lib.rs` exports, without those of disabled features.
fn exported(source: &'static str) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    let mut feature_is_on = true;
    let mut rest = source;
    while let Some((line, after)) = rest.split_once('\n') {
        rest = after;
        if line.starts_with("#[cfg(feature = ") {
            feature_is_on = !line.contains("aws-credential-types") || cfg!(feature = "aws-credential-types");
            continue;
        }
        if let Some(begin) = line.strip_prefix("pub use ") {
            // A long list spans several lines.
            let from = source.len() - after.len() - begin.len() - 1;
            let (path, after) = source[from..].split_once(';').expect("a `pub use` ends");
            rest = after;
            let listed = match path.split_once('{') {
                Some((_, list)) => list.trim_end_matches('}'),
                None => path.rsplit("::").next().unwrap(),
            };
            let listed = listed.split(',').map(str::trim);
            let listed = listed.map(|name| name.rsplit(' ').next().unwrap());
            names.extend(listed.filter(|name| feature_is_on && !name.is_empty()));
        }
        feature_is_on = true;
    }
    names
}
