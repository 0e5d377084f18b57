use std::borrow::Cow;
use std::sync::Arc;
#[cfg(feature = "sigv4")]
use std::time::Duration;
use std::time::SystemTime;

use bedrock_stream_core::frame::Limits;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};

use crate::auth::{Auth, BearerToken};
#[cfg(feature = "sigv4")]
use crate::auth::{SigningScope, sign};
use crate::client::operation::Operation;
use crate::client::retry::Retry;
use crate::client::route::Route;
use crate::config::base_url::BaseUrl;
use crate::config::config_error::ConfigError;
use crate::config::endpoint::{Endpoint, EndpointVariant, RUNTIME};
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::error::secrets::Secrets;
use crate::timeouts::timeouts::Timeouts;

/// What every request needs: endpoint, region, credentials and limits. Cheap to clone.
///
/// ```
/// use bedrock_stream_http::Config;
///
/// let config = Config::builder().region("us-east-1").bearer("my-bedrock-api-key").build()?;
/// assert_eq!(config.endpoint().to_string(), "https://bedrock-runtime.us-east-1.amazonaws.com");
/// # Ok::<(), bedrock_stream_http::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) endpoint: Arc<Endpoint>,
    /// The URL of all other services. `None`: each has the region's endpoint.
    pub(crate) other_endpoint: Option<Arc<Endpoint>>,
    /// Which of the region's endpoints to use.
    pub(crate) variant: EndpointVariant,
    /// Where operations with several routes go.
    pub(crate) route: Route,
    pub(crate) openai_base_url: Option<Arc<BaseUrl>>,
    pub(crate) anthropic_base_url: Option<Arc<BaseUrl>>,
    pub(crate) region: Option<Arc<str>>,
    pub(crate) auth: Auth,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Retry,
    pub(crate) max_response_len: usize,
    pub(crate) limits: Limits,
    pub(crate) max_streams_per_connection: usize,
}

impl Config {
    /// Where requests to Bedrock's runtime go.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Where requests to a service go: to the configured URL, or to the service's endpoint in the region.
    pub(crate) fn endpoint_of(&self, service: &str) -> Result<Cow<'_, Endpoint>, ConfigError> {
        match (&self.other_endpoint, &self.region) {
            _ if service == RUNTIME => Ok(Cow::Borrowed(&self.endpoint)),
            (Some(endpoint), _) => Ok(Cow::Borrowed(endpoint)),
            (None, Some(region)) => Ok(Cow::Owned(Endpoint::for_service(service, region, self.variant)?)),
            (None, None) => Err(ConfigError::NoRegion),
        }
    }

    /// Where Chat Completions, Responses and Messages are sent, unless a request sets another route.
    #[must_use]
    pub const fn route(&self) -> Route {
        self.route
    }

    /// The region that requests are signed for.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// How long each part of a request may take.
    #[must_use]
    pub const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// When requests are retried.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        self.retry
    }

    /// The limit on the answer of an operation that does not stream, in bytes.
    #[must_use]
    pub const fn max_response_len(&self) -> usize {
        self.max_response_len
    }

    /// Limits on the memory of a stream's decoder.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// The maximum number of HTTP/2 streams per connection.
    #[must_use]
    pub const fn max_streams_per_connection(&self) -> usize {
        self.max_streams_per_connection
    }

    /// Builds a request that is ready to send: with an absolute URI, and signed for `time` or with the bearer token. `body`
    /// is the operation's JSON.
    ///
    /// Send it unchanged, with the URI's authority as `Host`, follow no redirect, then hand the response to
    /// [`check_response`](crate::check_response), if the operation answers with an event stream; `check_response` refuses JSON.
    ///
    /// Cancel safe: it only waits for credentials, and nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorDetail::Config`] for a service without an endpoint, [`ErrorDetail::UriTooLong`],
    /// [`ErrorDetail::BearerToken`], and, with the feature `sigv4`, `ErrorDetail::Credentials` and
    /// `ErrorDetail::Signature`.
    pub async fn request(
        &self,
        operation: &Operation,
        body: Bytes,
        time: SystemTime,
    ) -> Result<http::Request<Bytes>, Error> {
        let target = self.target(operation)?;
        let mut request = http::Request::new(body);
        request.method_mut().clone_from(operation.http_method());
        *request.uri_mut() =
            target.endpoint.uri(&target.path_and_query).map_err(|_| ErrorDetail::UriTooLong)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.extend(operation.headers().clone());
        self.authorize(&mut request, target.signing_name, time).await?;
        Ok(request)
    }

    #[cfg_attr(not(feature = "sigv4"), expect(clippy::unused_async, unused_variables))]
    async fn authorize(
        &self,
        request: &mut http::Request<Bytes>,
        service: &str,
        time: SystemTime,
    ) -> Result<(), Error> {
        match &self.auth {
            #[cfg(feature = "sigv4")]
            Auth::SigV4(provider) => {
                let credentials = provider.credentials().await?;
                let region = self.region.as_deref().unwrap_or_default();
                let scope = SigningScope { region, service };
                sign(request, &credentials, scope, time)?;
                let secrets = Secrets::signed(&credentials, request.headers());
                request.extensions_mut().insert(secrets);
            }
            #[cfg(feature = "sigv4")]
            Auth::ShortTermBearer(provider) => {
                let credentials = provider.credentials().await?;
                let region = self.region.as_deref().unwrap_or_default();
                let token = BearerToken::short_term(&credentials, region, TOKEN_LIFETIME, time)?;
                add_bearer_token(request, &token)?;
            }
            Auth::Bearer(token) => add_bearer_token(request, token)?,
            Auth::None => {}
        }
        Ok(())
    }
}

/// Adds a bearer token to a request.
fn add_bearer_token(request: &mut http::Request<Bytes>, token: &BearerToken) -> Result<(), Error> {
    let value = token.header().ok_or(ErrorDetail::BearerToken)?;
    request.headers_mut().insert(AUTHORIZATION, value);
    request.extensions_mut().insert(Secrets::bearer(token));
    Ok(())
}

/// The lifetime of a token that is made for one request: enough for clocks that differ by minutes.
#[cfg(feature = "sigv4")]
const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);
const AGENT: &str = concat!("bedrock-stream/", env!("CARGO_PKG_VERSION"));
