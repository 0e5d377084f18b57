//! Requests that are passed to Bedrock's own endpoint of their dialect.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_core::frame::Limits;
use bedrock_stream_dialects::{Dialect, SseDecoder};
use bedrock_stream_gateway::{Alias, Gateway, GatewayBuilder, Verdict};
use bedrock_stream_http::{Client, Config, Timer, Transport, TransportError};
use bedrock_stream_testkit::{Answer, Builder, Conclusion, FakeBedrock, Fault, Refusal, Reply, answer};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::support::{APIS, Got, Running, ask, ending_faults, eventually, start_with};

/// A model of each dialect that Bedrock serves in it.
fn model(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Messages { CLAUDE } else { GPT }
}

async fn native(bedrock: Builder) -> Running {
    // Where the content does not come, no test waits long for it.
    let set = |builder: GatewayBuilder| builder.native(true).first_content(Duration::from_secs(1));
    start_with(bedrock, set, |server| server).await
}

fn weather() -> Answer {
    answer().text("The weather in Paris is fine today, and tomorrow it will be.").usage(10, 20)
}

async fn faulty(fault: Fault, said: Answer) -> Running {
    let reply = || Reply::from(said.clone()).fault(fault);
    native(FakeBedrock::builder().reply(GPT, reply()).reply(CLAUDE, reply())).await
}

/// The path that Bedrock was asked at, and the body that it got.
fn received(running: &Running, number: usize) -> (String, Value) {
    let request = &running.bedrock.requests()[number];
    (request.uri.path().to_owned(), serde_json::from_slice(&request.body).unwrap())
}

fn looks_complete(got: &Got) -> bool {
    let ends = [
        "\"finish_reason\":\"",
        "[DONE]",
        "message_stop",
        "message_delta",
        "response.completed",
        "response.incomplete",
    ];
    ends.iter().any(|end| got.text().contains(end))
}

#[tokio::test]
async fn a_request_goes_to_bedrocks_own_endpoint_and_its_events_come_back() {
    let said = || weather().reasoning("Let me think.").tool("get_weather", json!({"city": "Łódź"}));
    let running = native(FakeBedrock::builder().reply(GPT, said()).reply(CLAUDE, said())).await;
    for (number, (path, dialect)) in APIS.into_iter().enumerate() {
        let mut body = ask(dialect, model(dialect), true);
        // What Converse has no word for.
        body["unheard_of"] = json!({"b": 1.50, "a": [null]});
        let got = running.post(path, &body).await;
        assert_eq!(got.status, 200, "{got:?}");
        assert_eq!(got.header("content-type"), Some("text/event-stream; charset=utf-8"));
        assert!(got.header("x-amzn-requestid").is_some() && got.header("x-request-id").is_some());
        assert_eq!(got.header("x-bedrock-stream-left-out"), None);
        let (asked_at, asked) = received(&running, number);
        let prefix = if dialect == Dialect::Messages { "/anthropic" } else { "/openai" };
        assert_eq!((asked_at, asked), (format!("{prefix}{path}"), body), "{dialect}");
        let response = got.answer(dialect).unwrap();
        assert_eq!(response.text(), "The weather in Paris is fine today, and tomorrow it will be.");
        assert_eq!(response.tool_calls().count(), 1, "{dialect}");
        assert_eq!(response.usage.unwrap().output_tokens, Some(20), "{dialect}");
        assert_eq!(got.text().matches("[DONE]").count(), usize::from(dialect == Dialect::Chat));
    }
    let log = running.logged(3).await;
    assert!(log.iter().all(|access| access.verdict == Verdict::Complete), "{log:?}");
    assert!(log.iter().all(|access| access.usage.as_ref().unwrap().output_tokens == Some(20)), "{log:?}");
    assert_eq!(log[2].model.as_deref(), Some(CLAUDE));
    assert!(log.iter().all(|access| access.aws_request_id.is_some()), "{log:?}");
    let metrics = running.gateway.metrics();
    for line in [
        "answers_total{route=\"messages\",verdict=\"complete\"} 1",
        "tokens_total{model=\"claude\",kind=\"output\"} 20",
        "tokens_total{model=\"other\",kind=\"output\"} 40",
        "first_content_seconds_count 3",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert_eq!(running.gateway.open_answers(), 0);
}

/// The data of the events, and their names.
fn events(text: &str) -> Vec<(Option<String>, String)> {
    let mut decoder = bedrock_stream_dialects::sse::Decoder::new();
    decoder.push(text.as_bytes());
    let mut events = Vec::new();
    while let Some(event) = decoder.next_event().unwrap() {
        events.push((event.name.map(str::to_owned), event.data.to_owned()));
    }
    events
}

#[tokio::test]
async fn the_events_are_bedrocks() {
    let running = native(FakeBedrock::builder().reply(GPT, weather()).reply(CLAUDE, weather())).await;
    for (path, dialect) in APIS {
        let body = ask(dialect, model(dialect), true);
        let prefix = if dialect == Dialect::Messages { "/anthropic" } else { "/openai" };
        let url = format!("{}{prefix}{path}", running.bedrock.url());
        let direct = http::Request::post(url)
            .header("authorization", "Bearer token")
            .header("content-type", "application/json")
            .header("anthropic-version", "2023-06-01")
            .body(http_body_util::Full::from(body.to_string()))
            .unwrap();
        let direct = running.send(direct).await;
        let got = running.post(path, &body).await;
        // The ids are made from what was asked, so the same question has the same answer.
        assert_eq!(events(got.text()), events(direct.text()), "{dialect}");
    }
}

#[tokio::test]
async fn a_whole_answer_is_bedrocks_json() {
    let running = native(FakeBedrock::builder().reply(GPT, weather()).reply(CLAUDE, weather())).await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, model(dialect), false)).await;
        assert_eq!((got.status.as_u16(), got.header("content-type")), (200, Some("application/json")));
        assert!(got.text().contains("tomorrow it will be."), "{got:?}");
        assert!(got.header("x-amzn-requestid").is_some());
        match dialect {
            // Bedrock's own ids.
            Dialect::Messages => assert!(got.json()["id"].as_str().unwrap().starts_with("msg_bdrk_")),
            _ => assert!(got.json()["id"].is_string()),
        }
    }
    let log = running.logged(3).await;
    for access in &log {
        let usage = access.usage.as_ref().unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens), (Some(10), Some(20)), "{access:?}");
        assert_eq!(access.verdict, Verdict::Complete);
    }
}

#[tokio::test]
async fn other_models_and_dialects_are_converted() {
    let running = native(FakeBedrock::builder()).await;
    for (path, dialect, model) in [
        ("/v1/messages", Dialect::Messages, GPT),
        ("/v1/chat/completions", Dialect::Chat, CLAUDE),
        ("/v1/chat/completions", Dialect::Chat, "us.amazon.nova-lite-v1:0"),
    ] {
        assert_eq!(running.post(path, &ask(dialect, model, true)).await.status, 200);
    }
    let off = start_with(FakeBedrock::builder(), |builder| builder, |server| server).await;
    assert_eq!(off.post("/v1/messages", &ask(Dialect::Messages, CLAUDE, true)).await.status, 200);
    let paths = |running: &Running| -> Vec<String> {
        running.bedrock.requests().iter().map(|request| request.uri.path().to_owned()).collect()
    };
    let all = [paths(&running), paths(&off)].concat();
    assert!(all.len() == 4 && all.iter().all(|path| path.ends_with("/converse-stream")), "{all:?}");
}

#[tokio::test]
async fn an_alias_names_bedrocks_model_and_may_say_where_it_is_served() {
    let profile = "arn:aws:bedrock:us-east-1:1:application-inference-profile/x";
    let set = |builder: GatewayBuilder| {
        builder
            .native(true)
            .alias("gpt", GPT)
            .alias("mine", Alias::new(profile).native([Dialect::Chat]))
            .alias("converted", Alias::new(GPT).native([]))
    };
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    for name in ["gpt", "mine", "converted"] {
        for is_streaming in [true, false] {
            let got = running.post("/v1/chat/completions", &ask(Dialect::Chat, name, is_streaming)).await;
            assert_eq!(got.status, 200, "{got:?}");
        }
    }
    for (number, model) in [(0, GPT), (1, GPT), (2, profile), (3, profile)] {
        let (path, body) = received(&running, number);
        assert_eq!((&*path, &body["model"]), ("/openai/v1/chat/completions", &json!(model)));
    }
    assert!(received(&running, 4).0.ends_with("/converse-stream"));
    let log = running.logged(6).await;
    assert_eq!(log[2].model.as_deref(), Some(profile));

    // An alias says it even where the gateway as a whole does not.
    let set = |builder: GatewayBuilder| builder.alias("mine", Alias::new(profile).native([Dialect::Chat]));
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    running.post("/v1/chat/completions", &ask(Dialect::Chat, "mine", true)).await;
    assert_eq!(received(&running, 0).0, "/openai/v1/chat/completions");
}

#[tokio::test]
async fn headers_and_guardrails_reach_bedrock() {
    let set = |builder: GatewayBuilder| builder.native(true).guardrail(GuardrailConfig::new("gr-1", "7"));
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    running.post("/v1/responses", &ask(Dialect::Responses, GPT, true)).await;
    running.post("/v1/messages", &ask(Dialect::Messages, CLAUDE, true)).await;
    let requests = running.bedrock.requests();
    assert_eq!(requests[0].headers["x-amzn-bedrock-guardrailidentifier"], "gr-1");
    assert_eq!(requests[0].headers["x-amzn-bedrock-guardrailversion"], "7");
    // Converse certainly has guardrails.
    assert!(requests[1].uri.path().ends_with("/converse-stream"), "{:?}", requests[1].uri);
    assert!(String::from_utf8_lossy(&requests[1].body).contains("gr-1"));

    let running = native(FakeBedrock::builder()).await;
    let mut request =
        running.request(Method::POST, "/v1/messages", ask(Dialect::Messages, CLAUDE, true).to_string());
    let headers = request.headers_mut();
    headers.insert("anthropic-beta", "context-1m-2025-08-07,made-up-2020-01-01".parse().unwrap());
    headers.insert("anthropic-version", "2023-06-01".parse().unwrap());
    headers.insert("x-api-key", "any".parse().unwrap());
    let got = running.send(request).await;
    assert_eq!(got.header("x-bedrock-stream-left-out"), Some("anthropic-beta.made-up-2020-01-01"));
    let received = &running.bedrock.requests()[0];
    assert_eq!(received.headers["anthropic-beta"], "context-1m-2025-08-07");
    assert_eq!(received.headers["anthropic-version"], "2023-06-01");
    assert!(!received.headers.contains_key("x-api-key"));
    assert_eq!(running.logged(1).await[0].left_out_members, ["anthropic-beta.made-up-2020-01-01"]);
}

/// Every fault of the fake: where a client must conclude that the answer is complete, it is; otherwise the dialect's own error ends
/// it, and nothing in it looks like an end.
#[tokio::test]
async fn no_fault_makes_an_answer_look_complete() {
    let said = answer()
        .reasoning("Let me think.")
        .text("The weather in Paris is fine today, and tomorrow it will be.")
        .tool("get_weather", json!({"city": "Paris", "unit": "celsius"}))
        .usage(10, 20);
    let (mut whole, mut failed) = (0, 0);
    // A test below has one that does not end.
    for fault in ending_faults() {
        let running = faulty(fault, said.clone()).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, model(dialect), true)).await;
            let case = format!("{fault} {dialect}: {got:?}");
            let request = running.bedrock.requests().pop().unwrap();
            let conclusions = fault.conclusions_for(&request);
            let must_be_whole = conclusions.contains(&Conclusion::Complete);
            if got.status != 200 {
                assert!(got.status.as_u16() >= 400 && got.json()["error"]["type"].is_string(), "{case}");
                assert!(!must_be_whole, "{case}");
                continue;
            }
            // Nobody can tell where nothing is concluded: one letter is another, for example.
            match got.answer(dialect) {
                Ok(_) => assert!(must_be_whole || conclusions.is_empty(), "{conclusions:?} {case}"),
                // What could not be used is not passed on, so nothing breaks the client before the error.
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Exception, "{conclusions:?} {case}");
                    assert!(!looks_complete(&got) && !must_be_whole, "{conclusions:?} {case}");
                    assert!(got.text().contains("request id"), "{case}");
                }
            }
            *if must_be_whole { &mut whole } else { &mut failed } += 1;
            let whole = running.post(path, &ask(dialect, model(dialect), false)).await;
            let is_told = whole.status.as_u16() >= 400 && whole.json()["error"]["type"].is_string();
            // Without a stream, the fake itself leaves out nothing.
            assert!(is_told || whole.text().contains("celsius"), "{fault} {dialect}: {whole:?}");
        }
        let log = running.logged(3).await;
        assert!(log.iter().all(|access| access.verdict != Verdict::Cancelled), "{fault} {log:?}");
    }
    assert!(whole > 20 && failed > 50, "{whole} {failed}");
}

/// Clients put a name that comes twice together with itself, and count a block that starts twice as two.
#[tokio::test]
async fn what_starts_twice_starts_once_for_the_client() {
    let said = || weather().tool("get_weather", json!({"city": "Paris", "unit": "celsius"}));
    let running = faulty("repeat:block-start".parse().unwrap(), said()).await;
    let sound = native(FakeBedrock::builder().reply(GPT, said()).reply(CLAUDE, said())).await;
    for (path, dialect) in [APIS[0], APIS[2]] {
        let body = ask(dialect, model(dialect), true);
        let got = running.post(path, &body).await;
        let whole = sound.post(path, &body).await;
        for word in ["\"get_weather\"", "\"id\":\"tooluse_", "content_block_start"] {
            let counts = [&got, &whole].map(|got| got.text().matches(word).count());
            assert_eq!(counts[0], counts[1], "{word}: {got:?}");
        }
        assert!(got.text().contains("get_weather") && got.answer(dialect).is_ok(), "{got:?}");
    }
}

#[tokio::test]
async fn an_exception_in_the_middle_is_the_dialects_error_event() {
    for (fault, kind) in [
        ("exception:modelStreamErrorException@middle", ErrorKind::Exception),
        ("exception:internalServerException@last", ErrorKind::Exception),
        ("drop:message-stop", ErrorKind::Incomplete),
        ("cut", ErrorKind::Incomplete),
    ] {
        let running = faulty(fault.parse().unwrap(), weather()).await;
        for (path, dialect) in APIS {
            let got = running.post(path, &ask(dialect, model(dialect), true)).await;
            assert_eq!(got.status, 200, "{fault} {dialect} {got:?}");
            assert!(got.text().contains("weather"), "{fault} {dialect} {got:?}");
            assert!(!looks_complete(&got), "{fault} {dialect} {got:?}");
            let error = got.answer(dialect).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Exception, "{fault} {dialect} {got:?}");
            match dialect {
                Dialect::Messages => assert_eq!(got.text().matches("event: error\n").count(), 1),
                Dialect::Responses => {
                    assert_eq!(got.text().matches("event: response.failed\n").count(), 1);
                    assert_eq!(got.text().matches("event: error\n").count(), 1);
                    assert_eq!(got.text().matches("event: response.created\n").count(), 1);
                    // The numbers go on, and the response is the one that began.
                    let numbers: Vec<u64> = events(got.text())
                        .iter()
                        .map(|(_, data)| serde_json::from_str::<Value>(data).unwrap())
                        .map(|data| data["sequence_number"].as_u64().unwrap())
                        .collect();
                    assert!(numbers.windows(2).all(|two| two[0] + 1 == two[1]), "{numbers:?}");
                    let all = events(got.text());
                    let data = |at: usize| serde_json::from_str::<Value>(&all[at].1).unwrap();
                    let (begun, failed) = (data(0), data(all.len() - 2));
                    assert_eq!(begun["response"]["id"], failed["response"]["id"]);
                    assert_eq!(failed["response"]["status"], "failed");
                }
                _ => assert_eq!(got.text().matches("data: {\"error\":{").count(), 1),
            }
        }
        let log = running.logged(3).await;
        assert!(log.iter().all(|access| access.verdict == Verdict::Failed(kind)), "{fault} {log:?}");
    }
}

#[tokio::test]
async fn what_fails_before_the_content_is_an_http_error() {
    for (fault, status, should_retry) in [
        ("exception:throttlingException@first", 429, Some("false")),
        ("refuse:ThrottlingException@7", 429, None),
        ("refuse:ValidationException", 400, Some("false")),
        ("refuse:AccessDeniedException", 403, Some("false")),
        ("refuse:ModelErrorException", 502, Some("false")),
    ] {
        let running = faulty(fault.parse().unwrap(), weather()).await;
        for (path, dialect) in APIS {
            for is_streaming in [true, false] {
                let got = running.post(path, &ask(dialect, model(dialect), is_streaming)).await;
                assert_eq!(got.status, status, "{fault} {dialect} {is_streaming} {got:?}");
                assert_eq!(got.header("x-should-retry"), should_retry, "{fault} {dialect} {got:?}");
                assert!(got.json()["error"]["message"].is_string(), "{fault} {got:?}");
                assert_eq!(got.json()["type"] == "error", dialect == Dialect::Messages, "{fault} {got:?}");
            }
        }
    }
}

#[tokio::test]
async fn bad_requests_are_refused_in_the_dialects_shape() {
    let running = native(FakeBedrock::builder()).await;
    for body in ["{", "[]", "{}", r#"{"model":"openai.gpt-oss-120b-1:0","model":"m"}"#] {
        let got = running.send(running.request(Method::POST, "/v1/chat/completions", body)).await;
        assert_eq!(got.status, 400, "{body} {got:?}");
        assert!(got.json()["error"]["message"].is_string(), "{got:?}");
    }
    assert!(running.bedrock.requests().is_empty());
    // What Bedrock refuses is told as it says it.
    let body = json!({"model": GPT, "messages": []});
    let got = running.post("/v1/chat/completions", &body).await;
    assert!(got.status == 400 && got.text().contains("empty array"), "{got:?}");
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_and_silence_is_filled() {
    let slow = || Reply::from(weather());
    let bedrock = FakeBedrock::builder().reply(GPT, slow()).reply(CLAUDE, slow());
    let set = |builder: GatewayBuilder| builder.native(true).keep_alive(Duration::from_millis(40));
    let running = start_with(bedrock.delay(Duration::from_millis(200)), set, |server| server).await;
    for (path, dialect) in APIS {
        let request = running.request(Method::POST, path, ask(dialect, model(dialect), true).to_string());
        let mut response = running.open(request).await;
        let mut seen = String::new();
        let word = if dialect == Dialect::Messages { "event: ping\n" } else { ": keep-alive\n\n" };
        while !seen.contains(word) {
            let frame = response.frame().await.unwrap().unwrap();
            seen.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
        assert_eq!(running.bedrock.open_streams(), 1);
        drop(response);
        eventually(|| running.bedrock.open_streams() == 0).await;
    }
    let log = running.logged(3).await;
    assert!(log.iter().all(|access| access.verdict == Verdict::Cancelled), "{log:?}");
}

#[tokio::test]
async fn an_answer_that_stalls_shows_no_end() {
    let running = faulty("stall-at:900".parse().unwrap(), weather()).await;
    for (path, dialect) in APIS {
        let request = running.request(Method::POST, path, ask(dialect, model(dialect), true).to_string());
        let mut response = running.open(request).await;
        let mut seen = Vec::new();
        while let Ok(Some(frame)) = tokio::time::timeout(Duration::from_millis(300), response.frame()).await {
            seen.extend_from_slice(frame.unwrap().data_ref().unwrap());
        }
        let mut decoder = SseDecoder::new(Some(dialect));
        decoder.push(&seen);
        assert!(!decoder.is_done() && !seen.is_empty(), "{dialect}");
    }
}

const GPT: &str = "openai.gpt-oss-120b-1:0";
const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// The error stands in a response with the status 200, so the client has not judged it. The gateway's token for Bedrock is `token`.
#[tokio::test]
async fn a_whole_answer_that_is_an_error_repeats_no_credentials() {
    let refusal = || Refusal::new(200, "AnyException", "no such key: token");
    let running = native(FakeBedrock::builder().reply(GPT, refusal()).reply(CLAUDE, refusal())).await;
    for (path, dialect) in APIS {
        let got = running.post(path, &ask(dialect, model(dialect), false)).await;
        assert!(got.status.is_server_error(), "{dialect} {got:?}");
        assert!(got.text().contains("no such key: ***"), "{dialect} {got:?}");
    }
}

/// A Bedrock whose answers are this JSON.
struct Whole(&'static str);

impl Transport for Whole {
    type Body = Full<Bytes>;

    async fn send(&self, _: Request<Bytes>) -> Result<Response<Full<Bytes>>, TransportError> {
        Ok(Response::builder().header("content-type", "application/json").body(self.0.into()).unwrap())
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}

/// The gateway has asked once, and the error stood in a response with the status 200.
#[tokio::test]
async fn a_whole_answer_that_is_an_error_may_be_asked_for_again_where_that_can_help() {
    for (told, status, should_retry) in [
        (r#"{"error":{"type":"tokens","code":"rate_limit_exceeded","message":"m"}}"#, 429, None),
        (r#"{"error":{"type":"server_error","code":null,"message":"m"}}"#, 500, None),
        (r#"{"error":{"code":"context_length_exceeded","message":"m"}}"#, 400, Some("false")),
    ] {
        let config = Config::builder().region("us-east-1").bearer("token").build().unwrap();
        let client = Client::with_transport(config, Whole(told));
        let mut gateway = Gateway::builder(client).native(true).build();
        let body = ask(Dialect::Chat, GPT, false).to_string();
        let request = Request::post("/v1/chat/completions").body(Full::<Bytes>::from(body)).unwrap();
        let response = gateway.call(request).await.unwrap();
        let header = response.headers().get("x-should-retry").map(|value| value.to_str().unwrap());
        assert_eq!((response.status().as_u16(), header), (status, should_retry), "{told}");
    }
}

/// The gateway does not ask again for what broke after its first event, so the client's package may.
#[tokio::test]
async fn what_breaks_between_the_first_event_and_the_content_may_be_asked_for_again() {
    let silent = answer().reasoning("").text("The weather.");
    for fault in ["cut-at:FIRST", "abort-at:FIRST"] {
        for (path, dialect) in APIS {
            // The end of the first event, as it comes without a fault.
            let running =
                native(FakeBedrock::builder().reply(GPT, silent.clone()).reply(CLAUDE, silent.clone())).await;
            let whole = running.post(path, &ask(dialect, model(dialect), true)).await;
            let first = whole.text().find("\n\n").unwrap() + 2;
            let fault = fault.replace("FIRST", &first.to_string());
            let running = faulty(fault.parse().unwrap(), silent.clone()).await;
            let got = running.post(path, &ask(dialect, model(dialect), true)).await;
            assert_eq!((got.status.as_u16(), got.header("x-should-retry")), (502, None), "{fault} {got:?}");
        }
    }
}

#[tokio::test]
async fn the_betas_that_an_alias_allows_reach_bedrock() {
    let alias = || Alias::new(CLAUDE).allowed_betas(["mine-2026-01-01"]);
    let set = |builder: GatewayBuilder| {
        builder.alias("converted", alias().native([])).alias("passed-on", alias().native([Dialect::Messages]))
    };
    let running = start_with(FakeBedrock::builder(), set, |server| server).await;
    for name in ["converted", "passed-on"] {
        let body = ask(Dialect::Messages, name, false).to_string();
        let mut request = running.request(Method::POST, "/v1/messages", body);
        request
            .headers_mut()
            .insert("anthropic-beta", "mine-2026-01-01,context-1m-2025-08-07".parse().unwrap());
        assert_eq!(running.send(request).await.status, 200, "{name}");
    }
    let (_, converted) = received(&running, 0);
    assert_eq!(
        converted["additionalModelRequestFields"]["anthropic_beta"],
        json!(["mine-2026-01-01"]),
        "{converted}"
    );
    assert_eq!(running.bedrock.requests()[1].headers["anthropic-beta"], "mine-2026-01-01");
    let log = running.logged(2).await;
    assert!(
        log.iter().all(|access| access.left_out_members == ["anthropic-beta.context-1m-2025-08-07"]),
        "{log:?}"
    );
}

/// A Bedrock whose answer goes on, with nothing in it, after it has told why it ends.
struct Endless {
    begin: &'static [&'static str],
    after_the_reason: usize,
}

impl Transport for Endless {
    type Body = Full<Bytes>;

    async fn send(&self, _: Request<Bytes>) -> Result<Response<Full<Bytes>>, TransportError> {
        let chunk = |choices: &str| {
            format!(
                "data: {{\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{choices}]}}\n\n"
            )
        };
        let begin: String = (self.begin.iter())
            .map(|text| chunk(&format!(r#"{{"index":0,"delta":{{"content":"{text}"}}}}"#)))
            .collect();
        let reason = chunk(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#);
        let body = format!("{begin}{reason}{}data: [DONE]\n\n", chunk("").repeat(self.after_the_reason));
        Ok(Response::builder().header("content-type", "text/event-stream").body(body.into()).unwrap())
    }

    fn timer(&self) -> Option<Timer> {
        Some(Timer::new(tokio::time::sleep))
    }
}

/// What is held back, since it looks like the answer's end, is bounded by the client's limits.
#[tokio::test]
async fn an_end_that_does_not_end_is_an_error() {
    let begin: &[_] = &["Hello", ", world"];
    for (begin, after_the_reason, is_complete) in [(begin, 10, true), (begin, 100, false), (&[], 100, false)]
    {
        let limits = Limits::default().with_max_state_len(4_096);
        let config = Config::builder().region("us-east-1").bearer("token").limits(limits).build().unwrap();
        let verdict = Arc::new(Mutex::new(None));
        let ended = Arc::clone(&verdict);
        let mut gateway =
            Gateway::builder(Client::with_transport(config, Endless { begin, after_the_reason }))
                .alias("chat", Alias::new(GPT).native([Dialect::Chat]))
                .on_access(move |access| *ended.lock().unwrap() = Some(access.verdict))
                .build();
        let body = ask(Dialect::Chat, "chat", true).to_string();
        let request = Request::post("/v1/chat/completions").body(Full::<Bytes>::from(body)).unwrap();
        let response = gateway.call(request).await.unwrap();
        // It would not end the next time, either.
        let should_retry = response.headers().get("x-should-retry").map(|value| value.to_str().unwrap());
        assert_eq!(should_retry, begin.is_empty().then_some("false"));
        let text = response.into_body().collect().await.unwrap().to_bytes();
        let text = std::str::from_utf8(&text).unwrap();
        assert_eq!(text.contains("Hello"), !begin.is_empty(), "{text}");
        assert_eq!(text.contains("[DONE]"), is_complete, "{text}");
        assert_eq!(text.contains("finish_reason\":\"stop"), is_complete, "{text}");
        assert_eq!(text.contains("longer than 4096 bytes"), !is_complete, "{text}");
        let verdict = verdict.lock().unwrap().take().unwrap();
        assert_eq!(verdict == Verdict::Complete, is_complete, "{verdict:?}");
    }
}
