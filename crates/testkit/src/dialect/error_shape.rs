use bedrock_stream_dialects::Dialect;
use serde_json::{Value, json};

/// The JSON of a refusal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ErrorShape {
    /// `{"message"}`, with the code in a header.
    #[default]
    Aws,
    /// `{"error":{"message","type","param","code"}}`.
    OpenAi,
    /// `{"type":"error","error":{"type","message"}}`.
    Anthropic,
}

impl ErrorShape {
    pub(crate) const fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Chat | Dialect::Responses => Self::OpenAi,
            Dialect::Messages => Self::Anthropic,
            _ => Self::Aws,
        }
    }

    /// The body. `param`: the member of the request that is wrong, if one is.
    pub(crate) fn body(self, status: u16, message: &str, param: Option<&str>) -> Value {
        match self {
            Self::Aws => json!({"message": message}),
            Self::OpenAi => {
                let (error_type, code) = openai_names(status);
                json!({"error": {"message": message, "type": error_type, "param": param, "code": code}})
            }
            Self::Anthropic => {
                let error_type = anthropic_type(status);
                json!({"type": "error", "error": {"type": error_type, "message": message}})
            }
        }
    }
}

/// The `type` and the `code`.
const fn openai_names(status: u16) -> (&'static str, Option<&'static str>) {
    match status {
        401 => ("authentication_error", Some("invalid_api_key")),
        403 => ("permission_error", None),
        404 => ("not_found_error", Some("model_not_found")),
        429 => ("rate_limit_error", Some("rate_limit_exceeded")),
        408 | 424 => ("server_error", None),
        400..=499 => ("invalid_request_error", None),
        _ => ("server_error", None),
    }
}

const fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        413 => "request_too_large",
        424 => "api_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        503 | 529 => "overloaded_error",
        _ => "api_error",
    }
}
