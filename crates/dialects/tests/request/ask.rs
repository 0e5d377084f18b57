//! Requests of each dialect, and what they become.

use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::request::{
    self, ConvertedRequest, LeftOutReason, Options, RequestError, RequestErrorReason,
};
use serde_json::{Value, json};

pub(crate) use super::full::{CLAUDE, PDF, PNG};

pub(crate) fn read(
    dialect: Dialect,
    body: &[u8],
    options: &Options,
) -> Result<ConvertedRequest, RequestError> {
    match dialect {
        Dialect::Chat => request::chat(body, options),
        Dialect::Responses => request::responses(body, options),
        _ => request::messages(body, options),
    }
}

pub(crate) fn try_read(
    dialect: Dialect,
    body: &Value,
    options: &Options,
) -> Result<ConvertedRequest, RequestError> {
    read(dialect, body.to_string().as_bytes(), options)
}

/// A request that must be read.
pub(crate) fn incoming(dialect: Dialect, body: &Value) -> ConvertedRequest {
    let read = try_read(dialect, body, &Options::new());
    read.unwrap_or_else(|error| panic!("{error}\n{body}"))
}

/// What a request is at Bedrock.
pub(crate) fn converse(dialect: Dialect, body: &Value) -> Value {
    to_json(&incoming(dialect, body))
}

pub(crate) fn to_json(incoming: &ConvertedRequest) -> Value {
    assert_eq!(incoming.request.lint(), []);
    serde_json::from_str(&incoming.request.to_json().unwrap()).unwrap()
}

/// The members of a request besides its model and its conversation, which are usual.
pub(crate) fn with(dialect: Dialect, members: Value) -> Value {
    let mut body = match dialect {
        Dialect::Chat => json!({"model": CLAUDE, "messages": [{"role": "user", "content": "Hi"}]}),
        Dialect::Responses => json!({"model": CLAUDE, "input": "Hi"}),
        _ => json!({"model": CLAUDE, "max_tokens": 2000, "messages": [{"role": "user", "content": "Hi"}]}),
    };
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The field that a request is refused for, and why.
pub(crate) fn refused(dialect: Dialect, body: &Value) -> (String, RequestErrorReason) {
    let error = try_read(dialect, body, &Options::new()).expect_err("it is refused");
    let told: Value = serde_json::from_str(&error.body(Some("r1"))).unwrap();
    let field = error.field.unwrap_or_default();
    if dialect == Dialect::Messages {
        assert_eq!(told["error"]["type"], "invalid_request_error");
        assert!(told["error"]["message"].as_str().unwrap().contains(&field));
    } else {
        assert_eq!(told["error"]["param"].as_str().unwrap_or_default(), field);
    }
    (field, error.reason)
}

/// The field that a request is refused for because Bedrock has nothing for it.
pub(crate) fn unsupported(dialect: Dialect, body: &Value) -> String {
    let (field, reason) = refused(dialect, body);
    assert!(matches!(reason, RequestErrorReason::Unsupported { .. }), "{field}: {reason:?}");
    field
}

/// What a lenient caller leaves out, with what the request then is.
pub(crate) fn lenient(dialect: Dialect, body: &Value) -> (Vec<String>, Value) {
    let incoming = try_read(dialect, body, &Options::new().lenient(true)).unwrap();
    (left_out(&incoming, LeftOutReason::Unsupported), to_json(&incoming))
}

/// The fields that were left out for a reason.
pub(crate) fn left_out(incoming: &ConvertedRequest, reason: LeftOutReason) -> Vec<String> {
    let fields = incoming.left_out.fields.iter().filter(|field| field.reason == reason);
    fields.map(|field| field.field.clone()).collect()
}
