//! The AWS SDK for Rust as a client of a fake Bedrock.

use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::config::{
    BehaviorVersion, Config, Credentials, Region, StalledStreamProtectionConfig,
};
use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamError;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, ConverseStreamOutput, Message};
use aws_smithy_types::event_stream::RawMessage;
use aws_smithy_types::retry::RetryConfig;

/// A client with its own connection pool, without retries, and with all timeouts set to `timeout`.
pub(crate) fn client(url: &str, timeout: Duration) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(timeout)
        .read_timeout(timeout)
        .operation_attempt_timeout(2 * timeout)
        .operation_timeout(2 * timeout)
        .build();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("AKIDINTEROP", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(timeout).build())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// Why an answer ended.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It failed before its first event.
    Refused(Box<SdkError<ConverseStreamError>>),
    /// It failed inside the stream.
    Broken(SdkError<ConverseStreamOutputError, RawMessage>),
}

/// Reads an answer to its end: the events, and the failure that ended it if there was one.
pub(crate) async fn read(client: &Client, model: &str) -> (Vec<ConverseStreamOutput>, Option<Failure>) {
    let question = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("How is the weather?".to_owned()))
        .build()
        .expect("the message is complete");
    let mut events = Vec::new();
    let mut output = match client.converse_stream().model_id(model).messages(question).send().await {
        Ok(output) => output,
        Err(error) => return (events, Some(Failure::Refused(Box::new(error)))),
    };
    loop {
        match output.stream.recv().await {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return (events, None),
            Err(error) => return (events, Some(Failure::Broken(error))),
        }
    }
}
