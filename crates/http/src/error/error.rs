use core::time::Duration;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use bedrock_stream_core::{answer, frame};

use crate::client::operation::ModelIdError;
use crate::config::config_error::ConfigError;
use crate::error::attempts::{Attempt, Attempts};
use crate::error::cause::Cause;
use crate::error::printable::Printable;
use crate::error::service_error::ServiceError;
use crate::error::unexpected_body::UnexpectedBody;
use crate::stream::collect_error::CollectError;
use crate::timeouts::deadline_watch::Passed;
use crate::timeouts::deadlines::Deadline;

/// Why a request has no answer, or not a whole one. [`source`](StdError::source) gives what caused it;
/// [`with_causes`](Self::with_causes) says all of it in one sentence.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration lacks something, or is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The model id cannot be sent.
    #[error(transparent)]
    ModelId(#[from] ModelIdError),
    /// The request has no JSON: a number that is not finite, say. Or its operation does not answer as the caller wants to
    /// read it.
    #[error("the request cannot be made: {cause}")]
    Request {
        /// What the serializer said.
        cause: String,
    },
    /// The endpoint's path prefix and the model id are too long together.
    #[error("the endpoint's path and the model id are longer together than a URI may be")]
    UriTooLong,
    /// The bearer token is empty or holds what no header may.
    #[error(
        "the bearer token is empty, or holds a space, a line break or another character that no header may: check \
         AWS_BEARER_TOKEN_BEDROCK"
    )]
    BearerToken,
    /// The provider has no credentials.
    #[cfg(feature = "sigv4")]
    #[error("no AWS credentials{earlier}")]
    Credentials {
        /// What the provider said.
        #[source]
        error: crate::auth::CredentialsError,
        /// The attempts before.
        earlier: Attempts,
    },
    /// The request cannot be signed.
    #[cfg(feature = "sigv4")]
    #[error("{error}{earlier}")]
    Signature {
        /// What is wrong with the credentials, or with the region.
        error: crate::auth::SignatureError,
        /// The attempts before.
        earlier: Attempts,
    },
    /// The HTTP client cannot be set up: no root certificates, say.
    #[error("the HTTP client cannot be set up: {cause}")]
    Client {
        /// What it said, causes included.
        cause: String,
    },
    /// The HTTP client needs a tokio runtime, and there is none where the request is made.
    #[error(
        "there is no tokio runtime here, which this HTTP client needs: await the request inside one (#[tokio::main], \
         Runtime::block_on), or take bedrock-stream-http with a Transport for your runtime"
    )]
    NoRuntime,
    /// No response arrived: no connection, or it broke.
    #[error("no response from {endpoint}{earlier}")]
    Connection {
        /// Where the request went.
        endpoint: String,
        /// What the HTTP client said.
        #[source]
        cause: Cause,
        /// Whether the request may be sent again. Not where an HTTP client has done with it what it should not, and not where
        /// the service may have had all of it and does not stream its answer: what it is at work on is paid for.
        repeatable: bool,
        /// The attempts before.
        earlier: Attempts,
    },
    /// The service refused the request.
    #[error("refused: {}{}", .0, .0.earlier)]
    Refused(Box<ServiceError>),
    /// The status was 200, but the body is no event stream, or no JSON where that was asked for.
    #[error("{}{}", .0, .0.earlier)]
    UnexpectedBody(Box<UnexpectedBody>),
    /// The connection broke while the body was read.
    #[error("the connection broke in the middle of the answer{}{earlier}", InBrackets(request_id))]
    Body {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// What the HTTP client said.
        #[source]
        cause: Cause,
        /// Whether the request may be sent again. Not where the answer does not stream, which is paid for by then.
        repeatable: bool,
        /// The attempts before.
        earlier: Attempts,
    },
    /// It took too long.
    #[error("{deadline} {after:?}, {elapsed:.1?} after the request began{}{earlier}", InBrackets(request_id))]
    Deadline {
        /// Which deadline passed.
        deadline: Deadline,
        /// How long it was.
        after: Duration,
        /// How long the request had taken, all attempts included.
        elapsed: Duration,
        /// The id under which AWS knows the request, once a response told it.
        request_id: Option<Arc<str>>,
        /// The attempts before.
        earlier: Attempts,
    },
    /// The body is not an event stream, or was damaged: from a [`MessageStream`](crate::MessageStream).
    #[error("{error}{}{earlier}", InBrackets(request_id))]
    Frame {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// What is wrong with the body.
        error: frame::Error,
        /// The attempts before.
        earlier: Attempts,
    },
    /// What the decoder found, from a [`ChunkStream`](crate::ChunkStream): an exception, an incomplete or damaged
    /// stream, or a spoiled event, after which the stream goes on.
    #[error("{}{}{earlier}", Printable(error), InBrackets(request_id))]
    Stream {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// What the decoder found.
        error: Box<answer::Error>,
        /// The attempts before.
        earlier: Attempts,
    },
    /// The whole answer of an operation that does not stream is longer than allowed.
    #[error(
        "the answer is longer than {limit} bytes, the most that the configuration allows{}{earlier}",
        InBrackets(request_id)
    )]
    TooLong {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// How long it may be, in bytes: [`ConfigBuilder::max_response_len`](crate::ConfigBuilder::max_response_len).
        limit: usize,
        /// The attempts before.
        earlier: Attempts,
    },
    /// The whole answer of an operation that does not stream is JSON of another shape, or not JSON.
    #[error(
        "the answer is not a response of Converse: {}{}{earlier}",
        Printable(cause),
        InBrackets(request_id)
    )]
    Response {
        /// The id under which AWS knows the request.
        request_id: Option<Arc<str>>,
        /// What the parser said.
        cause: String,
        /// The attempts before.
        earlier: Attempts,
    },
}

/// Any error, as a transport or a body gives it.
pub type BoxError = Box<dyn StdError + Send + Sync>;

impl Error {
    /// Whether a stream ends with it. Only a spoiled event does not end its stream.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Stream { error, .. } => error.is_final(),
            _ => true,
        }
    }

    /// Whether the same request may succeed when it is sent again, and is not paid for already. This is what
    /// [`Retry`](crate::Retry) goes by, before the first chunk. It says nothing about what was answered so far, which another
    /// attempt answers anew.
    ///
    /// - Refusals and exceptions: what the service says about itself (429, 500, 502, 503, 504; throttling, ..).
    /// - No connection, unless TLS was refused: a certificate that is not trusted now will not be trusted in a second.
    /// - No response from an operation that streams, and an answer of it that broke. Where the answer does not stream, the
    ///   service may have made all of it by then.
    /// - No timeout but that for the connection: the service may be at work.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connection { cause, repeatable, .. } => *repeatable && !failed_handshake(&**cause),
            Self::Body { repeatable, .. } => *repeatable,
            Self::Deadline { deadline, .. } => *deadline == Deadline::Connect,
            Self::Refused(error) => error.is_retryable(),
            Self::Stream { error, .. } => error.is_retryable(),
            Self::Frame { error, .. } => answer::Error::Frame(*error).is_retryable(),
            _ => false,
        }
    }

    /// The error and all of its causes as one sentence, for a log or a person.
    #[must_use]
    pub fn with_causes(&self) -> String {
        match self {
            Self::Connection { endpoint, cause, earlier, .. } => {
                format!("no response from {endpoint}: {}{earlier}", chain(&**cause))
            }
            Self::Body { request_id, cause, earlier, .. } => {
                let id = InBrackets(request_id);
                format!("the connection broke in the middle of the answer{id}: {}{earlier}", chain(&**cause))
            }
            #[cfg(feature = "sigv4")]
            Self::Credentials { error, earlier } => format!("no AWS credentials: {}{earlier}", chain(error)),
            // They have causes only in their own words.
            _ => self.to_string(),
        }
    }

    /// The id under which AWS knows the request, if a response told it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(error) => error.request_id.as_deref(),
            Self::UnexpectedBody(error) => error.request_id.as_deref(),
            Self::Body { request_id, .. }
            | Self::Deadline { request_id, .. }
            | Self::Frame { request_id, .. }
            | Self::Stream { request_id, .. }
            | Self::TooLong { request_id, .. }
            | Self::Response { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// The refusal, if it is one.
    #[must_use]
    pub fn as_service_error(&self) -> Option<&ServiceError> {
        match self {
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }

    /// What the service calls it: the code of a refusal, the name of an exception.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(error) => error.code.as_deref(),
            Self::Stream { error, .. } => match &**error {
                answer::Error::Exception(exception) => Some(&exception.name),
                answer::Error::UnmodeledError(message) => message.code.as_deref(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The attempts that failed before the one that this error ended, oldest first.
    #[must_use]
    pub fn earlier_attempts(&self) -> &[Attempt] {
        match self {
            Self::Refused(error) => &error.earlier,
            Self::UnexpectedBody(error) => &error.earlier,
            #[cfg(feature = "sigv4")]
            Self::Credentials { earlier, .. } | Self::Signature { earlier, .. } => earlier,
            Self::Connection { earlier, .. }
            | Self::Body { earlier, .. }
            | Self::Deadline { earlier, .. }
            | Self::Frame { earlier, .. }
            | Self::Stream { earlier, .. }
            | Self::TooLong { earlier, .. }
            | Self::Response { earlier, .. } => earlier,
            // Nothing that passes between two attempts: the first one already ends with these.
            Self::Config(_)
            | Self::ModelId(_)
            | Self::Request { .. }
            | Self::UriTooLong
            | Self::BearerToken
            | Self::NoRuntime
            | Self::Client { .. } => &[],
        }
    }

    /// What the decoder found, if it is that.
    #[must_use]
    pub fn as_stream_error(&self) -> Option<&answer::Error> {
        match self {
            Self::Stream { error, .. } => Some(error),
            _ => None,
        }
    }

    pub(crate) fn deadline(passed: Passed, request_id: Option<Arc<str>>) -> Self {
        let Passed { deadline, limit: after, elapsed } = passed;
        Self::Deadline { deadline, after, elapsed, request_id, earlier: Attempts::default() }
    }

    /// The same of an operation that does not stream: its answer is paid for once it has begun.
    pub(crate) fn of_whole_answer(mut self) -> Self {
        if let Self::Body { repeatable, .. } = &mut self {
            *repeatable = false;
        }
        self
    }

    /// The same, with the attempts before it.
    pub(crate) fn with_earlier(mut self, attempts: &Attempts) -> Self {
        let attempts = &attempts.before(&self);
        match &mut self {
            Self::Refused(error) => error.earlier = attempts.clone(),
            Self::UnexpectedBody(error) => error.earlier = attempts.clone(),
            #[cfg(feature = "sigv4")]
            Self::Credentials { earlier, .. } | Self::Signature { earlier, .. } => {
                *earlier = attempts.clone();
            }
            Self::Connection { earlier, .. }
            | Self::Body { earlier, .. }
            | Self::Deadline { earlier, .. }
            | Self::Frame { earlier, .. }
            | Self::Stream { earlier, .. }
            | Self::TooLong { earlier, .. }
            | Self::Response { earlier, .. } => *earlier = attempts.clone(),
            Self::Config(_)
            | Self::ModelId(_)
            | Self::Request { .. }
            | Self::UriTooLong
            | Self::BearerToken
            | Self::NoRuntime
            | Self::Client { .. } => {}
        }
        self
    }
}

impl From<CollectError> for Error {
    /// What went wrong. The part of the answer that had arrived is dropped.
    fn from(error: CollectError) -> Self {
        error.error
    }
}

#[cfg(feature = "sigv4")]
impl From<crate::auth::CredentialsError> for Error {
    fn from(error: crate::auth::CredentialsError) -> Self {
        Self::Credentials { error, earlier: Attempts::default() }
    }
}

#[cfg(feature = "sigv4")]
impl From<crate::auth::SignatureError> for Error {
    fn from(error: crate::auth::SignatureError) -> Self {
        Self::Signature { error, earlier: Attempts::default() }
    }
}

/// An error and its causes as one sentence. Clients that repeat a cause in their own text are told once.
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

/// Whether TLS was refused, by either side. The TLS libraries say so as invalid data, below whatever clients wrap it in.
pub(crate) fn failed_handshake(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        next = match cause.downcast_ref::<io::Error>() {
            Some(error) if error.kind() == io::ErrorKind::InvalidData => return true,
            // Its `source` leaves out the error that it wraps.
            Some(error) => error.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => cause.source(),
        };
    }
    false
}

struct InBrackets<'a>(&'a Option<Arc<str>>);

impl core::fmt::Display for InBrackets<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            Some(id) => write!(f, " [request id {}]", id.escape_debug()),
            None => Ok(()),
        }
    }
}
