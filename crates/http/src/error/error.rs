use core::fmt;
use core::time::Duration;
use std::error::Error as StdError;
use std::sync::Arc;

use bedrock_stream_core::{ErrorKind, answer, frame};
use serde::{Serialize, Serializer};

use crate::client::header::HeaderError;
use crate::client::operation::{LabelError, ModelIdError};
use crate::config::config_error::ConfigError;
use crate::error::attempts::{Attempt, Attempts};
use crate::error::error_detail::ErrorDetail;
use crate::error::service_error::ServiceError;
use crate::timeouts::timeout_state::Elapsed;
use crate::timeouts::timeouts::Timeout;

/// Why a request failed, or why its answer is incomplete. [`source`](StdError::source) is the cause,
/// [`with_causes`](Self::with_causes) the whole chain in one sentence, and [`detail`](Self::detail) an enum to match
/// on.
///
/// Its JSON has the `kind`, the `message` with all causes, the members of the detail, and the `request_id` if known.
///
/// ```
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, Config, ErrorKind};
/// use bedrock_stream_reqwest::Client;
/// use bedrock_stream_testkit::{FakeBedrock, Refusal, RefusalKind};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let refusal = Refusal::of(RefusalKind::AccessDenied).message("You have no access to this model.");
/// let bedrock = FakeBedrock::builder().reply("*", refusal).start().await?;
/// let client = Client::new(Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).build()?)?;
///
/// let error = client.converse_stream("model", &Request::new().user("Hello")).await.unwrap_err();
/// assert_eq!((error.kind(), error.http_status()), (ErrorKind::Refusal, Some(403)));
/// assert_eq!(error.code(), Some("AccessDeniedException"));
/// assert!(!error.is_retryable());
/// // For a support case.
/// assert!(error.request_id().is_some());
/// assert!(error.with_causes().contains("You have no access to this model."));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    detail: ErrorDetail,
    request_id: Option<Arc<str>>,
    earlier: Attempts,
}

impl Error {
    /// The kind of error, in one word.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.detail.kind()
    }

    /// The error in detail.
    #[must_use]
    pub fn detail(&self) -> &ErrorDetail {
        &self.0.detail
    }

    /// The HTTP status: that of a refusal, or the one that an exception would have outside a stream.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        match self.detail() {
            ErrorDetail::Refusal(refusal) => Some(refusal.status.as_u16()),
            ErrorDetail::Stream(error) => error.http_status(),
            _ => None,
        }
    }

    /// Whether the error ends the stream. Only the error of a skipped event does not.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.as_stream_error().is_none_or(answer::Error::is_final)
    }

    /// Whether the same request may succeed if it is sent again. [`Retry`](crate::Retry) uses this until the first chunk. A
    /// retry starts the answer over: chunks that have already arrived come again, and what was generated of a streamed answer
    /// before it broke may be billed twice. Whatever may have been billed as a whole is not retryable.
    ///
    /// - Refusals and exceptions: throttling and server errors (429, 500, 502, 503, 504, ..).
    /// - A failed connection, unless the TLS handshake was rejected: the certificate will not be trusted a second later.
    /// - From an operation that streams: no response, or an answer that broke off or was damaged before it was complete. If the
    ///   operation does not stream, the service may have generated all of the answer by then.
    /// - Of timeouts, only connect: after any other the service may be working on the request.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.detail() {
            ErrorDetail::Connection { error, retryable, .. } => *retryable && !error.is_failed_handshake(),
            ErrorDetail::Body { retryable, .. } => *retryable,
            ErrorDetail::Timeout { timeout, .. } => *timeout == Timeout::Connect,
            ErrorDetail::Refusal(refusal) => refusal.is_retryable(),
            ErrorDetail::Stream(error) => error.is_retryable(),
            ErrorDetail::Frame(error) => answer::Error::Frame(*error).is_retryable(),
            _ => false,
        }
    }

    /// Whether the caller sent more requests or tokens than its quota allows, and should send fewer: `ThrottlingException`, the
    /// rate limits of OpenAI and Anthropic, and any other error with the status 429, as a refusal or inside a stream, where the
    /// [`code`](Self::code) of Bedrock's own exceptions begins with a small letter.
    ///
    /// Not a model that is not ready, or an account without credit, though both have the status 429; and not a service that is
    /// short of capacity itself (503, 529).
    ///
    /// ```
    /// use bedrock_stream_http::Error;
    /// use bedrock_stream_http::answer::{self, Exception};
    ///
    /// let exception = Exception::new("throttlingException", r#"{"message":"Too many tokens"}"#);
    /// let error = Error::from(answer::Error::Exception(exception.into()));
    /// assert!(error.is_throttled() && error.is_retryable());
    /// ```
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        match self.code() {
            Some("ModelNotReadyException" | "insufficient_quota") => false,
            // Some Bedrock services send it with status 424, and an error outside the model has no status.
            Some(code) if code.eq_ignore_ascii_case("ThrottlingException") => true,
            _ => self.http_status() == Some(429),
        }
    }

    /// Whether the conversation is longer than the model's context, so that the same request fails again, and a shorter one may
    /// not: by the message, since Bedrock has no code for it
    /// ([`is_context_length_message`](answer::is_context_length_message)).
    ///
    /// ```
    /// use bedrock_stream_http::Error;
    /// use bedrock_stream_http::answer::{self, Exception};
    ///
    /// let payload = r#"{"message":"Input is too long for requested model."}"#;
    /// let error = Error::from(answer::Error::Exception(Exception::new("validationException", payload).into()));
    /// assert!(error.is_context_length_exceeded() && !error.is_retryable());
    /// ```
    #[must_use]
    pub fn is_context_length_exceeded(&self) -> bool {
        let message = match self.detail() {
            ErrorDetail::Refusal(refusal) => Some(&*refusal.message),
            ErrorDetail::Stream(error) => match &**error {
                answer::Error::Exception(exception) => exception.message.as_deref(),
                answer::Error::UnmodeledError(error) => error.message.as_deref(),
                _ => None,
            },
            _ => None,
        };
        // OpenAI's models at Bedrock have one.
        self.code() == Some("context_length_exceeded")
            || (self.http_status().is_none_or(|status| status == 400)
                && message.is_some_and(answer::is_context_length_message))
    }

    /// The error and all its causes as one sentence, for logs and people.
    #[must_use]
    pub fn with_causes(&self) -> String {
        let Inner { detail, request_id, earlier } = &*self.0;
        match self.source() {
            Some(cause) => format!("{detail}{}: {}{earlier}", InBrackets(request_id), chain(cause)),
            None => self.to_string(),
        }
    }

    /// The error and its causes as one sentence without words of the service, bytes of an answer, the request id, and the attempts
    /// before the last one, which would quote the service, too. For a log that must not have what requests and answers say. What the
    /// program itself configured, an endpoint or a model id, stays in it, and so does what the HTTP client says of a connection that failed,
    /// with the reason that an HTTP/2 server gives for closing it.
    ///
    /// ```
    /// use bedrock_stream_http::Error;
    /// use bedrock_stream_http::answer::{self, Exception};
    ///
    /// let exception = Exception::new("validationException", r#"{"message":"\"Jane Doe\" is no image"}"#);
    /// let error = Error::from(answer::Error::Exception(exception.into()));
    /// assert_eq!(error.summary(), "Bedrock ended the stream with validationException");
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        match self.detail() {
            ErrorDetail::Stream(error) => error.summary(),
            ErrorDetail::Frame(error) => answer::Error::Frame(*error).summary(),
            ErrorDetail::Refusal(refusal) => {
                let code = refusal.code.as_deref().filter(|code| answer::is_error_name(code));
                format!("refused: {} ({})", code.unwrap_or("the request"), refusal.status.as_u16())
            }
            ErrorDetail::UnexpectedBody(body) => format!("the answer is not {}", body.expected),
            ErrorDetail::Response(_) => "the answer is not a valid Converse response".to_owned(),
            // What the program itself said, and what its machine says. They are listed, so that another one is decided about.
            ErrorDetail::Config(_)
            | ErrorDetail::ModelId(_)
            | ErrorDetail::Label(_)
            | ErrorDetail::Header(_)
            | ErrorDetail::Request(_)
            | ErrorDetail::UriTooLong
            | ErrorDetail::BearerToken
            | ErrorDetail::Client(_)
            | ErrorDetail::NoRuntime
            | ErrorDetail::Connection { .. }
            | ErrorDetail::Body { .. }
            | ErrorDetail::Timeout { .. }
            | ErrorDetail::TooLong { .. }
            | ErrorDetail::Incomplete
            | ErrorDetail::AlreadyRead => self.own_words(),
            #[cfg(feature = "sigv4")]
            ErrorDetail::Credentials(_) | ErrorDetail::Signature(_) => self.own_words(),
        }
    }

    /// The detail and its causes.
    fn own_words(&self) -> String {
        let detail = self.detail();
        match self.source() {
            Some(cause) => format!("{detail}: {}", chain(cause)),
            None => detail.to_string(),
        }
    }

    /// AWS's id of the request, if there was a response with one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self.detail() {
            ErrorDetail::Refusal(refusal) => refusal.request_id.as_deref(),
            _ => self.0.request_id.as_deref(),
        }
    }

    /// The refusal, if this is one.
    #[must_use]
    pub fn as_service_error(&self) -> Option<&ServiceError> {
        match self.detail() {
            ErrorDetail::Refusal(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The decoder's error, if this is one.
    #[must_use]
    pub fn as_stream_error(&self) -> Option<&answer::Error> {
        match self.detail() {
            ErrorDetail::Stream(error) => Some(error),
            _ => None,
        }
    }

    /// The service's name for the error: a refusal's code, or an exception's name.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self.detail() {
            ErrorDetail::Refusal(refusal) => refusal.code.as_deref(),
            ErrorDetail::Stream(error) => match &**error {
                answer::Error::Exception(exception) => Some(&exception.name),
                answer::Error::UnmodeledError(message) => message.code.as_deref(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The attempts that failed before the last one, oldest first; at most the first 16.
    #[must_use]
    pub fn earlier_attempts(&self) -> &[Attempt] {
        &self.0.earlier
    }

    /// Sets the request id. A refusal keeps its own.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<Arc<str>>) -> Self {
        if self.as_service_error().is_none() {
            self.0.request_id = Some(request_id.into());
        }
        self
    }

    pub(crate) fn timeout(elapsed: Elapsed) -> Self {
        let Elapsed { timeout, limit: after, elapsed } = elapsed;
        ErrorDetail::Timeout { timeout, after, elapsed }.into()
    }

    /// The same error for an operation that does not stream, which is billed once its answer has started.
    pub(crate) fn of_whole_answer(mut self) -> Self {
        if let ErrorDetail::Body { retryable, .. } = &mut self.0.detail {
            *retryable = false;
        }
        self
    }

    /// Adds the attempts before it.
    pub(crate) fn with_earlier(mut self, attempts: &Attempts) -> Self {
        self.0.earlier = attempts.before(|| self.attempt(Duration::ZERO));
        self
    }

    /// The record of an attempt that failed with this error, and was followed by `wait`.
    pub(crate) fn attempt(&self, wait: Duration) -> Attempt {
        Attempt::new(
            self.as_service_error().map(|refusal| refusal.status),
            self.code().map(str::to_owned),
            self.request_id().map(str::to_owned),
            self.with_causes(),
            wait,
        )
    }

    /// The parts that may contain text from a server.
    pub(crate) fn parts_mut(&mut self) -> (&mut ErrorDetail, &mut Option<Arc<str>>) {
        (&mut self.0.detail, &mut self.0.request_id)
    }
}

impl From<ErrorDetail> for Error {
    fn from(detail: ErrorDetail) -> Self {
        Self(Box::new(Inner { detail, request_id: None, earlier: Attempts::default() }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { detail, request_id, earlier } = &*self.0;
        write!(f, "{detail}{}{earlier}", InBrackets(request_id))
    }
}

/// The sentence of [`with_causes`](Error::with_causes), because that is what a `main` that returns this error prints; the
/// structure under `{:#?}`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.write_str(&self.with_causes());
        }
        let Inner { detail, request_id, earlier } = &*self.0;
        let mut error = f.debug_struct("Error");
        error
            .field("detail", detail)
            .field("request_id", request_id)
            .field("earlier_attempts", &&**earlier)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self.detail() {
            ErrorDetail::Connection { error, .. } | ErrorDetail::Body { error, .. } => error.source(),
            detail => detail.source(),
        }
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct ErrorJson<'a> {
            kind: ErrorKind,
            message: &'a str,
            #[serde(flatten)]
            detail: &'a ErrorDetail,
            #[serde(skip_serializing_if = "Option::is_none")]
            request_id: Option<&'a str>,
        }
        let (kind, message) = (self.kind(), &*self.with_causes());
        ErrorJson { kind, message, detail: self.detail(), request_id: self.request_id() }
            .serialize(serializer)
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        ErrorDetail::Config(error).into()
    }
}

impl From<ModelIdError> for Error {
    fn from(error: ModelIdError) -> Self {
        ErrorDetail::ModelId(error).into()
    }
}

impl From<LabelError> for Error {
    fn from(error: LabelError) -> Self {
        ErrorDetail::Label(error).into()
    }
}

impl From<HeaderError> for Error {
    fn from(error: HeaderError) -> Self {
        ErrorDetail::Header(error).into()
    }
}

impl From<ServiceError> for Error {
    fn from(error: ServiceError) -> Self {
        ErrorDetail::Refusal(Box::new(error)).into()
    }
}

impl From<frame::Error> for Error {
    fn from(error: frame::Error) -> Self {
        ErrorDetail::Frame(error).into()
    }
}

impl From<answer::Error> for Error {
    fn from(error: answer::Error) -> Self {
        ErrorDetail::Stream(Box::new(error)).into()
    }
}

#[cfg(feature = "sigv4")]
impl From<crate::auth::CredentialsError> for Error {
    fn from(error: crate::auth::CredentialsError) -> Self {
        ErrorDetail::Credentials(error).into()
    }
}

#[cfg(feature = "sigv4")]
impl From<crate::auth::SignatureError> for Error {
    fn from(error: crate::auth::SignatureError) -> Self {
        ErrorDetail::Signature(error).into()
    }
}

/// An error and its causes as one sentence. A cause that is already part of the text is not repeated.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}

/// A request id, appended to an error message.
struct InBrackets<'a>(&'a Option<Arc<str>>);

impl fmt::Display for InBrackets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => write!(f, " [request id {}]", id.escape_debug()),
            None => Ok(()),
        }
    }
}
