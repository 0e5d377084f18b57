use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bedrock_stream_core::ErrorKind;
use bedrock_stream_core::answer::{
    Error, Exception, Incomplete, StopReason, StreamPosition, UnmodeledError, is_context_length_message,
};

use super::json_writer;

/// Why an answer is not complete, in a form that can be reported in any dialect. Convert a decoder's error with `From`,
/// or describe any other error by its kind and a message.
///
/// ```
/// use bedrock_stream_core::ErrorKind;
/// use bedrock_stream_core::answer::{Error, Exception};
/// use bedrock_stream_dialects::encode::Failure;
///
/// let exception = Exception::new("throttlingException", r#"{"message":"Too many tokens"}"#);
/// let failure = Failure::from(&Error::Exception(exception.into())).request_id("e5f1");
/// assert_eq!(failure.http_status(), 429);
///
/// let failure = Failure::new(ErrorKind::Timeout, "no bytes for 300 s");
/// assert_eq!(failure.http_status(), 504);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: ErrorKind,
    message: String,
    /// What a log may have of the message, if not all of it.
    summary: Option<String>,
    request_id: Option<String>,
    status: Option<u16>,
    is_final: bool,
    /// The exception that the service sent, if that is the error.
    exception: Option<Box<Exception>>,
}

/// The names of an error with some status, in each dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ErrorNames {
    /// `type` in Chat Completions and Responses.
    pub(super) openai_type: &'static str,
    /// `code` in Chat Completions.
    pub(super) openai_code: Option<&'static str>,
    /// `code` of a failed response: one of those of `ResponseError`, or what OpenAI's API sends besides.
    pub(super) response_code: &'static str,
    /// `type` in Messages.
    pub(super) anthropic_type: &'static str,
}

impl Failure {
    /// An error of this kind, with a message that describes what happened.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            summary: None,
            request_id: None,
            status: None,
            is_final: true,
            exception: None,
        }
    }

    /// The chunks ended before the answer was complete.
    pub(super) fn incomplete() -> Self {
        Self::from(&Error::Incomplete(Incomplete::new(StreamPosition::BeforeMessageStop, Vec::new())))
    }

    /// The input of a tool call was cut off.
    pub(super) fn cut_off_call(id: &str, name: &str) -> Self {
        let message = format!("the input of the tool call {id} to {name} was cut off");
        Self::new(ErrorKind::Truncated, message).with_summary("the input of a tool call was cut off")
    }

    /// The same, where the model stopped for this reason, as with its limit of tokens.
    pub(super) fn because(self, reason: &StopReason) -> Self {
        let because = format!(", since the model stopped with {reason}");
        let summary = format!("{}{because}", self.summary());
        let remedy = match reason {
            StopReason::MaxTokens => "allow more tokens, or ask for a stream, which",
            StopReason::ModelContextWindowExceeded => "shorten the conversation, or ask for a stream, which",
            _ => "a stream",
        };
        let message = format!("{}{because}: {remedy} has the part that came", self.message);
        Self { message, summary: Some(summary), ..self }
    }

    /// Sets the [`summary`](Self::summary), which is the whole message by default.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Sets the HTTP status that Bedrock returned, or would have returned before the stream. It determines the error's
    /// type and code.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets the request id.
    #[must_use]
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message: what happened.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The message without the service's own words, without what a parser says of an event that it cannot read, and without damaged bytes:
    /// they may quote the request or the answer. For a log that must not have their contents.
    #[must_use]
    pub fn summary(&self) -> &str {
        self.summary.as_deref().unwrap_or(&self.message)
    }

    /// Whether the error ends the answer. `false` only for a skipped event.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.is_final
    }

    /// The exception with which the service ended the stream, as one of Converse's. An exception of another dialect has
    /// the name that Converse has for its status. `None` if the error is not the service's.
    pub(super) fn exception(&self) -> Option<Exception> {
        let exception = self.exception.as_deref()?;
        if exception.name.ends_with("Exception") {
            return Some(exception.clone());
        }
        let name = match self.http_status() {
            408 | 502 | 504 => "modelStreamErrorException",
            429 => "throttlingException",
            503 | 529 => "serviceUnavailableException",
            400..=499 => "validationException",
            _ => "internalServerException",
        };
        let mut payload = b"{\"message\":".to_vec();
        json_writer::string(&mut payload, &exception.to_string());
        payload.push(b'}');
        Some(Exception::new(name, payload))
    }

    /// The same error, as one that ends the answer.
    #[must_use]
    pub const fn into_final(mut self) -> Self {
        self.is_final = true;
        self
    }

    /// The HTTP status to return if the error occurs before the stream starts, or if the answer does not stream.
    ///
    /// This is the status that Bedrock returned, with two exceptions: 424, which clients do not retry, and any status
    /// that is not an error become 502. Damaged and incomplete streams are also 502, a timeout is 504, and a request
    /// that cannot be sent is 400.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        match (self.status, self.kind) {
            (Some(424), _) => 502,
            (Some(status @ 400..=599), _) => status,
            (None, ErrorKind::Timeout) => 504,
            (None, ErrorKind::Input) => 400,
            _ => 502,
        }
    }

    /// Whether Bedrock does not know the model: it says so by the status 404, or, for what cannot be a model's id, or needs that of an
    /// inference profile, by a `ValidationException` whose message alone tells.
    ///
    /// ```
    /// use bedrock_stream_core::ErrorKind;
    /// use bedrock_stream_dialects::encode::Failure;
    ///
    /// let refusal = Failure::new(ErrorKind::Refusal, "The provided model identifier is invalid.").status(400);
    /// assert!(refusal.is_unknown_model());
    /// ```
    #[must_use]
    pub fn is_unknown_model(&self) -> bool {
        match self.http_status() {
            404 => self.kind == ErrorKind::Refusal,
            400 => MODEL_ID_MESSAGES.iter().any(|known| self.message.contains(known)),
            _ => false,
        }
    }

    /// The error's names in each dialect.
    ///
    /// Source: `error_type.py` of Anthropic's SDK; `ResponseError` of OpenAI's.
    pub(super) fn names(&self) -> ErrorNames {
        let (openai_type, openai_code, response_code, anthropic_type) = match self.http_status() {
            401 => ("authentication_error", Some("invalid_api_key"), "server_error", "authentication_error"),
            403 => ("permission_error", None, "server_error", "permission_error"),
            // The client's mistake: an unknown path. What Bedrock refuses by this status is a model.
            404 if self.kind == ErrorKind::Input => {
                ("invalid_request_error", None, "invalid_prompt", "not_found_error")
            }
            404 => ("not_found_error", Some("model_not_found"), "server_error", "not_found_error"),
            408 | 504 => ("server_error", None, "server_error", "timeout_error"),
            409 => ("conflict_error", None, "server_error", "conflict_error"),
            413 => ("invalid_request_error", None, "invalid_prompt", "request_too_large"),
            429 => {
                ("rate_limit_error", Some("rate_limit_exceeded"), "rate_limit_exceeded", "rate_limit_error")
            }
            // Agents shorten the conversation when they see this code.
            400 if is_context_length_message(&self.message) => {
                let code = "context_length_exceeded";
                ("invalid_request_error", Some(code), code, "invalid_request_error")
            }
            400 if self.is_unknown_model() => {
                ("invalid_request_error", Some("model_not_found"), "invalid_prompt", "invalid_request_error")
            }
            400..=499 => ("invalid_request_error", None, "invalid_prompt", "invalid_request_error"),
            503 | 529 => ("overloaded_error", None, "server_error", "overloaded_error"),
            _ => ("server_error", None, "server_error", "api_error"),
        };
        ErrorNames { openai_type, openai_code, response_code, anthropic_type }
    }

    /// The message for clients, which starts with the kind and ends with the request id.
    pub(super) fn sentence(&self, request_id: Option<&str>) -> String {
        match self.request_id.as_deref().or(request_id) {
            Some(id) => format!("{}: {} (request id {id})", self.kind, self.message),
            None => format!("{}: {}", self.kind, self.message),
        }
    }

    /// Appends the members of OpenAI's error object, without its braces.
    pub(super) fn write_openai(&self, request_id: Option<&str>, out: &mut Vec<u8>) {
        let names = self.names();
        out.extend_from_slice(b"\"message\":");
        json_writer::string(out, &self.sentence(request_id));
        out.extend_from_slice(b",\"type\":");
        json_writer::string(out, names.openai_type);
        out.extend_from_slice(b",\"param\":null,\"code\":");
        json_writer::optional_string(out, names.openai_code);
        self.write_details(request_id, out);
    }

    /// The JSON of an error of Chat Completions or Responses.
    pub(super) fn openai_body(&self, request_id: Option<&str>) -> Vec<u8> {
        let mut out = b"{\"error\":{".to_vec();
        self.write_openai(request_id, &mut out);
        out.extend_from_slice(b"}}");
        out
    }

    /// The JSON of an error of Messages; also the data of its error event.
    pub(super) fn anthropic_body(&self, request_id: Option<&str>) -> Vec<u8> {
        let mut out = b"{\"type\":\"error\",\"error\":{\"type\":".to_vec();
        json_writer::string(&mut out, self.names().anthropic_type);
        out.extend_from_slice(b",\"message\":");
        json_writer::string(&mut out, &self.sentence(request_id));
        out.extend_from_slice(b",\"kind\":");
        json_writer::string(&mut out, self.kind.as_str());
        out.extend_from_slice(b"},\"request_id\":");
        json_writer::optional_string(&mut out, self.request_id.as_deref().or(request_id));
        out.push(b'}');
        out
    }

    /// Appends the members that are our own in every dialect.
    fn write_details(&self, request_id: Option<&str>, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"kind\":");
        json_writer::string(out, self.kind.as_str());
        out.extend_from_slice(b",\"request_id\":");
        json_writer::optional_string(out, self.request_id.as_deref().or(request_id));
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            summary: Some(error.summary()),
            status: error.http_status(),
            is_final: error.is_final(),
            exception: match error {
                Error::Exception(exception) => Some(exception.clone()),
                Error::UnmodeledError(error) => Some(Box::new(unmodeled(error))),
                _ => None,
            },
            ..Self::new(error.kind(), error.to_string())
        }
    }
}

/// An error outside the model, named by its code.
fn unmodeled(error: &UnmodeledError) -> Exception {
    let mut payload = b"{\"message\":".to_vec();
    json_writer::string(&mut payload, error.message.as_deref().unwrap_or_default());
    payload.push(b'}');
    Exception::new(error.code.as_deref().unwrap_or("error"), payload)
}

/// What Bedrock says of a model's id that is none, and of one for which it wants an inference profile.
const MODEL_ID_MESSAGES: [&str; 2] =
    ["The provided model identifier is invalid", "with on-demand throughput isn"];

#[cfg(test)]
mod tests {
    use bedrock_stream_core::ErrorKind;
    use bedrock_stream_core::answer::{Error, Exception, SkippedEvent, UnmodeledError};
    use bedrock_stream_core::frame;

    use super::Failure;

    /// Bugs 6 and 25 of other gateways: every exception as one 502, throttling as 500.
    #[test]
    fn each_exception_has_its_status_and_its_names() {
        for (name, status, openai, code, anthropic) in [
            ("throttlingException", 429, "rate_limit_error", Some("rate_limit_exceeded"), "rate_limit_error"),
            ("serviceUnavailableException", 503, "overloaded_error", None, "overloaded_error"),
            ("internalServerException", 500, "server_error", None, "api_error"),
            ("modelStreamErrorException", 502, "server_error", None, "api_error"),
            ("modelTimeoutException", 408, "server_error", None, "timeout_error"),
            ("validationException", 400, "invalid_request_error", None, "invalid_request_error"),
            ("overloaded_error", 529, "overloaded_error", None, "overloaded_error"),
            ("newException", 502, "server_error", None, "api_error"),
        ] {
            let failure = Failure::from(&Error::Exception(Exception::new(name, "{}").into()));
            let names = failure.names();
            assert_eq!(failure.http_status(), status, "{name}");
            assert_eq!((names.openai_type, names.openai_code), (openai, code), "{name}");
            assert_eq!(names.anthropic_type, anthropic, "{name}");
            assert_eq!(failure.kind(), ErrorKind::Exception);
        }
    }

    /// Bedrock has no code for it; OpenAI has, and agents wait for it.
    #[test]
    fn a_request_that_is_too_long_has_the_code_of_openai() {
        let message = "Bedrock refused: ValidationException (400): prompt is too long: 2 tokens > 1 maximum";
        let names = Failure::new(ErrorKind::Refusal, message).status(400).names();
        assert_eq!(names.openai_code, Some("context_length_exceeded"));
        assert_eq!(
            (names.response_code, names.openai_type),
            ("context_length_exceeded", "invalid_request_error")
        );
        assert_eq!(names.anthropic_type, "invalid_request_error");
        let throttled = Failure::new(ErrorKind::Refusal, "too many input tokens").status(429).names();
        assert_eq!(throttled.openai_code, Some("rate_limit_exceeded"));
    }

    /// Nor one for a model's id that is none.
    #[test]
    fn a_model_that_bedrock_does_not_know_has_the_code_of_openai() {
        let message = "Bedrock refused: ValidationException (400): The provided model identifier is invalid.";
        let failure = Failure::new(ErrorKind::Refusal, message).status(400);
        let names = failure.names();
        assert!(failure.is_unknown_model());
        assert_eq!(
            (names.openai_code, names.openai_type),
            (Some("model_not_found"), "invalid_request_error")
        );
        let other = Failure::new(ErrorKind::Refusal, "a field is invalid").status(400);
        assert!(!other.is_unknown_model() && other.names().openai_code.is_none());
        let profile = "Invocation of model ID anthropic.claude-sonnet-4-5-20250929-v1:0 with on-demand throughput isn\u{2019}t supported.";
        assert!(Failure::new(ErrorKind::Refusal, profile).status(400).is_unknown_model());
        assert!(Failure::new(ErrorKind::Refusal, "no such model").status(404).is_unknown_model());
        assert!(!Failure::new(ErrorKind::Input, "no such path").status(404).is_unknown_model());
    }

    #[test]
    fn what_is_no_exception_has_a_status_too() {
        for (failure, status) in [
            (Failure::incomplete(), 502),
            (Failure::new(ErrorKind::Timeout, "t"), 504),
            (Failure::new(ErrorKind::Input, "i"), 400),
            (Failure::new(ErrorKind::Refusal, "r").status(403), 403),
            (Failure::new(ErrorKind::Refusal, "r").status(200), 502),
            (Failure::new(ErrorKind::Transport, "c"), 502),
        ] {
            assert_eq!(failure.http_status(), status, "{failure:?}");
        }
    }

    #[test]
    fn a_summary_has_no_words_of_the_service() {
        let refusal = Failure::new(ErrorKind::Refusal, "refused: \"secret\"").with_summary("refused");
        assert_eq!((refusal.message(), refusal.summary()), ("refused: \"secret\"", "refused"));
        for payload in [r#"{"message":"secret"}"#, r#"{"originalMessage":"secret"}"#, r#"{"message":""}"#] {
            let failure =
                Failure::from(&Error::Exception(Exception::new("validationException", payload).into()));
            assert!(failure.summary().contains("validationException"), "{failure:?}");
            assert!(
                !failure.summary().contains("secret") && !failure.summary().ends_with(": "),
                "{failure:?}"
            );
        }
        let failure = Failure::from(&Error::Exception(Exception::new("", r#"{"message":"secret"}"#).into()));
        assert!(!failure.summary().contains("secret"), "{failure:?}");
        let skipped =
            Error::Skipped(SkippedEvent::payload("contentBlockDelta", "invalid type: \"secret\"", "{}"));
        let failure = Failure::from(&skipped);
        assert!(failure.message().contains("secret") && !failure.summary().contains("secret"), "{failure:?}");
        assert!(failure.summary().contains("contentBlockDelta"), "{failure:?}");
        let sentence = UnmodeledError::new("secret code", "a");
        assert!(!Failure::from(&Error::UnmodeledError(sentence)).summary().contains("secret"));
        let frame = frame::Error::prelude_checksum(7, 1, 2, *b"Jane Doe, bo");
        let failure = Failure::from(&Error::Frame(frame));
        assert!(failure.message().contains("Jane") && !failure.summary().contains("Jane"), "{failure:?}");
        assert!(failure.summary().contains("byte 7"), "{failure:?}");
        let unmodeled = UnmodeledError::new("InvalidInput", "secret");
        assert!(!Failure::from(&Error::UnmodeledError(unmodeled)).summary().contains("secret"));
        assert_eq!(Failure::new(ErrorKind::Timeout, "t").summary(), "t");
    }

    /// Bug 26 of other gateways: errors in Bedrock's own shape.
    #[test]
    fn bodies_are_in_the_dialects_own_shape() {
        let failure = Failure::new(ErrorKind::Refusal, "no such \"model\"").status(404).request_id("r1");
        assert_eq!(
            failure.openai_body(Some("other")),
            br#"{"error":{"message":"refusal: no such \"model\" (request id r1)","type":"not_found_error","param":null,"code":"model_not_found","kind":"refusal","request_id":"r1"}}"#
        );
        // An unknown path is no unknown model.
        let unknown_path = Failure::new(ErrorKind::Input, "unknown path").status(404);
        assert_eq!(
            unknown_path.openai_body(None),
            br#"{"error":{"message":"input: unknown path","type":"invalid_request_error","param":null,"code":null,"kind":"input","request_id":null}}"#
        );
        assert_eq!(unknown_path.names().anthropic_type, "not_found_error");
        assert_eq!(
            Failure::new(ErrorKind::Refusal, "no").status(404).anthropic_body(Some("r2")),
            br#"{"type":"error","error":{"type":"not_found_error","message":"refusal: no (request id r2)","kind":"refusal"},"request_id":"r2"}"#
        );
    }
}
