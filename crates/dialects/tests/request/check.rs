//! What holds of any bytes that are read as a request.

use bedrock_stream_core::converse::Request;
use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::request::{self, ConvertedRequest, Options, RequestError};
use serde_json::Value;

/// Bytes are a request that Bedrock is not known to refuse, or an error that names what is wrong; the lenient read what the strict do.
pub(crate) fn check(dialect: Dialect, body: &[u8]) {
    let strict = read(dialect, body, &Options::new());
    let lenient = read(dialect, body, &Options::new().lenient(true));
    check_one(&strict);
    check_one(&lenient);
    if let Ok(strict) = &strict {
        assert_eq!(lenient.as_ref().map(|lenient| &lenient.request), Ok(&strict.request));
        assert_eq!(request::model(dialect, body).as_ref(), Ok(&strict.model));
    }
    for model in
        ["amazon.nova-2-lite-v1:0", "openai.gpt-oss-20b-1:0", "anthropic.claude-3-7-sonnet-x", "meta.llama"]
    {
        check_one(&read(dialect, body, &Options::new().model_id(model)));
    }
}

fn read(dialect: Dialect, body: &[u8], options: &Options) -> Result<ConvertedRequest, RequestError> {
    match dialect {
        Dialect::Chat => request::chat(body, options),
        Dialect::Responses => request::responses(body, options),
        _ => request::messages(body, options),
    }
}

fn check_one(read: &Result<ConvertedRequest, RequestError>) {
    match read {
        Ok(incoming) => {
            assert_eq!(incoming.request.lint(), []);
            assert!(incoming.left_out.fields.len() <= 100);
            let json = incoming.request.to_json().expect("it can be written");
            let again = Request::from_json(&json).expect("it can be read");
            assert_eq!(again.to_json().expect("it can be written"), json);
            assert_eq!(again.lint(), []);
        }
        Err(error) => {
            let told: Value = serde_json::from_str(&error.body(Some("r1"))).expect("it is JSON");
            let message = told["error"]["message"].as_str().expect("it has a message");
            assert!(message.ends_with("(request id r1)") && message.len() < 1_000, "{message}");
            assert!(!message.contains(|c: char| c.is_control() && c != '\n'), "{message:?}");
        }
    }
}
