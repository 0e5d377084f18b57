//! The metrics of operations, as a recorder sees them, against the fake on loopback.
#![cfg(feature = "metrics")]

use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedrock_stream_http::answer::Chunk;
use bedrock_stream_http::converse::Request;
use bedrock_stream_http::{Auth, Config, Instrument, MediaType, Operation, Retry};
use bedrock_stream_reqwest::Client;
use bedrock_stream_testkit::{Builder, ExceptionKind, FakeBedrock, Fault, InjectionPoint, Reply, answer};
use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    set_default_local_recorder,
};

const DURATION: &str = "gen_ai.client.operation.duration";
const TOKENS: &str = "gen_ai.client.token.usage";
const FIRST_CHUNK: &str = "gen_ai.client.operation.time_to_first_chunk";
const PER_CHUNK: &str = "gen_ai.client.operation.time_per_output_chunk";
const FIRST_CONTENT: &str = "bedrock.client.time_to_first_content";
const PER_TOKEN: &str = "bedrock.client.time_per_output_token";

#[tokio::test]
async fn a_streamed_answer() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    let reply = answer().text("A text that comes in several pieces, of which each is a chunk.").usage(12, 34);
    let builder = FakeBedrock::builder().reply("a.model-v1:0", reply).delay(Duration::from_millis(2));
    let (bedrock, client) = fake(builder).await;
    let mut chunks = client.converse_stream("a.model-v1:0", &prompt()).await.unwrap();
    assert!(seen.values(DURATION).is_empty(), "the operation lasts as long as the stream");
    let (mut pieces, mut usage) = (0, None);
    while let Some(chunk) = chunks.next().await {
        match chunk.unwrap() {
            Chunk::Text { .. } => pieces += 1,
            Chunk::Done(done) => usage = done.usage,
            _ => {}
        }
    }
    let (stats, usage) = (chunks.stats(), usage.unwrap());

    let (host, port) = address(&bedrock);
    let known = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "aws.bedrock"),
        ("gen_ai.request.model", "a.model-v1:0"),
        ("server.address", &host),
        ("server.port", &port),
    ];
    assert_eq!(seen.labels(DURATION), [labels(&known)], "and no error");
    for (kind, count) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
        let labels = labels(known.iter().chain(&[("gen_ai.token.type", kind)]));
        assert_eq!(seen.of(TOKENS, &labels), [count.unwrap() as f64], "{kind}");
    }

    let [duration] = seen.values(DURATION)[..] else { panic!("{seen:?}") };
    let seconds = |time: Option<Duration>| time.unwrap().as_secs_f64();
    assert_eq!(seen.values(FIRST_CHUNK), [seconds(stats.time_to_first_chunk)]);
    assert_eq!(seen.values(FIRST_CONTENT), [seconds(stats.time_to_first_content)]);
    assert!(duration >= seconds(stats.time_to_last_content), "{duration} {stats:?}");
    // As many as there are chunks of text after the first, and together the time from the first to the last.
    let gaps = seen.values(PER_CHUNK);
    let between = seconds(stats.time_to_last_content) - seconds(stats.time_to_first_content);
    assert!(pieces > 2, "{pieces}");
    assert_eq!(gaps.len(), pieces - 1, "{gaps:?}");
    assert!((gaps.iter().sum::<f64>() - between).abs() < 1e-6, "{gaps:?} {between}");
    let [per_token] = seen.values(PER_TOKEN)[..] else { panic!("{seen:?}") };
    let others = usage.output_tokens.unwrap() - 1;
    assert!((per_token * others as f64 - between).abs() < 1e-6, "{per_token} {between}");
}

#[tokio::test]
async fn lent_chunks_count_like_owned_ones() {
    let counts = |lent: bool| async move {
        let seen = Seen::default();
        let _guard = set_default_local_recorder(&seen);
        let reply =
            answer().text("One piece and another, and more of them.").tool("t", serde_json::json!({"a": 1}));
        let (_bedrock, client) = fake(FakeBedrock::builder().reply("m", reply)).await;
        let mut chunks = client.converse_stream("m", &prompt()).await.unwrap();
        if lent {
            while let Some(read) = chunks.for_each_ready(|_| {}).await {
                read.unwrap();
            }
        } else {
            while let Some(chunk) = chunks.next().await {
                chunk.unwrap();
            }
        }
        assert_eq!(seen.labels(DURATION).len(), 1, "recorded while the stream is still there");
        (seen.values(PER_CHUNK).len(), seen.values(TOKENS))
    };
    let owned = counts(false).await;
    assert!(owned.0 > 2, "{owned:?}");
    assert_eq!(counts(true).await, owned);
}

#[tokio::test]
async fn a_whole_answer_has_no_first_chunk() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    let builder = FakeBedrock::builder().reply("m", answer().text("Hi").usage(3, 5));
    let (_bedrock, client) = fake(builder).await;
    client.converse("m", &prompt()).await.unwrap();
    assert_eq!(seen.values(TOKENS), [3.0, 5.0]);
    assert_eq!(seen.names(), [DURATION, TOKENS]);
}

#[tokio::test]
async fn each_dialect_names_its_model() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    let reply = || answer().text("Hi").usage(3, 5);
    let (_bedrock, client) = fake(FakeBedrock::builder().reply("gpt", reply()).reply("gpt", reply())).await;
    let body = r#"{"model":"gpt","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"prompt-text"}]}"#;
    client.chat_stream(body).await.unwrap().collect().await.unwrap();
    client.chat(r#"{"model":"gpt","messages":[{"role":"user","content":"prompt-text"}]}"#).await.unwrap();
    for duration in seen.labels(DURATION) {
        assert_eq!(duration["gen_ai.request.model"], "gpt");
        assert_eq!(duration["gen_ai.response.model"], "gpt");
        assert_eq!(duration["gen_ai.operation.name"], "chat");
    }
    assert_eq!(seen.values(DURATION).len(), 2);
    assert_eq!(seen.values(TOKENS), [3.0, 3.0, 5.0, 5.0]);
}

#[tokio::test]
async fn an_operation_that_fails_is_recorded_once_with_its_error() {
    let raise = |exception| Fault::Raise { exception, at: InjectionPoint::Middle };
    for (fault, error, starts) in [
        (Fault::Throttle, "ThrottlingException", false),
        (raise(ExceptionKind::ModelStreamError), "modelStreamErrorException", true),
        (Fault::NoStop, "incomplete", true),
        (Fault::Html, "unexpected_body", false),
    ] {
        let seen = Seen::default();
        let _guard = set_default_local_recorder(&seen);
        let (_bedrock, client) = fake(FakeBedrock::builder().fault(fault)).await;
        match client.converse_stream("m", &prompt()).retry(Retry::none()).await {
            Ok(chunks) => drop(chunks.collect().await.unwrap_err()),
            Err(_) => assert!(!starts, "{fault:?}"),
        }
        assert_eq!(seen.errors(), [error], "{fault:?}");
        assert_eq!(seen.values(TOKENS), [0.0; 0], "there was no usage");
        assert_eq!(seen.values(FIRST_CHUNK).len(), usize::from(starts), "{fault:?}");
    }
}

#[tokio::test]
async fn retries_are_one_operation() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    let (bedrock, client) = fake(FakeBedrock::builder().fault_first(2, Fault::Throttle)).await;
    let retry = Retry::default().base(Duration::from_millis(1));
    client.converse_stream("m", &prompt()).retry(retry).await.unwrap().collect().await.unwrap();
    assert_eq!(bedrock.requests().len(), 3);
    assert_eq!(seen.labels(DURATION).len(), 1);
    assert_eq!(seen.errors(), [""; 0]);
}

#[tokio::test]
async fn what_the_caller_drops_is_cancelled() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    let (_bedrock, client) = fake(FakeBedrock::builder()).await;
    let mut chunks = client.converse_stream("m", &prompt()).await.unwrap();
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    assert_eq!(seen.errors(), ["cancelled"]);
    assert_eq!(seen.values(FIRST_CHUNK).len(), 1, "what is known by then is recorded");

    let (_bedrock, client) = fake(FakeBedrock::builder().fault(Fault::NoHead)).await;
    let request = prompt();
    let waiting = client.converse("m", &request).into_future();
    tokio::time::timeout(Duration::from_millis(50), waiting).await.unwrap_err();
    assert_eq!(seen.errors(), ["cancelled", "cancelled"]);

    // Nothing was sent, so there was no operation.
    drop(client.converse("m", &request).into_future());
    assert_eq!(seen.errors().len(), 2);
}

#[tokio::test]
async fn a_stream_of_messages_and_an_opened_response() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    let (_bedrock, client) = fake(FakeBedrock::builder()).await;
    let mut messages = client.converse_stream("m", &prompt()).message_stream().await.unwrap();
    while let Some(message) = messages.next().await {
        message.unwrap();
    }
    assert_eq!(seen.labels(DURATION).len(), 1);
    drop(client.converse_stream("m", &prompt()).open().await.unwrap());
    assert_eq!(seen.errors(), [""; 0], "neither is cancelled");

    // A request that cannot be sent in this form.
    client.converse("m", &prompt()).message_stream().await.unwrap_err();
    assert_eq!(seen.errors(), ["invalid_request"]);
    let guardrail =
        Operation::new("bedrock-runtime", MediaType::Json, ["guardrail", "secret-id", "apply"]).unwrap();
    client.open(guardrail, "{}").await.unwrap_err();
    let operations = seen.labels(DURATION).into_iter().map(|labels| labels["gen_ai.operation.name"].clone());
    assert!(operations.into_iter().any(|name| name == "apply_guardrail"), "{seen:?}");
}

#[tokio::test]
async fn nothing_secret_is_recorded() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    let reply: Reply = answer().text("answer-text").exception("throttlingException", "message-text").into();
    let (_bedrock, client) = fake(FakeBedrock::builder().bearer_token("my-api-key").reply("m", reply)).await;
    client.converse_stream("m", &prompt()).await.unwrap().collect().await.unwrap_err();
    let all = format!("{seen:?}");
    assert!(all.contains("throttlingException"), "{all}");
    for secret in ["my-api-key", "prompt-text", "answer-text", "message-text"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn every_instrument_is_described() {
    let seen = Seen::default();
    let _guard = set_default_local_recorder(&seen);
    Instrument::describe_all();
    let described = seen.described.lock().unwrap();
    assert_eq!(described.len(), Instrument::ALL.len());
    assert_eq!(described[TOKENS], Some(Unit::Count));
    assert_eq!(described[DURATION], Some(Unit::Seconds));
}

fn prompt() -> Request {
    Request::new().user("prompt-text").max_tokens(200)
}

async fn fake(builder: Builder) -> (FakeBedrock, Client) {
    let bedrock = builder.start().await.unwrap();
    let auth = Auth::bearer("my-api-key");
    let config = Config::builder().endpoint_url(bedrock.url()).auth(auth).build().unwrap();
    (bedrock, Client::new(config).unwrap())
}

fn address(bedrock: &FakeBedrock) -> (String, String) {
    (bedrock.addr().ip().to_string(), bedrock.addr().port().to_string())
}

type Labels = BTreeMap<String, String>;

fn labels<'a>(labels: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> Labels {
    labels.into_iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Keeps the values of every histogram.
#[derive(Clone, Debug, Default)]
struct Seen {
    histograms: Arc<Mutex<Histograms>>,
    described: Arc<Mutex<BTreeMap<String, Option<Unit>>>>,
}

/// By name and labels.
type Histograms = BTreeMap<(String, Labels), Arc<Values>>;

#[derive(Debug, Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

impl Seen {
    /// The values of a histogram of that name and these labels.
    fn of(&self, name: &str, labels: &Labels) -> Vec<f64> {
        let histograms = self.histograms.lock().unwrap();
        let found = histograms.get(&(name.to_owned(), labels.clone()));
        found.map(|values| values.0.lock().unwrap().clone()).unwrap_or_default()
    }

    /// The values of all histograms of that name.
    fn values(&self, name: &str) -> Vec<f64> {
        self.labels(name).iter().flat_map(|labels| self.of(name, labels)).collect()
    }

    /// The labels with which that name was recorded.
    fn labels(&self, name: &str) -> Vec<Labels> {
        let histograms = self.histograms.lock().unwrap();
        histograms.keys().filter(|(other, _)| other == name).map(|(_, labels)| labels.clone()).collect()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.histograms.lock().unwrap().keys().map(|(name, _)| name.clone()).collect();
        names.dedup();
        names
    }

    /// The errors of the recorded durations, each as often as it was recorded.
    fn errors(&self) -> Vec<String> {
        let durations = self.labels(DURATION).into_iter();
        let errors = durations.filter_map(|labels| Some((labels.get("error.type")?.clone(), labels)));
        errors.flat_map(|(error, labels)| vec![error; self.of(DURATION, &labels).len()]).collect()
    }
}

impl Recorder for Seen {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.described.lock().unwrap().insert(name.as_str().to_owned(), unit);
    }

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let labels = key.labels().map(|label| (label.key().to_owned(), label.value().to_owned())).collect();
        let mut histograms = self.histograms.lock().unwrap();
        let values = histograms.entry((key.name().to_owned(), labels)).or_default();
        Histogram::from_arc(Arc::clone(values))
    }
}
