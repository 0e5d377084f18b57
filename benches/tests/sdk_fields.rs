//! The AWS SDK for Rust streams an answer with every field, and each exception, from the testkit's fake Bedrock. What
//! it reads is compared with what was sent, member by member.

#[path = "../../crates/testkit/examples/answers/everything.rs"]
mod everything;
#[path = "sdk/json.rs"]
mod json;
mod sdk;

use std::time::Duration;

use aws_sdk_bedrockruntime::types::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use bedrock_stream_testkit::FakeBedrock;
use serde_json::{Value, json, to_value};

use crate::everything::{everything, excepted, exceptions};
use crate::sdk::{Failure, client, read};

const MODEL: &str = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.fake-v1:0";
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn every_field_is_read_as_sent() {
    let answer = everything().expect("every event has its members");
    let sent: Vec<Value> = answer.events().iter().map(|event| to_value(event).expect("it is JSON")).collect();
    let bedrock =
        FakeBedrock::builder().respond(move |_| answer.clone()).start().await.expect("a port is free");
    let (events, failure) = read(&client(&bedrock.url(), PATIENCE), MODEL).await;
    assert!(failure.is_none(), "{failure:?}");
    let received: Vec<Value> = events.iter().map(json::event).collect();
    for (sent, received) in sent.iter().zip(&received) {
        assert_eq!(sent, received);
    }
    assert_eq!(sent.len(), received.len());
    assert_eq!(bedrock.requests()[0].model_id.as_deref(), Some(MODEL));
    println!("{} events sent, {} read, none differs", sent.len(), received.len());
}

#[tokio::test]
async fn every_exception_has_its_type_and_its_members() {
    let mut builder = FakeBedrock::builder();
    for (name, payload) in exceptions() {
        builder = builder.reply(name, excepted(name, &payload));
    }
    let bedrock = builder.start().await.expect("a port is free");
    let client = client(&bedrock.url(), PATIENCE);
    let mut untyped = Vec::new();
    for (name, payload) in exceptions() {
        let (events, failure) = read(&client, name).await;
        let text: String = events.iter().filter_map(text).collect();
        assert_eq!(text, "So far.", "{name}");
        let failure = failure.unwrap_or_else(|| panic!("{name} is not told"));
        match members(&failure) {
            Some((type_name, members)) => {
                assert_eq!((type_name, members), (name, payload));
            }
            None => {
                println!("{name}: {failure:?}");
                untyped.push(name);
            }
        }
    }
    // The operation's stream model does not have these.
    assert_eq!(untyped, ["modelTimeoutException", "unheardOfException"]);
}

fn text(event: &ConverseStreamOutput) -> Option<&str> {
    let delta = event.as_content_block_delta().ok()?.delta.as_ref()?;
    delta.as_text().ok().map(String::as_str)
}

/// The JSON name of an exception's type, and its members.
fn members(failure: &Failure) -> Option<(&'static str, Value)> {
    use ConverseStreamOutputError as E;
    let error = match failure {
        Failure::Broken(error) => error,
        Failure::Refused(error) => panic!("no stream began: {error:?}"),
    };
    let (name, message) = match error.as_service_error()? {
        E::InternalServerException(exception) => ("internalServerException", exception.message()),
        E::ValidationException(exception) => ("validationException", exception.message()),
        E::ThrottlingException(exception) => ("throttlingException", exception.message()),
        E::ServiceUnavailableException(exception) => ("serviceUnavailableException", exception.message()),
        E::ModelStreamErrorException(exception) => {
            let members = json!({
                "message": exception.message(),
                "originalStatusCode": exception.original_status_code(),
                "originalMessage": exception.original_message(),
            });
            return Some(("modelStreamErrorException", members));
        }
        _ => return None,
    };
    Some((name, json!({ "message": message })))
}
