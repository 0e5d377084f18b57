//! No error text contains a secret that a server echoes, however it is escaped and wherever it appears; and no control
//! character from a server reaches a log.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use bedrock_stream_http::answer;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::frame::{Header, encode};
use bedrock_stream_http::{
    Auth, Client, Config, Endpoint, Error, MessageStream, Retry, Timer, Transport, TransportError,
};
use bytes::Bytes;
use http_body::{Body, Frame};
use proptest::prelude::*;

/// A way to escape a text.
#[derive(Clone, Copy, Debug)]
enum Spelling {
    Solidus,
    JsonPunctuation,
    JsonAll,
    JsonString,
    HtmlHex,
    HtmlDecimal,
    HtmlNamed,
    PercentPunctuation,
    PercentAll,
    Lines,
}

impl Spelling {
    const ALL: [Self; 10] = [
        Self::Solidus,
        Self::JsonPunctuation,
        Self::JsonAll,
        Self::JsonString,
        Self::HtmlHex,
        Self::HtmlDecimal,
        Self::HtmlNamed,
        Self::PercentPunctuation,
        Self::PercentAll,
        Self::Lines,
    ];

    fn spell(self, text: &str) -> String {
        let each = |spell: fn(char) -> String| text.chars().map(spell).collect();
        match self {
            // As PHP writes JSON.
            Self::Solidus => Self::JsonString.spell(text).replace('/', "\\/"),
            Self::JsonPunctuation => each(|c| match c {
                c if c.is_ascii_alphanumeric() => c.into(),
                c => format!("\\u{:04x}", u32::from(c)),
            }),
            Self::JsonAll => each(|c| format!("\\u{:04X}", u32::from(c))),
            Self::JsonString => {
                let json = serde_json::to_string(text).unwrap();
                json[1..json.len() - 1].to_owned()
            }
            Self::HtmlHex => each(|c| match c {
                c if c.is_ascii_alphanumeric() => c.into(),
                c => format!("&#x{:X};", u32::from(c)),
            }),
            Self::HtmlDecimal => each(|c| format!("&#{};", u32::from(c))),
            Self::HtmlNamed => {
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
                text.replace('/', "&sol;").replace('+', "&plus;").replace('=', "&equals;")
            }
            Self::PercentPunctuation => each(|c| match c {
                c if c.is_ascii_alphanumeric() => c.into(),
                c => format!("%{:02X}", u32::from(c)),
            }),
            Self::PercentAll => each(|c| format!("%{:02x}", u32::from(c))),
            // Only if it is not already part of another escape.
            Self::Lines if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                let (one, other) = text.split_at(text.len() / 2);
                format!("{one}\n {other}")
            }
            Self::Lines => text.to_owned(),
        }
    }
}

/// Removes one layer of an escape, independently of the code under test.
fn read(text: &str) -> Vec<String> {
    let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    let replaced = |begin: &str, take: &dyn Fn(&str) -> Option<(char, usize)>| {
        let (mut read, mut rest) = (String::new(), text);
        while let Some(at) = rest.find(begin) {
            read.push_str(&rest[..at]);
            rest = &rest[at + begin.len()..];
            match take(rest) {
                Some((c, len)) => {
                    read.push(c);
                    rest = &rest[len..];
                }
                None => read.push_str(begin),
            }
        }
        read + rest
    };
    let json = replaced("\\", &|rest| match rest.as_bytes().first()? {
        b'u' => Some((number(rest.get(1..5)?, 16)?, 5)),
        b'n' => Some(('\n', 1)),
        byte if byte.is_ascii_punctuation() => Some((char::from(*byte), 1)),
        _ => None,
    });
    let html = replaced("&", &|rest| {
        let (name, _) = rest.split_once(';')?;
        let c = match name {
            "amp" => '&',
            "lt" => '<',
            "quot" => '"',
            "sol" => '/',
            "plus" => '+',
            "equals" => '=',
            name => match name.strip_prefix("#x") {
                Some(digits) => number(digits, 16)?,
                None => number(name.strip_prefix('#')?, 10)?,
            },
        };
        Some((c, name.len() + 1))
    });
    let url = replaced("%", &|rest| Some((number(rest.get(..2)?, 16)?, 2)));
    vec![json, html, url]
}

/// Whether a secret is in a text, or in what remains after escapes have been removed in any order.
fn holds(text: &str, secret: &str, depth: usize) -> bool {
    let joined: String = text.split_whitespace().collect();
    if text.contains(secret) || joined.contains(secret) {
        return true;
    }
    depth > 0 && read(text).into_iter().any(|less| less.len() < text.len() && holds(&less, secret, depth - 1))
}

/// All texts that an error provides.
fn texts(error: &Error) -> Vec<String> {
    let mut texts =
        vec![format!("{error}"), format!("{error:?}"), format!("{error:#?}"), error.with_causes()];
    texts.push(serde_json::to_string(error).unwrap());
    let mut next = error.source();
    while let Some(cause) = next {
        texts.extend([format!("{cause}"), format!("{cause:?}")]);
        next = cause.source();
    }
    for attempt in error.earlier_attempts() {
        texts.extend([format!("{attempt:?}"), attempt.cause.clone()]);
    }
    texts.extend([error.code(), error.request_id()].into_iter().flatten().map(str::to_owned));
    if let Some(refusal) = error.as_service_error() {
        texts.extend([refusal.message.clone(), String::from_utf8_lossy(&refusal.body).into_owned()]);
    }
    if let Some(answer::Error::Exception(exception)) = error.as_stream_error() {
        texts.push(serde_json::to_string(exception).unwrap());
        texts.push(String::from_utf8_lossy(&exception.payload).into_owned());
    }
    texts
}

/// A server's response. `None`: the client fails with this text, without a response.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<Result<Vec<u8>, String>>,
}

impl Answer {
    fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", kind.to_owned())], body: vec![Ok(body.into())] }
    }

    fn stream(bytes: Vec<u8>) -> Self {
        Self::new(200, "application/vnd.amazon.eventstream", bytes)
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        // Left out if it is not allowed in a header.
        self.headers.push((name, value.replace('\n', "")));
        self
    }
}

/// Every way in which a server's text can get into an error.
fn answers(said: &str) -> Vec<Answer> {
    let json = "application/json";
    let quoted = serde_json::to_string(said).unwrap();
    let line = said.replace('\n', "");
    let message = |kind: (&str, &str), payload: &[u8]| {
        let mut bytes = Vec::new();
        let content_type = Header::string(":content-type", json);
        let message_type = if kind.0 == ":event-type" { "event" } else { "exception" };
        let message_type = Header::string(":message-type", message_type);
        encode(&[Header::string(kind.0, kind.1), content_type, message_type], payload, &mut bytes).unwrap();
        bytes
    };
    let mut error_message = Vec::new();
    let headers = [
        Header::string(":message-type", "error"),
        Header::string(":error-code", &line),
        Header::string(":error-message", said),
    ];
    encode(&headers, b"", &mut error_message).unwrap();
    let exception = (":exception-type", "throttlingException");
    let start = message((":event-type", "messageStart"), br#"{"role":"assistant"}"#);
    let mut broken = Answer::stream(start.clone());
    broken.body.push(Err(said.to_owned()));
    let delta = |delta: &str| {
        let payload = format!(r#"{{"contentBlockIndex":7,"delta":{{"toolUse":{{"input":{delta}}}}}}}"#);
        message((":event-type", "contentBlockDelta"), payload.as_bytes())
    };
    vec![
        Answer::new(400, json, format!(r#"{{"message":{quoted}}}"#)),
        // Inserted raw, since escaping may have made it JSON already.
        Answer::new(403, json, format!(r#"{{"message":"{said}"}}"#)),
        Answer::new(400, json, format!(r#"{{"code":{quoted},"{line}":[{quoted}]}}"#)),
        Answer::new(400, json, format!(r#"{{"error":{{"message":{quoted},"type":"t","code":{quoted}}}}}"#)),
        Answer::new(400, json, format!(r#"{{"error":{quoted},"request_id":{quoted}}}"#)),
        Answer::new(502, "text/html", format!("<html>{said}</html>")),
        Answer::new(400, json, "{}").header("x-amzn-errortype", &line),
        Answer::new(400, json, "{}").header("x-amzn-requestid", &line),
        Answer::new(400, json, "{}").header("x-request-id", &line),
        Answer::new(400, json, "{}").header("request-id", &line),
        Answer::new(307, json, "").header("location", &format!("https://elsewhere/?token={line}")),
        Answer::new(200, "text/html", said).header("x-amzn-requestid", &line),
        Answer::new(200, &format!("text/html; charset={line}"), "").header("content-encoding", &line),
        Answer::new(200, json, format!(r#"{{"output":{quoted}}}"#)).header("x-amzn-requestid", &line),
        Answer::new(200, json, format!(r#"{{"output":{{{quoted}:1}}}}"#)),
        Answer::new(200, json, format!(r#"{{{quoted}:1}}"#)),
        Answer::new(200, json, format!(r#"{{"error":{{"message":{quoted},"code":{quoted}}}}}"#)),
        Answer::stream(said.as_bytes().to_vec()),
        Answer::stream(message(exception, format!(r#"{{"message":{quoted}}}"#).as_bytes())),
        Answer::stream(message(exception, format!(r#"{{"originalMessage":"{said}"}}"#).as_bytes())),
        Answer::stream(message(exception, said.as_bytes())),
        Answer::stream(message((":exception-type", &line), b"{}")).header("x-amzn-requestid", &line),
        Answer::stream(error_message),
        broken,
        Answer::stream(
            [start.clone(), message((":event-type", "contentBlockDelta"), said.as_bytes())].concat(),
        ),
        Answer::stream([start, delta(&quoted)].concat()),
    ]
}

/// Gives one response after another, or fails with an error of its own.
struct Server(Mutex<VecDeque<Result<Answer, TransportError>>>);

impl Transport for Server {
    type Body = Parts;

    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Parts>, TransportError> {
        let answer = self.0.lock().unwrap().pop_front().expect("one more answer")?;
        let response = http::Response::builder().status(answer.status);
        let response =
            answer.headers.iter().fold(response, |response, (name, value)| response.header(*name, value));
        Ok(response.body(Parts(answer.body.into()))?)
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}

struct Parts(VecDeque<Result<Vec<u8>, String>>);

impl Body for Parts {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let part = self.0.pop_front();
        Poll::Ready(part.map(|part| part.map(|bytes| Frame::data(bytes.into())).map_err(Into::into)))
    }
}

/// All errors that a response causes, for each kind of request.
async fn errors(auth: &Auth, said: &str) -> Vec<Error> {
    let config = Config::builder().region("us-east-1").endpoint_url("http://127.0.0.1:9").auth(auth.clone());
    let config = config.retry(Retry::none()).build().unwrap();
    let client =
        |answer| Client::with_transport(config.clone(), Server(Mutex::new(VecDeque::from([answer]))));
    let request = Request::new().user("Hi");
    let mut errors = Vec::new();
    for answer in answers(said).into_iter() {
        let is_json = answer.headers[0].1 == "application/json" || answer.status != 200;
        if is_json {
            errors.extend(client(Ok(answer)).converse("m", &request).await.err());
            continue;
        }
        match client(Ok(answer)).converse_stream("m", &request).await {
            Err(error) => errors.push(error),
            Ok(mut chunks) => {
                while let Some(item) = chunks.next().await {
                    errors.extend(item.err());
                }
            }
        }
    }
    for answer in [Err(TransportError::other(said)), Ok(Answer::stream(said.as_bytes().to_vec()))] {
        match client(answer).converse_stream("m", "{}").message_stream().await {
            Err(error) => errors.push(error),
            Ok(mut messages) => {
                while let Some(message) = MessageStream::next(&mut messages).await {
                    errors.extend(message.err());
                }
            }
        }
    }
    errors
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_an_error_contains_a_secret_however_escaped(
        secret in "[!-~]{8,48}|[A-Za-z0-9+/=]{40,120}|[0-9a-f]{32}",
        spellings in prop::collection::vec(prop::sample::select(&Spelling::ALL[..]), 0..4),
    ) {
        let said = spellings.iter().fold(secret.clone(), |said, spelling| spelling.spell(&said));
        prop_assert!(holds(&said, &secret, spellings.len()), "the test cannot unescape it: {said}");
        let errors = block_on(errors(&Auth::bearer(secret.as_str()), &format!("you sent {said} to us")));
        prop_assert!(errors.len() >= 20, "{errors:?}");
        for error in &errors {
            for text in texts(error) {
                // One layer more than were written, to undo the escapes of `Debug` and JSON.
                prop_assert!(!holds(&text, &secret, spellings.len() + 1), "{secret} as {said}: {text}");
            }
        }
    }
}

#[test]
fn an_error_that_echoes_a_secret_is_shown_without_it() {
    let errors = block_on(errors(
        &Auth::bearer("ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl"),
        "you sent ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl to us",
    ));
    let told = errors.iter().filter(|error| texts(error).iter().any(|text| text.contains("***"))).count();
    assert!(told >= 16, "{told} of {errors:#?}");
    assert!(errors.iter().any(|error| error.to_string().contains("you sent *** to us")), "{errors:#?}");
}

#[cfg(feature = "sigv4")]
#[test]
fn a_session_token_is_masked_too() {
    let token = "IQoJb3JpZ2luX2VjEJ3//////////wEaCXVzLWVhc3QtMSJHMEUCIQ==";
    let keys = bedrock_stream_http::Credentials::new("AKIDEXAMPLE", "SECRET0KEY").with_session_token(token);
    for error in block_on(errors(&Auth::sigv4(keys), &token.replace('/', "\\/"))) {
        for text in texts(&error) {
            assert!(!text.contains("wEaCXVzLWVhc3QtMSJHMEUCIQ"), "{text}");
        }
    }
}

#[test]
fn no_control_character_from_a_server_is_shown() {
    let said = "red \u{1b}[31m, a line\nmore, \u{9b}2J \u{7f} \u{202e}back\u{2066} \u{2028}.";
    let errors = block_on(errors(&Auth::bearer("my-api-key"), said));
    let mut escaped = 0;
    for error in &errors {
        let mut next: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(cause) = next {
            let text = cause.to_string();
            let is_shown =
                |c: char| !c.is_control() && !('\u{2028}'..='\u{202e}').contains(&c) && c != '\u{2066}';
            assert!(text.chars().all(is_shown), "{text:?}");
            escaped += usize::from(text.contains("\\u{1b}[31m"));
            next = cause.source();
        }
    }
    assert!(escaped >= 5, "{escaped} of {errors:#?}");
}

#[test]
fn earlier_attempts_are_reported_without_secrets() {
    let busy =
        |said: &str| Ok(Answer::new(503, "application/json", format!(r#"{{"message":"you sent {said}"}}"#)));
    let answers = [busy("my-api-key"), busy("my\\u002dapi\\u002dkey"), busy("my-api-key, again")];
    let retry = Retry::default().base(Duration::from_millis(1));
    let config = Config::builder().endpoint_url("http://127.0.0.1:9").bearer("my-api-key").retry(retry);
    let client = Client::with_transport(config.build().unwrap(), Server(Mutex::new(answers.into())));
    let error = block_on(client.converse("m", &Request::new().user("Hi")).into_future()).unwrap_err();
    assert_eq!(error.earlier_attempts().len(), 2);
    for text in texts(&error) {
        assert!(!holds(&text, "my-api-key", 2), "{text}");
    }
}

#[test]
fn the_query_of_an_endpoint_is_not_shown() {
    for url in [
        "https://proxy/v1?api-key=hunter2",
        "https://proxy/#api-key=hunter2",
        "https://pro xy/?api-key=hunter2",
    ] {
        let error = Endpoint::from_url(url).unwrap_err();
        let builder = Config::builder().endpoint_url(url).bearer("my-api-key");
        let shown = format!("{error} {error:?} {builder:?} {:?}", builder.clone().build().unwrap_err());
        assert!(!shown.contains("hunter2") && shown.contains("https://pro"), "{shown}");
    }
}
