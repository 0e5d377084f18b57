//! Faults in the carriers of every dialect.

use bedrock_stream_core::answer::{Chunk, Decode, Error, ResponseBuilder};
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bedrock_stream_testkit::{Answer, EventType, FakeBedrock, Fault, SseDamage, answer};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::support::{open, request};

/// What a client concludes.
#[derive(Debug, PartialEq)]
struct Concluded {
    text: String,
    is_complete: bool,
    skipped: u64,
    /// The name of an exception, or the kind of another final error.
    error: Option<String>,
}

const PATHS: [(&str, Dialect); 3] = [
    ("/v1/chat/completions", Dialect::Chat),
    ("/v1/responses", Dialect::Responses),
    ("/anthropic/v1/messages", Dialect::Messages),
];
const CLAUDE: &str = "/model/anthropic.claude/invoke-with-response-stream";

fn body(dialect: Dialect) -> String {
    let messages = json!([{"role": "user", "content": "Hello"}]);
    let body: Value = match dialect {
        Dialect::Responses => json!({"model": "m", "stream": true, "input": "Hello"}),
        Dialect::Messages => json!({"model": "m", "stream": true, "max_tokens": 9, "messages": messages,
                                    "anthropic_version": "x"}),
        _ => {
            json!({"model": "m", "stream": true, "messages": messages, "stream_options": {"include_usage": true}})
        }
    };
    body.to_string()
}

fn scripted() -> Answer {
    answer().text("one two three four five six seven eight").tool_with_id(
        "tooluse_a",
        "look",
        json!({"city": "Paris"}),
    )
}

/// The body, as far as it came.
async fn bytes(bedrock: &FakeBedrock, path: &str, body: String) -> Vec<u8> {
    let mut response = open(bedrock, request(bedrock, path, body)).await;
    assert_eq!(response.status(), 200);
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = response.frame().await {
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    bytes
}

fn conclude(mut decoder: impl Decode, mut bytes: &[u8]) -> Concluded {
    let mut builder = ResponseBuilder::new();
    let mut concluded = Concluded { text: String::new(), is_complete: false, skipped: 0, error: None };
    loop {
        let next = match decoder.next_from(&mut bytes) {
            Ok(None) => decoder.finish(),
            next => next,
        };
        match next {
            Ok(Some(Chunk::Done(_))) => concluded.is_complete = true,
            Ok(Some(chunk)) => builder.push(&chunk),
            Ok(None) => break,
            Err(Error::Exception(exception)) => {
                concluded.error = Some(exception.name.clone());
                break;
            }
            Err(error) if error.is_final() => {
                concluded.error = Some(error.kind().to_string());
                break;
            }
            Err(_) => concluded.skipped += 1,
        }
    }
    concluded.text = builder.into_partial().text();
    concluded
}

async fn conclusion(fault: Fault, path: &str, dialect: Dialect) -> (Concluded, Vec<Fault>) {
    let bedrock =
        FakeBedrock::builder().reply("m", scripted()).fault(fault).start().await.expect("a port is free");
    let bytes = bytes(&bedrock, path, body(dialect)).await;
    (conclude(SseDecoder::new(Some(dialect)), &bytes), bedrock.unapplied_faults())
}

const TEXT: &str = "one two three four five six seven eight";

#[tokio::test]
async fn an_answer_is_never_complete_without_its_proof() {
    for (path, dialect) in PATHS {
        for fault in ["cut", "no-stop", "cut-at:400", "abort-at:700", "drop:message-stop", "sse:cut-line"] {
            let fault: Fault = fault.parse().expect("it is a fault");
            let (concluded, unapplied) = conclusion(fault, path, dialect).await;
            assert!(!concluded.is_complete, "{fault} {path} {concluded:?}");
            assert_eq!(concluded.error.as_deref(), Some("incomplete"), "{fault} {path}");
            assert_eq!(unapplied, [], "{fault} {path}");
        }
    }
}

#[tokio::test]
async fn an_error_event_is_told_at_every_place() {
    for (path, dialect) in PATHS {
        for place in ["first", "middle", "last", "stopped"] {
            for (fault, openai, anthropic) in [
                (format!("exception:throttlingException@{place}"), "rate_limit_exceeded", "rate_limit_error"),
                (
                    format!("exception:serviceUnavailableException@{place}"),
                    "server_error",
                    "overloaded_error",
                ),
                (format!("error@{place}"), "server_error", "api_error"),
            ] {
                let fault: Fault = fault.parse().expect("it is a fault");
                let (concluded, unapplied) = conclusion(fault, path, dialect).await;
                assert_eq!(unapplied, [], "{fault} {path}");
                // These two send everything with the proof, and nothing after it counts.
                let is_over = place == "stopped" && dialect != Dialect::Chat;
                assert_eq!(concluded.is_complete, is_over, "{fault} {path} {concluded:?}");
                if !is_over {
                    let name = concluded.error.expect("it is told");
                    let names = if dialect == Dialect::Messages {
                        [anthropic; 2]
                    } else {
                        [openai, "rate_limit_error"]
                    };
                    assert!(names.contains(&&*name), "{fault} {path} {name}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_rare_but_allowed_changes_nothing() {
    for (path, dialect) in PATHS {
        for damage in
            [SseDamage::Crlf, SseDamage::DataOnly, SseDamage::DataFirst, SseDamage::NoDone, SseDamage::Pings]
        {
            let (concluded, unapplied) = conclusion(Fault::Sse(damage), path, dialect).await;
            let expected = Concluded { text: TEXT.to_owned(), is_complete: true, skipped: 0, error: None };
            assert_eq!(concluded, expected, "{damage} {path}");
            // Only Chat Completions has a [DONE], and it has no names.
            let changes = match damage {
                SseDamage::NoDone => dialect == Dialect::Chat,
                SseDamage::DataOnly | SseDamage::DataFirst => dialect != Dialect::Chat,
                _ => true,
            };
            assert_eq!(unapplied.is_empty(), changes, "{damage} {path}");
        }
    }
}

#[tokio::test]
async fn two_events_in_one_are_skipped() {
    for (path, dialect) in PATHS {
        let (concluded, unapplied) = conclusion(Fault::Sse(SseDamage::NoBlankLine), path, dialect).await;
        assert!(concluded.skipped > 0, "{path} {concluded:?}");
        // Responses repeats the whole text when it ends.
        assert_eq!(concluded.text == TEXT, dialect == Dialect::Responses, "{path} {concluded:?}");
        assert_eq!(unapplied, [], "{path}");
    }
}

#[tokio::test]
async fn pieces_have_the_same_names_in_every_dialect() {
    for (path, dialect) in PATHS {
        for piece in EventType::ALL {
            let (concluded, unapplied) = conclusion(Fault::Drop(*piece), path, dialect).await;
            // Chat Completions does not say that a block ends, and the others send their usage with the stop reason.
            let is_absent = match dialect {
                Dialect::Chat => *piece == EventType::BlockStop,
                _ => *piece == EventType::Metadata,
            };
            assert_eq!(unapplied.len(), usize::from(is_absent), "{piece} {path}");
            assert_eq!(
                concluded.is_complete,
                *piece != EventType::MessageStop,
                "{piece} {path} {concluded:?}"
            );
        }
    }
}

#[tokio::test]
async fn damage_of_one_carrier_finds_nothing_in_the_other() {
    let bedrock = |fault: Fault| FakeBedrock::builder().reply("m", scripted()).fault(fault).start();
    for fault in Fault::SSE {
        let bedrock = bedrock(*fault).await.expect("a port is free");
        bytes(&bedrock, "/model/m/converse-stream", crate::support::QUESTION.to_owned()).await;
        assert_eq!(bedrock.unapplied_faults(), [*fault]);
    }
    for fault in [Fault::WrongLength, Fault::HugeLength] {
        let bedrock = bedrock(fault).await.expect("a port is free");
        bytes(&bedrock, "/v1/responses", body(Dialect::Responses)).await;
        assert_eq!(bedrock.unapplied_faults(), [fault]);
    }
}

#[tokio::test]
async fn faults_find_their_pieces_in_invoke() {
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
                      "messages": [{"role": "user", "content": "Hello"}]});
    for (fault, error) in [
        ("no-stop", Some("incomplete")),
        ("drop:message-stop", Some("incomplete")),
        ("cut", Some("incomplete")),
        ("bad-crc", Some("message_checksum")),
        ("exception", Some("throttlingException")),
        ("exception:modelStreamErrorException@last", Some("modelStreamErrorException")),
        ("repeat:delta", None),
        ("split:5", None),
    ] {
        let parsed: Fault = fault.parse().expect("it is a fault");
        let bedrock = FakeBedrock::builder()
            .reply("anthropic.claude", scripted())
            .fault(parsed)
            .start()
            .await
            .expect("a port is free");
        let bytes = bytes(&bedrock, CLAUDE, body.to_string()).await;
        let concluded = conclude(InvokeDecoder::new(None), &bytes);
        assert_eq!(concluded.error.as_deref(), error, "{fault}");
        assert_eq!(concluded.is_complete, error.is_none(), "{fault}");
        assert_eq!(bedrock.unapplied_faults(), [], "{fault}");
    }
}

#[tokio::test]
async fn a_scripted_exception_ends_the_stream_in_its_dialect() {
    let script = || answer().text("one two").exception("throttlingException", "Too many tokens.");
    for (path, dialect) in PATHS {
        let bedrock = FakeBedrock::builder().reply("m", script()).start().await.expect("a port is free");
        let bytes = bytes(&bedrock, path, body(dialect)).await;
        let concluded = conclude(SseDecoder::new(Some(dialect)), &bytes);
        assert_eq!((concluded.text.as_str(), concluded.is_complete), ("one two", false), "{path}");
        assert!(String::from_utf8_lossy(&bytes).contains("Too many tokens."), "{path}");
        // Without a stream it is a refusal.
        let whole = body(dialect).replace(r#""stream":true"#, r#""stream":false"#);
        let response = open(&bedrock, request(&bedrock, path, whole)).await;
        assert_eq!(response.status(), 429, "{path}");
    }
}

#[tokio::test]
async fn json_comes_instead_of_events() {
    for (path, dialect) in PATHS {
        let bedrock = FakeBedrock::builder().fault(Fault::Json).start().await.expect("a port is free");
        let response = open(&bedrock, request(&bedrock, path, body(dialect))).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"application/json".parse().expect("it is a value"))
        );
    }
}
