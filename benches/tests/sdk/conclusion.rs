//! What the AWS SDK for Rust concludes from an answer.

use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use tokio::time::timeout;

use crate::sdk::{Failure, client, read};

/// A conclusion.
#[derive(Debug)]
pub(crate) struct Conclusion {
    /// The failure's name: the code of a refusal, the type of an exception, otherwise the SDK's own kind of error.
    /// `None` if there was no failure; `hangs` if the SDK still waits after three times its limit.
    pub(crate) error: Option<String>,
    /// The stop reason that it read.
    pub(crate) stop: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Reads an answer with a new client.
pub(crate) async fn conclude(url: &str, model: &str, limit: Duration) -> Conclusion {
    let began = Instant::now();
    let client = client(url, limit);
    let Ok((events, failure)) = timeout(3 * limit, read(&client, model)).await else {
        return Conclusion { error: Some("hangs".to_owned()), stop: None, took: began.elapsed() };
    };
    let stop = events.iter().find_map(|event| event.as_message_stop().ok());
    Conclusion {
        error: failure.as_ref().map(name),
        stop: stop.map(|stop| stop.stop_reason.as_str().to_owned()),
        took: began.elapsed(),
    }
}

fn name(failure: &Failure) -> String {
    match failure {
        Failure::Refused(error) => {
            let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
            code.unwrap_or_else(|| kind(error)).to_owned()
        }
        Failure::Broken(SdkError::ServiceError(error)) => exception_name(error.err()).to_owned(),
        Failure::Broken(error) => kind(error).to_owned(),
    }
}

const fn kind<E, R>(error: &SdkError<E, R>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "ConstructionFailure",
        SdkError::TimeoutError(_) => "TimeoutError",
        SdkError::DispatchFailure(_) => "DispatchFailure",
        SdkError::ResponseError(_) => "ResponseError",
        SdkError::ServiceError(_) => "ServiceError",
        _ => "SdkError",
    }
}

fn exception_name(error: &ConverseStreamOutputError) -> &str {
    use ConverseStreamOutputError as E;
    match error {
        E::InternalServerException(_) => "InternalServerException",
        E::ModelStreamErrorException(_) => "ModelStreamErrorException",
        E::ValidationException(_) => "ValidationException",
        E::ThrottlingException(_) => "ThrottlingException",
        E::ServiceUnavailableException(_) => "ServiceUnavailableException",
        error => error.code().unwrap_or("unhandled, without a code"),
    }
}
