use core::fmt;
use std::sync::Arc;

use bedrock_stream_core::frame::Limits;

use crate::auth::Auth;
#[cfg(feature = "sigv4")]
use crate::auth::ProvideCredentials;
use crate::client::retry::Retry;
use crate::client::route::Route;
use crate::config::base_url::BaseUrl;
use crate::config::config::Config;
use crate::config::config_error::ConfigError;
use crate::config::endpoint::{Endpoint, EndpointVariant, without_password};
use crate::config::endpoint_error::EndpointError;
use crate::timeouts::timeouts::Timeouts;

/// Builds a [`Config`]. Explicit settings take precedence over the environment.
///
/// ```
/// use std::time::Duration;
///
/// use bedrock_stream_http::{Config, Retry, Timeouts};
///
/// let config = Config::builder()
///     .region("eu-central-1")
///     .bearer("my-bedrock-api-key")
///     // `idle` counts from the head of the response on; until then, `first_byte` does.
///     .timeouts(Timeouts::default().first_byte(Duration::from_secs(60)).idle(Duration::from_secs(60)))
///     .retry(Retry::default().max_attempts(5))
///     .build()?;
/// assert_eq!(config.endpoint().to_string(), "https://bedrock-runtime.eu-central-1.amazonaws.com");
/// assert_eq!(config.timeouts().idle, Some(Duration::from_secs(60)));
/// # Ok::<(), bedrock_stream_http::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConfigBuilder {
    pub(crate) region: Option<String>,
    pub(crate) endpoint_url: Option<GivenUrl>,
    /// An endpoint of Bedrock Runtime alone, from the environment.
    pub(crate) runtime_url: Option<GivenUrl>,
    pub(crate) route: Option<Route>,
    pub(crate) openai_base_url: Option<GivenBaseUrl>,
    pub(crate) anthropic_base_url: Option<GivenBaseUrl>,
    pub(crate) fips: Option<bool>,
    pub(crate) dual_stack: Option<bool>,
    pub(crate) auth: Option<Auth>,
    timeouts: Option<Timeouts>,
    retry: Option<Retry>,
    max_response_len: Option<usize>,
    limits: Limits,
    max_streams_per_connection: Option<usize>,
    /// An error in the environment, returned by `build`.
    pub(crate) failed: Option<ConfigError>,
    /// An error in its credentials, returned by `build` unless there are others.
    pub(crate) failed_auth: Option<ConfigError>,
}

/// A URL as configured. It may contain a password, which `build` rejects.
#[derive(Clone)]
pub(crate) struct GivenUrl(pub(crate) String);

/// A vendor's base URL as configured. Without a route, the host determines it.
#[derive(Clone, Debug)]
pub(crate) struct GivenBaseUrl(pub(crate) GivenUrl, pub(crate) Option<Route>);

impl Config {
    /// A builder that reads nothing from the environment unless asked to.
    #[must_use]
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The configuration from environment variables and AWS's shared files alone, by [`ConfigBuilder::env`].
    ///
    /// # Errors
    ///
    /// As [`ConfigBuilder::build`].
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder().env().build()
    }
}

impl ConfigBuilder {
    /// The region of the endpoint, which requests are signed for.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// An endpoint other than the region's, for every service: `http://` or `https://`, a host, and optionally a path
    /// prefix. If it is an endpoint of Bedrock Mantle under another host than AWS's own, also set
    /// [`route`](Self::route).
    #[must_use]
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(GivenUrl(url.into()));
        self.runtime_url = None;
        self
    }

    /// Where Chat Completions, Responses and Messages are sent: [`Route::Runtime`] by default, or [`Route::Mantle`] if the
    /// endpoint's URL is Mantle's.
    #[must_use]
    pub fn route(mut self, route: Route) -> Self {
        self.route = Some(route);
        self
    }

    /// The base URL of Chat Completions and Responses, including the path, in the form that OpenAI's SDKs use:
    /// `/chat/completions` and `/responses` are appended. Requests are signed for the service of `route`. A request
    /// with its own [route](crate::RequestBuilder::route) does not use this URL.
    #[must_use]
    pub fn openai_base_url(mut self, url: impl Into<String>, route: Route) -> Self {
        self.openai_base_url = Some(GivenBaseUrl(GivenUrl(url.into()), Some(route)));
        self
    }

    /// The base URL of Messages, including the path, in the form that Anthropic's SDKs use: `/v1/messages` is appended.
    /// In all other respects, this is like [`openai_base_url`](Self::openai_base_url).
    #[must_use]
    pub fn anthropic_base_url(mut self, url: impl Into<String>, route: Route) -> Self {
        self.anthropic_base_url = Some(GivenBaseUrl(GivenUrl(url.into()), Some(route)));
        self
    }

    /// Whether to use the region's FIPS endpoint.
    #[must_use]
    pub fn fips(mut self, fips: bool) -> Self {
        self.fips = Some(fips);
        self
    }

    /// Whether to use the region's dual-stack endpoint.
    #[must_use]
    pub fn dual_stack(mut self, dual_stack: bool) -> Self {
        self.dual_stack = Some(dual_stack);
        self
    }

    /// How requests are authenticated.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// How long each part of a request may take.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = Some(timeouts);
        self
    }

    /// When requests are retried. By default after transient failures, with up to three attempts in all.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The limit on the answer of an operation that does not stream, in bytes. 64 MiB by default.
    #[must_use]
    pub fn max_response_len(mut self, max_response_len: usize) -> Self {
        self.max_response_len = Some(max_response_len);
        self
    }

    /// Limits on the memory of a stream's decoder.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many HTTP/2 streams share a connection before another is opened. 100 by default, or fewer if the server
    /// allows fewer, which the transports' `Pool` detects. The number of connections is not limited.
    #[must_use]
    pub fn max_streams_per_connection(mut self, max_streams_per_connection: usize) -> Self {
        self.max_streams_per_connection = Some(max_streams_per_connection);
        self
    }

    /// [`Auth::Bearer`] with a Bedrock API key.
    #[must_use]
    pub fn bearer(self, token: impl Into<Arc<str>>) -> Self {
        self.auth(Auth::bearer(token))
    }

    /// [`Auth::SigV4`] with [`Credentials`](crate::Credentials) or a provider of them.
    #[cfg(feature = "sigv4")]
    #[must_use]
    pub fn credentials(self, credentials: impl ProvideCredentials + 'static) -> Self {
        self.auth(Auth::sigv4(credentials))
    }

    /// [`Auth::ShortTermBearer`] with [`Credentials`](crate::Credentials) or a provider of them.
    #[cfg(feature = "sigv4")]
    #[must_use]
    pub fn short_term_bearer(self, credentials: impl ProvideCredentials + 'static) -> Self {
        self.auth(Auth::short_term_bearer(credentials))
    }

    /// [`Auth::SigV4`] with a credentials provider of the AWS SDK, wrapped in an [`AwsProvider`](crate::AwsProvider).
    #[cfg(feature = "aws-credential-types")]
    #[must_use]
    pub fn aws_credentials(
        self,
        provider: impl aws_credential_types::provider::ProvideCredentials + 'static,
    ) -> Self {
        self.credentials(crate::auth::AwsProvider::new(provider))
    }

    /// Fills what is not set yet from the AWS SDK's configuration, as `aws_config::load_defaults` returns it: region,
    /// endpoint URL (Bedrock Runtime's own first), FIPS, dual-stack, and `AWS_BEARER_TOKEN_BEDROCK`, else the credentials
    /// provider, which covers the SDK's default chain.
    ///
    /// Of the retries, the number of attempts is taken, unless [`retry`](Self::retry) is set. Of the timeouts, unless
    /// [`timeouts`](Self::timeouts) is set: the SDK's for connecting (3.1 s if the program sets none) as [`Timeouts::connect`], and the
    /// shortest of those for the first byte, an attempt and an operation as [`Timeouts::first_byte`]. All of these end with the head of the
    /// response, so none of them limits how long an answer streams: that is [`Timeouts::total`], which the SDK does not have. Two things differ
    /// from the SDK: `first_byte` is of each attempt, so requests that are refused and retried may together take longer than the operation's
    /// timeout; and when it elapses, the request is not retried, since the model may be working on it.
    #[cfg(feature = "aws-types")]
    #[must_use]
    pub fn sdk_config(mut self, config: &aws_types::SdkConfig) -> Self {
        self.region = self.region.or_else(|| config.region().map(ToString::to_string));
        if self.runtime_url.is_none() {
            self.endpoint_url = self.endpoint_url.or_else(|| sdk_endpoint_url(config).map(GivenUrl));
        }
        self.fips = self.fips.or(config.use_fips());
        self.dual_stack = self.dual_stack.or(config.use_dual_stack());
        self.retry = self.retry.or_else(|| sdk_retry(config));
        self.timeouts = self.timeouts.or_else(|| sdk_timeouts(config));
        if self.auth.is_some() {
            return self;
        }
        if let Some(token) = of_service(config, "bedrock", "AWS_BEARER_TOKEN", "") {
            return self.bearer(token);
        }
        match config.credentials_provider() {
            Some(provider) => self.aws_credentials(provider),
            None => self,
        }
    }

    /// Builds the configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which describes what is missing or wrong, and where to set it.
    pub fn build(self) -> Result<Config, ConfigError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let variant = EndpointVariant {
            fips: self.fips.unwrap_or(false),
            dual_stack: self.dual_stack.unwrap_or(false),
        };
        let url = self.runtime_url.as_ref().or(self.endpoint_url.as_ref());
        let endpoint = match (url, &self.region) {
            (Some(_), _) if variant != EndpointVariant::default() => {
                return Err(EndpointError::UrlWithVariant.into());
            }
            (Some(GivenUrl(url)), _) => Endpoint::from_url(url)?,
            (None, Some(region)) => Endpoint::for_region(region, variant)?,
            (None, None) => return Err(ConfigError::NoRegion),
        };
        let auth = self.auth.ok_or(self.failed_auth.unwrap_or(ConfigError::NoCredentials))?;
        let other_endpoint = match &self.endpoint_url {
            Some(_) if self.runtime_url.is_none() => Some(endpoint.clone()),
            Some(GivenUrl(url)) => Some(Endpoint::from_url(url)?),
            None => None,
        };
        let of_url = other_endpoint.as_ref().and_then(Route::of_endpoint);
        let route = self.route.or(of_url).unwrap_or_default();
        #[cfg(feature = "sigv4")]
        if matches!(auth, Auth::SigV4(_) | Auth::ShortTermBearer(_)) && self.region.is_none() {
            return Err(ConfigError::NoSigningRegion);
        }
        Ok(Config {
            endpoint: Arc::new(endpoint),
            other_endpoint: other_endpoint.map(Arc::new),
            variant,
            route,
            openai_base_url: base_url(self.openai_base_url)?,
            anthropic_base_url: base_url(self.anthropic_base_url)?,
            region: self.region.map(Into::into),
            auth,
            timeouts: self.timeouts.unwrap_or_default(),
            retry: self.retry.unwrap_or_default(),
            max_response_len: self.max_response_len.unwrap_or(MAX_RESPONSE_LEN),
            limits: self.limits,
            max_streams_per_connection: self.max_streams_per_connection.unwrap_or(MAX_STREAMS).max(1),
        })
    }
}

fn base_url(given: Option<GivenBaseUrl>) -> Result<Option<Arc<BaseUrl>>, ConfigError> {
    let base = given.map(|GivenBaseUrl(GivenUrl(url), route)| BaseUrl::new(&url, route)).transpose()?;
    Ok(base.map(Arc::new))
}

impl fmt::Debug for GivenUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        without_password(&self.0).fmt(f)
    }
}

#[cfg(feature = "aws-types")]
fn sdk_retry(config: &aws_types::SdkConfig) -> Option<Retry> {
    config.retry_config().map(|retry| Retry::default().max_attempts(retry.max_attempts()))
}

/// A timeout that the SDK's configuration disables, or does not set, stays at its default here.
#[cfg(feature = "aws-types")]
fn sdk_timeouts(config: &aws_types::SdkConfig) -> Option<Timeouts> {
    let given = config.timeout_config()?;
    let to_the_head = [given.read_timeout(), given.operation_attempt_timeout(), given.operation_timeout()];
    let default = Timeouts::default();
    let first_byte = to_the_head.into_iter().flatten().min().or(default.first_byte);
    Some(default.connect(given.connect_timeout().or(default.connect)).first_byte(first_byte))
}

/// In the SDK's order of precedence: set by the program, else for the service, else for all services.
#[cfg(feature = "aws-types")]
fn sdk_endpoint_url(config: &aws_types::SdkConfig) -> Option<String> {
    let general = config.endpoint_url().map(str::to_owned);
    if general.is_some() && config.get_origin("endpoint_url").is_client_config() {
        return general;
    }
    of_service(config, "Bedrock Runtime", "AWS_ENDPOINT_URL", "endpoint_url").or(general)
}

/// A service-specific setting of the environment, else of the profile.
#[cfg(feature = "aws-types")]
fn of_service(
    config: &aws_types::SdkConfig,
    service: &str,
    variable: &str,
    property: &str,
) -> Option<String> {
    let key = aws_types::service_config::ServiceConfigKey::builder();
    let key = key.service_id(service).env(variable).profile(property).build().ok()?;
    config.service_config()?.load_config(key)
}

/// Several times the longest answer of any model, images included.
const MAX_RESPONSE_LEN: usize = 64 * 1024 * 1024;
/// The minimum that servers should allow (RFC 9113, 6.5.2), and what most do.
const MAX_STREAMS: usize = 100;

#[cfg(all(test, feature = "aws-types"))]
mod tests {
    use core::time::Duration;

    use super::*;

    #[tokio::test]
    async fn sdk_config_fills_what_is_missing() {
        use aws_credential_types::provider::SharedCredentialsProvider;
        use aws_types::SdkConfig;
        use aws_types::region::Region;

        let keys = aws_credential_types::Credentials::new("AKIDSDK", "hunter2", None, None, "test");
        let sdk = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .use_fips(true)
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        let config = Config::builder().sdk_config(&sdk).build().unwrap();
        assert_eq!(config.endpoint().to_string(), "https://bedrock-runtime-fips.eu-west-1.amazonaws.com");
        let now = std::time::SystemTime::now();
        let request =
            config.request(&crate::Operation::converse("m").unwrap(), "{}".into(), now).await.unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap();
        assert!(authorization.contains("Credential=AKIDSDK/"), "{authorization}");
        assert!(!format!("{config:?}").contains("hunter2"));

        let given = Config::builder().region("us-east-1").auth(Auth::None).fips(false);
        let config =
            given.sdk_config(&sdk.into_builder().endpoint_url("http://all").build()).build().unwrap();
        assert_eq!((config.region(), &*config.endpoint().to_string()), (Some("us-east-1"), "http://all"));
        assert!(matches!(config.auth, Auth::None));
    }

    #[test]
    fn the_attempts_and_timeouts_of_the_sdk_are_taken_unless_others_are_set() {
        use aws_smithy_types::retry::RetryConfig;
        use aws_smithy_types::timeout::TimeoutConfig;
        use aws_types::SdkConfig;

        let secs = Duration::from_secs;
        let sdk = |retry, timeouts| SdkConfig::builder().retry_config(retry).timeout_config(timeouts).build();
        let built = |builder: ConfigBuilder, sdk: &SdkConfig| {
            let config = builder.region("us-east-1").auth(Auth::None).sdk_config(sdk).build().unwrap();
            (config.timeouts(), config.retry)
        };
        let connect = || TimeoutConfig::builder().connect_timeout(secs(2));
        for given in [
            connect().read_timeout(secs(7)),
            connect().operation_attempt_timeout(secs(7)).operation_timeout(secs(9)),
            connect().operation_timeout(secs(7)).read_timeout(secs(8)),
        ] {
            assert_eq!(
                built(Config::builder(), &sdk(RetryConfig::disabled(), given.build())),
                (Timeouts::default().connect(secs(2)).first_byte(secs(7)), Retry::none())
            );
        }
        let given = sdk(RetryConfig::disabled(), connect().read_timeout(secs(7)).build());
        let own = (Timeouts::default().total(secs(20)), Retry::default().max_attempts(5));
        assert_eq!(built(Config::builder().timeouts(own.0).retry(own.1), &given), own);
        let none = sdk(RetryConfig::standard().with_max_attempts(9), TimeoutConfig::disabled());
        let nine = (Timeouts::default(), Retry::default().max_attempts(9));
        assert_eq!(built(Config::builder(), &none), nine);
        let empty = SdkConfig::builder().build();
        assert_eq!(built(Config::builder(), &empty), (Timeouts::default(), Retry::default()));
    }

    #[test]
    fn service_specific_settings_of_the_sdk_take_precedence() {
        use aws_types::SdkConfig;
        use aws_types::region::Region;
        use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

        #[derive(Debug)]
        struct Environment;
        impl LoadServiceConfig for Environment {
            fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
                match (key.env(), key.service_id()) {
                    ("AWS_ENDPOINT_URL", "Bedrock Runtime") => Some("http://bedrock".to_owned()),
                    ("AWS_BEARER_TOKEN", "bedrock") => Some("a-key".to_owned()),
                    _ => None,
                }
            }
        }
        let sdk = SdkConfig::builder().region(Region::new("eu-west-1")).service_config(Environment).build();
        let config = Config::builder().sdk_config(&sdk).build().unwrap();
        assert_eq!(config.endpoint().to_string(), "http://bedrock");
        assert!(matches!(config.auth, Auth::Bearer(_)));
        let general = sdk.into_builder().endpoint_url("http://all").build();
        let config = Config::builder().sdk_config(&general).build().unwrap();
        assert_eq!(config.endpoint().to_string(), "http://bedrock");
    }
}
