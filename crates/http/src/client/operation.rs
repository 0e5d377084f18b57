use std::borrow::Cow;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::client::header::{HeaderError, header};
use crate::client::media_type::MediaType;
use crate::client::route::{Api, Route};
use crate::config::endpoint::RUNTIME;

/// An operation of an AWS service: service, method, path, headers, and the media type of its response.
///
/// Bedrock's have constructors. Any other, such as one with an event stream, is described as in its service model:
///
/// ```
/// use bedrock_stream_http::{MediaType, Operation};
///
/// // `POST /agents/{agentId}/agentAliases/{agentAliasId}/sessions/{sessionId}/text`
/// let labels = ["agents", "AGENT12345", "agentAliases", "TSTALIASID", "sessions", "my/session", "text"];
/// let invoke_agent = Operation::new("bedrock-agent-runtime", MediaType::EventStream, labels)?.signing_name("bedrock");
/// assert_eq!(invoke_agent.path(), "/agents/AGENT12345/agentAliases/TSTALIASID/sessions/my%2Fsession/text");
/// # Ok::<(), bedrock_stream_http::LabelError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    service: Cow<'static, str>,
    signing_name: Cow<'static, str>,
    method: Method,
    /// Percent-encoded, with the query.
    path_and_query: String,
    path_len: usize,
    headers: HeaderMap,
    media_type: MediaType,
    /// Set for one of the operations with several routes.
    api: Option<Api>,
    /// The route that was set.
    route: Option<Route>,
    /// For telemetry.
    model_id: Option<Box<str>>,
}

impl Operation {
    /// `POST /model/{modelId}/{name}` of Bedrock's runtime.
    pub(super) fn of_model(model_id: &str, name: &str, media_type: MediaType) -> Result<Self, ModelIdError> {
        match model_id {
            "" => return Err(ModelIdError::Empty),
            "." | ".." => return Err(ModelIdError::Dots),
            _ if model_id.len() > MAX_MODEL_ID_LEN => {
                return Err(ModelIdError::TooLong { len: model_id.len() });
            }
            _ => {}
        }
        let path = format!("/model/{}/{name}", utf8_percent_encode(model_id, ENCODED));
        let operation = Self::of_path(RUNTIME.into(), media_type, path);
        Ok(Self { model_id: Some(model_id.into()), ..operation.signing_name(Route::Runtime.signing_name()) })
    }

    /// An operation of any service: a `POST` to the path of these labels, in which everything outside `A-Za-z0-9-._~` is
    /// percent-encoded. Without labels the path is `/`.
    ///
    /// `service` is the service's endpoint prefix, such as `bedrock-agent-runtime`, and its signing name unless
    /// [`signing_name`](Self::signing_name) sets another.
    ///
    /// # Errors
    ///
    /// [`LabelError`] for a label that is empty, `.` or `..`.
    pub fn new<L: AsRef<str>>(
        service: impl Into<Cow<'static, str>>,
        media_type: MediaType,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Self, LabelError> {
        let mut path = String::new();
        for label in labels {
            path.push('/');
            path.extend(encode_label(label.as_ref())?);
        }
        if path.is_empty() {
            path.push('/');
        }
        Ok(Self::of_path(service.into(), media_type, path))
    }

    pub(super) fn of_path(service: Cow<'static, str>, media_type: MediaType, path: String) -> Self {
        Self {
            signing_name: service.clone(),
            service,
            method: Method::POST,
            path_len: path.len(),
            path_and_query: path,
            headers: HeaderMap::new(),
            media_type,
            api: None,
            route: None,
            model_id: None,
        }
    }

    /// An operation with several routes; by default the configuration's.
    pub(super) fn of_api(api: Api, media_type: MediaType) -> Self {
        let route = Route::default();
        let operation = Self::of_path(route.service().into(), media_type, api.path(route));
        Self { api: Some(api), ..operation.signing_name(route.signing_name()) }
    }

    /// Sets where Chat Completions, Responses or Messages are sent, instead of the configuration's
    /// [`route`](crate::ConfigBuilder::route) or base URL. Has no effect on other operations.
    #[must_use]
    pub fn route(mut self, route: Route) -> Self {
        if let Some(api) = self.api {
            let path = api.path(route);
            self.path_and_query.replace_range(..self.path_len, &path);
            self.path_len = path.len();
            self.service = route.service().into();
            self.signing_name = route.signing_name().into();
            self.route = Some(route);
        }
        self
    }

    /// Sets the service's signing name, if it is not the endpoint prefix: `bedrock` for `bedrock-runtime`.
    #[must_use]
    pub fn signing_name(mut self, signing_name: impl Into<Cow<'static, str>>) -> Self {
        self.signing_name = signing_name.into();
        self
    }

    /// Sets a method other than `POST`.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Adds a query parameter. Name and value are percent-encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let begin = if self.path_and_query.len() == self.path_len { '?' } else { '&' };
        self.path_and_query.push(begin);
        self.path_and_query.extend(utf8_percent_encode(name, ENCODED));
        self.path_and_query.push('=');
        self.path_and_query.extend(utf8_percent_encode(value, ENCODED));
        self
    }

    /// Sets the media type of the body, if it is not `application/json`.
    #[must_use]
    pub fn content_type(mut self, content_type: HeaderValue) -> Self {
        self.headers.insert(CONTENT_TYPE, content_type);
        self
    }

    /// Adds a header, which is signed. Replaces one of the same name.
    ///
    /// # Errors
    ///
    /// [`HeaderError`]: it is not a valid header, or one that the client sets itself.
    pub fn header(
        mut self,
        name: impl TryInto<HeaderName>,
        value: impl TryInto<HeaderValue>,
    ) -> Result<Self, HeaderError> {
        let (name, value) = header(name, value)?;
        self.headers.insert(name, value);
        Ok(self)
    }

    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The service's endpoint prefix. For an operation with several routes, that of its [`route`](Self::route), by
    /// default [`Route::Runtime`].
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The path, percent-encoded, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path_and_query[..self.path_len]
    }

    /// The media type of its response.
    #[must_use]
    pub const fn media_type(&self) -> MediaType {
        self.media_type
    }

    pub(crate) fn scope_name(&self) -> &str {
        &self.signing_name
    }

    pub(crate) const fn http_method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The query with its `?`, or nothing.
    pub(crate) fn query_part(&self) -> &str {
        &self.path_and_query[self.path_len..]
    }

    /// For an operation with several routes, which one it is, and the route that was set.
    pub(crate) const fn api(&self) -> Option<(Api, Option<Route>)> {
        match self.api {
            Some(api) => Some((api, self.route)),
            None => None,
        }
    }

    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(crate) fn model_id(&self) -> Option<&str> {
        self.model_id.as_deref()
    }
}

fn encode_label(label: &str) -> Result<impl Iterator<Item = &str>, LabelError> {
    match label {
        // HTTP clients resolve these segments, encoded or not, and would send another path than the signed one.
        "" | "." | ".." => Err(LabelError { label: label.to_owned() }),
        _ => Ok(utf8_percent_encode(label, ENCODED)),
    }
}

/// A text cannot be used as a label in a path.
///
/// ```
/// use bedrock_stream_http::{MediaType, Operation};
///
/// let error = Operation::new("bedrock-agent-runtime", MediaType::EventStream, ["agents", ".."]).unwrap_err();
/// assert_eq!(error.label, "..");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{label}\" cannot be used as a label in a path: it must not be empty, \".\" or \"..\"")]
#[non_exhaustive]
pub struct LabelError {
    /// The text.
    pub label: String,
}

/// Why a text cannot be used as a model id.
///
/// ```
/// use bedrock_stream_http::{ModelIdError, Operation};
///
/// assert_eq!(Operation::converse_stream(""), Err(ModelIdError::Empty));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelIdError {
    /// It is empty.
    #[error("the model id is empty")]
    Empty,
    /// It is `.` or `..`, which have a special meaning in paths.
    #[error("the model id is \".\" or \"..\"")]
    Dots,
    /// It is longer than Bedrock's limit of 2,048 characters.
    #[error("the model id has {len} bytes, more than Bedrock's limit of {MAX_MODEL_ID_LEN}")]
    #[non_exhaustive]
    TooLong {
        /// Its length, in bytes.
        len: usize,
    },
}

/// Everything except the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest `modelId` of the service model, in characters, all of which are ASCII.
const MAX_MODEL_ID_LEN: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_id_is_one_label() {
        let operation = Operation::converse_stream("arn:aws:bedrock:us-east-1:1:prompt/A b%é~").unwrap();
        assert_eq!(
            operation.path(),
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprompt%2FA%20b%25%C3%A9~/converse-stream"
        );
        assert_eq!(Operation::converse("a.b-c_d").unwrap().path(), "/model/a.b-c_d/converse");
    }

    #[test]
    fn a_label_that_would_change_the_path_is_refused() {
        assert_eq!(Operation::converse(""), Err(ModelIdError::Empty));
        assert_eq!(Operation::converse(".."), Err(ModelIdError::Dots));
        assert_eq!(Operation::converse(&"x".repeat(2049)), Err(ModelIdError::TooLong { len: 2049 }));
        assert!(Operation::converse("...").is_ok());
        for label in ["", ".", ".."] {
            let error = Operation::new("s", MediaType::Json, ["a", label, "b"]).unwrap_err();
            assert_eq!(error, LabelError { label: label.to_owned() });
        }
    }

    #[test]
    fn an_operation_of_any_service_can_be_described() {
        let operation = Operation::new("kinesis", MediaType::EventStream, [""; 0]).unwrap();
        assert_eq!((operation.path(), operation.scope_name()), ("/", "kinesis"));
        let operation =
            Operation::new("lambda", MediaType::EventStream, ["2021-11-15", "functions", "a/b c"]);
        let operation = operation.unwrap().query("Qualifier", "$LATEST").query("a&b", "1=2");
        assert_eq!(operation.path(), "/2021-11-15/functions/a%2Fb%20c");
        assert_eq!(
            operation.path_and_query(),
            "/2021-11-15/functions/a%2Fb%20c?Qualifier=%24LATEST&a%26b=1%3D2"
        );
        assert!(matches!(operation.header("host", "x"), Err(HeaderError::Reserved { .. })));
    }
}
