//! The same cases through both clients against the fake Bedrock, over HTTP/1.1 and HTTP/2.
#![cfg(feature = "sigv4")]

use std::num::NonZeroUsize;
use std::time::Duration;

use bedrock_stream_http::converse::{Chunk, Error as StreamError, Request};
use bedrock_stream_http::{BoxError, ChunkStream, Config, ConfigBuilder, Credentials, Error, Retry};
use bedrock_stream_testkit::{self as testkit, FakeBedrock, Fault};
use http_body::Body;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// A client under test.
trait Subject: Clone + Sized + Send + Sync + 'static {
    type Body: Body<Error: Into<BoxError>> + Send + Unpin + 'static;

    /// The fewest bytes that the server may send at a time. An HTTP/2 client of today closes a connection on which very
    /// many DATA frames of a few bytes wait to be read, as if it were attacked.
    const SMALLEST: usize;

    fn new(config: Config) -> Self;
    fn ask(
        &self,
        model_id: &str,
        prompt: &str,
    ) -> impl Future<Output = Result<ChunkStream<Self::Body>, Error>> + Send;
}

#[derive(Clone)]
struct Reqwest(bedrock_stream_reqwest::Client);
#[derive(Clone)]
struct Hyper(bedrock_stream_hyper::Client);
#[derive(Clone)]
struct ReqwestHttp2(bedrock_stream_reqwest::Client);
#[derive(Clone)]
struct HyperHttp2(bedrock_stream_hyper::Client<HttpConnector>);

macro_rules! subject {
    ($name:ident, $body:ty, $smallest:expr, $new:expr) => {
        impl Subject for $name {
            type Body = $body;

            const SMALLEST: usize = $smallest;

            fn new(config: Config) -> Self {
                Self($new(config))
            }

            async fn ask(&self, model_id: &str, prompt: &str) -> Result<ChunkStream<$body>, Error> {
                self.0.converse_stream(model_id, &Request::new().user(prompt)).await
            }
        }
    };
}

subject!(Reqwest, reqwest::Body, 1, |config| bedrock_stream_reqwest::Client::new(config).unwrap());
subject!(Hyper, hyper::body::Incoming, 1, |config| bedrock_stream_hyper::Client::new(config).unwrap());
subject!(ReqwestHttp2, reqwest::Body, 64, |config| {
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).http2_prior_knowledge();
    bedrock_stream_reqwest::Client::with_http_client(config, client.build().unwrap())
});
subject!(HyperHttp2, hyper::body::Incoming, 64, |config| {
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build(HttpConnector::new());
    bedrock_stream_hyper::Client::with_http_client(config, client)
});

macro_rules! suite {
    ($($module:ident: $subject:ident),*; $cases:tt) => {
        $(suite!(@ $module $subject $cases);)*
    };
    (@ $module:ident $subject:ident [$($case:ident)*]) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case::<super::$subject>().await;
                }
            )*
        }
    };
}

suite!(with_reqwest: Reqwest, with_hyper: Hyper, with_reqwest_http2: ReqwestHttp2, with_hyper_http2: HyperHttp2; [
    a_signed_request_is_answered
    a_wrong_secret_is_refused
    a_bearer_token_is_accepted_or_refused
    any_split_gives_the_same_answer
    every_fault_is_told_apart
    dropping_the_stream_reaches_the_server
    many_streams_at_once
]);

const MODEL: &str =
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-v1:0";
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2Vj//EXAMPLE==";

async fn a_signed_request_is_answered<C: Subject>() {
    for token in [None, Some(TOKEN)] {
        let mut known = testkit::Credentials::new(ID, SECRET);
        let mut own = Credentials::new(ID, SECRET);
        if let Some(token) = token {
            known = known.session_token(token);
            own = own.with_session_token(token);
        }
        let server = FakeBedrock::builder().credentials(known).region("us-east-1").start().await.unwrap();
        let client = C::new(at(&server).region("us-east-1").credentials(own).build().unwrap());
        let mut chunks = client.ask(MODEL, "What is a frame?").await.unwrap();
        assert!(chunks.request_id().is_some());
        let items = read(&mut chunks).await;
        assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
        assert!(text(&items).len() > 20, "{items:?}");
        assert_eq!(server.requests()[0].model_id.as_deref(), Some(MODEL));
    }
}

async fn a_wrong_secret_is_refused<C: Subject>() {
    let known = testkit::Credentials::new(ID, SECRET).session_token(TOKEN);
    let server = FakeBedrock::builder().credentials(known).start().await.unwrap();
    let own = Credentials::new(ID, "wrong/secret").with_session_token(TOKEN);
    let client = C::new(at(&server).region("us-east-1").credentials(own).build().unwrap());
    let error = client.ask(MODEL, "Hi").await.unwrap_err();
    let refusal = error.as_service_error().expect("a refusal");
    assert_eq!(refusal.status, 403);
    assert_eq!(refusal.code.as_deref(), Some("InvalidSignatureException"));
    assert!(error.request_id().is_some() && !refusal.message.is_empty());
    assert!(!error.is_retryable());
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("wrong/secret") && !shown.contains(TOKEN), "{shown}");
}

async fn a_bearer_token_is_accepted_or_refused<C: Subject>() {
    let server = FakeBedrock::builder().bearer_token("api-key-1").start().await.unwrap();
    let client = C::new(at(&server).bearer("api-key-1").build().unwrap());
    let response = client.ask(MODEL, "Hi").await.unwrap().collect().await;
    assert!(response.is_ok(), "{response:?}");
    let client = C::new(at(&server).bearer("api-key-2").build().unwrap());
    let error = client.ask(MODEL, "Hi").await.unwrap_err();
    assert_eq!(error.as_service_error().unwrap().status, 403);
    assert!(!format!("{error} {error:?} {:?}", server.requests()).contains("api-key-2"));
}

async fn any_split_gives_the_same_answer<C: Subject>() {
    let mut expected = None;
    for size in [None, Some(C::SMALLEST), Some(101), Some(4096)] {
        let mut server = FakeBedrock::builder().seed(7);
        if let Some(size) = size.and_then(NonZeroUsize::new) {
            server = server.split(size);
        }
        let server = server.start().await.unwrap();
        let client = C::new(at(&server).bearer("any").build().unwrap());
        let items = format!("{:?}", read(&mut client.ask(MODEL, "Split me").await.unwrap()).await);
        assert_eq!(&items, expected.get_or_insert(items.clone()), "{size:?}");
    }
}

async fn every_fault_is_told_apart<C: Subject>() {
    for fault in [Fault::Cut, Fault::NoStop, Fault::BadCrc, Fault::Exception, Fault::Throttle, Fault::Html] {
        let server = FakeBedrock::builder().fault(fault).start().await.unwrap();
        let retry = Retry::default().base(Duration::from_millis(1));
        let client = C::new(at(&server).bearer("any").retry(retry).build().unwrap());
        let items = match client.ask(MODEL, "Hi").await {
            Ok(mut chunks) => read(&mut chunks).await,
            Err(error) => vec![Err(error)],
        };
        assert!(!items.iter().any(|item| matches!(item, Ok(Chunk::Done(_)))), "{fault}: {items:?}");
        let Some(Err(error)) = items.last() else { panic!("{fault}: {items:?}") };
        let found = match (fault, error, error.as_stream_error()) {
            (Fault::Cut | Fault::NoStop, _, Some(StreamError::Incomplete(_)))
            | (Fault::BadCrc, _, Some(StreamError::Frame(_)))
            | (Fault::Exception, _, Some(StreamError::Exception(_)))
            | (Fault::Html, Error::UnexpectedBody(_), _) => items.len() > 2 || fault == Fault::Html,
            (Fault::Throttle, Error::Refused(refusal), _) => refusal.status == 429 && error.is_retryable(),
            _ => false,
        };
        assert!(found, "{fault}: {items:?}");
        let attempts = if fault == Fault::Throttle { 3 } else { 1 };
        assert_eq!(server.requests().len(), attempts, "{fault}");
        assert!(error.request_id().is_some() || fault == Fault::Html, "{fault}: {error:?}");
    }
}

async fn dropping_the_stream_reaches_the_server<C: Subject>() {
    let server = FakeBedrock::builder().delay(Duration::from_millis(200)).start().await.unwrap();
    let client = C::new(at(&server).bearer("any").build().unwrap());
    let mut chunks = client.ask(MODEL, &"A long answer. ".repeat(100)).await.unwrap();
    chunks.next().await.unwrap().unwrap();
    assert_eq!(server.open_streams(), 1);
    drop(chunks);
    let begin = std::time::Instant::now();
    while server.open_streams() > 0 {
        assert!(begin.elapsed() < Duration::from_secs(1), "the server still sends");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn many_streams_at_once<C: Subject>() {
    let server = FakeBedrock::builder().delay(Duration::from_millis(1)).start().await.unwrap();
    let client = C::new(at(&server).bearer("any").build().unwrap());
    let streams: Vec<_> = (0..100)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                let prompt = format!("Stream number {number}");
                read(&mut client.ask(MODEL, &prompt).await.unwrap()).await
            })
        })
        .collect();
    for stream in streams {
        let items = stream.await.unwrap();
        assert!(matches!(items.last(), Some(Ok(Chunk::Done(_)))), "{items:?}");
    }
    assert_eq!(server.requests().len(), 100);
    assert_eq!(server.open_streams(), 0);
}

fn at(server: &FakeBedrock) -> ConfigBuilder {
    Config::builder().endpoint_url(server.url())
}

async fn read<B>(chunks: &mut ChunkStream<B>) -> Vec<Result<Chunk, Error>>
where
    B: Body<Error: Into<BoxError>> + Unpin,
{
    let mut items = Vec::new();
    while let Some(item) = chunks.next().await {
        items.push(item);
    }
    items
}

fn text(items: &[Result<Chunk, Error>]) -> String {
    let text = |item: &Result<Chunk, Error>| match item {
        Ok(Chunk::Text { text, .. }) => Some(text.clone()),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}
