use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::encode::{ChatEncoder, Encode as _, Failure, MessagesEncoder, ResponsesEncoder};

/// The API that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Chat,
    Responses,
    Messages,
}

impl Api {
    /// Its name in logs and metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Messages => "messages",
        }
    }

    /// The dialect of its requests and answers.
    pub(crate) const fn dialect(self) -> Dialect {
        match self {
            Self::Chat => Dialect::Chat,
            Self::Responses => Dialect::Responses,
            Self::Messages => Dialect::Messages,
        }
    }

    /// The prefix of its answers' ids.
    pub(crate) const fn id_prefix(self) -> &'static str {
        match self {
            Self::Chat => "chatcmpl-",
            Self::Responses => "resp_",
            Self::Messages => "msg_",
        }
    }

    /// The JSON of an error.
    pub(crate) fn error_body(self, failure: &Failure) -> String {
        match self {
            Self::Chat => ChatEncoder::new("", "", 0).error_body(failure),
            Self::Responses => ResponsesEncoder::new("", "", 0).error_body(failure),
            Self::Messages => MessagesEncoder::new("", "").error_body(failure),
        }
    }
}
