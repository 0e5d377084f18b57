use std::sync::Arc;

use crate::auth::Auth;
use crate::config::Config;
use crate::config_error::ConfigError;
#[cfg(feature = "sigv4")]
use crate::credentials::{Credentials, ProvideCredentials};
use crate::deadlines::Deadlines;
use crate::endpoint::{Endpoint, EndpointError, Variant};
use crate::retry::Retry;

/// Builds a [`Config`]. What was given wins over the environment.
#[derive(Clone, Debug, Default)]
pub struct ConfigBuilder {
    region: Option<String>,
    endpoint_url: Option<String>,
    fips: Option<bool>,
    dual_stack: Option<bool>,
    auth: Option<Auth>,
    deadlines: Deadlines,
    retry: Retry,
    /// What was wrong with the environment, told by `build`.
    failed: Option<ConfigError>,
}

impl ConfigBuilder {
    /// The region whose endpoint is used and for which requests are signed.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Another endpoint than the region's: `http://` or `https://`, a host, and perhaps a path, which is kept.
    #[must_use]
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Whether the region's FIPS endpoint is used.
    #[must_use]
    pub fn fips(mut self, fips: bool) -> Self {
        self.fips = Some(fips);
        self
    }

    /// Whether the region's dual-stack endpoint is used.
    #[must_use]
    pub fn dual_stack(mut self, dual_stack: bool) -> Self {
        self.dual_stack = Some(dual_stack);
        self
    }

    /// How requests prove who sends them.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// How long each part of a request may take.
    #[must_use]
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// When a request is sent again. By default after what may pass, up to three attempts in all.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// [`Auth::Bearer`] with a Bedrock API key.
    #[must_use]
    pub fn bearer(self, token: impl Into<Arc<str>>) -> Self {
        self.auth(Auth::bearer(token))
    }

    /// [`Auth::SigV4`] with [`Credentials`], or a provider of them.
    #[cfg(feature = "sigv4")]
    #[must_use]
    pub fn credentials(self, credentials: impl ProvideCredentials + 'static) -> Self {
        self.auth(Auth::sigv4(credentials))
    }

    /// Takes what was not given so far from the process's environment variables, which mean what they mean to the AWS
    /// SDKs; an empty one is as good as none:
    ///
    /// - `AWS_REGION`, else `AWS_DEFAULT_REGION`
    /// - `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, else `AWS_ENDPOINT_URL`, unless `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`
    /// - `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`
    /// - `AWS_BEARER_TOKEN_BEDROCK`, else `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`
    #[must_use]
    pub fn env(self) -> Self {
        self.env_from(|name| std::env::var(name).ok())
    }

    /// The same with another source of variables.
    #[must_use]
    pub fn env_from(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        if let Err(error) = self.take_env(&|name| variable(name).filter(|value| !value.is_empty())) {
            self.failed.get_or_insert(error);
        }
        self
    }

    /// The configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: what is missing, or wrong, and where it may be set.
    pub fn build(self) -> Result<Config, ConfigError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let variant =
            Variant { fips: self.fips.unwrap_or(false), dual_stack: self.dual_stack.unwrap_or(false) };
        let endpoint = match (&self.endpoint_url, &self.region) {
            (Some(_), _) if variant != Variant::default() => return Err(EndpointError::UrlWithVariant.into()),
            (Some(url), _) => Endpoint::from_url(url)?,
            (None, Some(region)) => Endpoint::for_region(region, variant)?,
            (None, None) => return Err(ConfigError::NoRegion),
        };
        let auth = self.auth.ok_or(ConfigError::NoAuth)?;
        #[cfg(feature = "sigv4")]
        if matches!(auth, Auth::SigV4(_)) && self.region.is_none() {
            return Err(ConfigError::NoSigningRegion);
        }
        Ok(Config {
            endpoint: Arc::new(endpoint),
            region: self.region.map(Into::into),
            auth,
            deadlines: self.deadlines,
            retry: self.retry,
        })
    }

    fn take_env(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        let switch = |name| match variable(name) {
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(value) => Err(ConfigError::NotBool { name, value }),
            None => Ok(None),
        };
        if self.region.is_none() {
            self.region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        }
        let ignore_urls = switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.unwrap_or(false);
        if self.endpoint_url.is_none() && !ignore_urls {
            self.endpoint_url =
                variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME").or_else(|| variable("AWS_ENDPOINT_URL"));
        }
        if self.fips.is_none() {
            self.fips = switch("AWS_USE_FIPS_ENDPOINT")?;
        }
        if self.dual_stack.is_none() {
            self.dual_stack = switch("AWS_USE_DUALSTACK_ENDPOINT")?;
        }
        if self.auth.is_none() {
            self.auth = match variable("AWS_BEARER_TOKEN_BEDROCK") {
                Some(token) => Some(Auth::bearer(token)),
                None => env_credentials(variable)?,
            };
        }
        Ok(())
    }
}

fn env_credentials(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Auth>, ConfigError> {
    let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    match (variable(id), variable(secret)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ConfigError::HalfCredentials { missing: id }),
        (Some(_), None) => Err(ConfigError::HalfCredentials { missing: secret }),
        #[cfg(feature = "sigv4")]
        (Some(id), Some(secret)) => {
            let credentials = Credentials::new(id, secret);
            Ok(Some(Auth::sigv4(match variable("AWS_SESSION_TOKEN") {
                Some(token) => credentials.with_session_token(token),
                None => credentials,
            })))
        }
        #[cfg(not(feature = "sigv4"))]
        (Some(_), Some(_)) => Err(ConfigError::SigV4Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        with(ConfigBuilder::default(), variables).build()
    }

    fn with(builder: ConfigBuilder, variables: &[(&str, &str)]) -> ConfigBuilder {
        builder.env_from(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const TOKEN: (&str, &str) = ("AWS_BEARER_TOKEN_BEDROCK", "token");
    const REGION: (&str, &str) = ("AWS_REGION", "us-east-1");

    #[test]
    fn the_region_comes_from_either_variable() {
        let config = build(&[TOKEN, REGION, ("AWS_DEFAULT_REGION", "eu-west-1")]).unwrap();
        assert_eq!(config.region(), Some("us-east-1"));
        let config = build(&[TOKEN, ("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-west-1")]).unwrap();
        assert_eq!(config.endpoint().to_string(), "https://bedrock-runtime.eu-west-1.amazonaws.com");
        assert_eq!(build(&[TOKEN]).unwrap_err(), ConfigError::NoRegion);
    }

    #[test]
    fn the_endpoint_comes_from_the_narrower_variable() {
        let urls = [
            TOKEN,
            ("AWS_ENDPOINT_URL", "http://all"),
            ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://bedrock/x"),
        ];
        assert_eq!(build(&urls).unwrap().endpoint().to_string(), "http://bedrock/x");
        assert_eq!(build(&urls[..2]).unwrap().endpoint().to_string(), "http://all");
        let ignored = [TOKEN, REGION, urls[1], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE")];
        assert!(build(&ignored).unwrap().endpoint().is_https());
        let fips =
            [TOKEN, REGION, ("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "false")];
        let endpoint = build(&fips).unwrap().endpoint().to_string();
        assert_eq!(endpoint, "https://bedrock-runtime-fips.us-east-1.amazonaws.com");
        let both = [TOKEN, urls[1], fips[2]];
        assert_eq!(build(&both).unwrap_err(), EndpointError::UrlWithVariant.into());
        let error = build(&[TOKEN, REGION, ("AWS_USE_FIPS_ENDPOINT", "yes")]).unwrap_err();
        assert_eq!(error.to_string(), "AWS_USE_FIPS_ENDPOINT is \"yes\"; it must be true or false");
    }

    #[test]
    fn what_was_given_wins_over_the_environment() {
        let given = Config::builder().region("us-west-2").endpoint_url("http://mine").auth(Auth::None);
        let config = with(given, &[TOKEN, REGION, ("AWS_ENDPOINT_URL", "http://all")]).build().unwrap();
        assert_eq!(config.region(), Some("us-west-2"));
        assert_eq!(config.endpoint().to_string(), "http://mine");
        assert!(matches!(config.auth, Auth::None));
    }

    #[test]
    fn no_request_goes_out_unsigned_by_mistake() {
        assert_eq!(build(&[REGION]).unwrap_err(), ConfigError::NoAuth);
        let half = build(&[REGION, ("AWS_ACCESS_KEY_ID", "AKID")]).unwrap_err();
        assert_eq!(half, ConfigError::HalfCredentials { missing: "AWS_SECRET_ACCESS_KEY" });
        let half = build(&[REGION, ("AWS_SECRET_ACCESS_KEY", "hunter2")]).unwrap_err();
        assert!(!format!("{half} {half:?}").contains("hunter2"));
    }

    const KEYS: [(&str, &str); 3] = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_SESSION_TOKEN", "session3"),
    ];

    #[test]
    fn a_bearer_token_wins_over_keys() {
        let config = build(&[REGION, TOKEN, KEYS[0], KEYS[1]]).unwrap();
        assert!(matches!(config.auth, Auth::Bearer(_)));
        assert!(!format!("{config:?}").contains("token\""));
    }

    #[cfg(feature = "sigv4")]
    #[test]
    fn keys_sign_for_a_region_and_are_never_shown() {
        let config = build(&[REGION, KEYS[0], KEYS[1], KEYS[2]]).unwrap();
        let shown = format!("{config:?} {:#?}", with(Config::builder(), &KEYS));
        assert!(
            shown.contains("AKID") && !shown.contains("hunter2") && !shown.contains("session3"),
            "{shown}"
        );
        let url = [KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", "http://all")];
        assert_eq!(build(&url).unwrap_err(), ConfigError::NoSigningRegion);
    }

    #[cfg(not(feature = "sigv4"))]
    #[test]
    fn keys_without_a_signer_are_an_error() {
        assert_eq!(build(&[REGION, KEYS[0], KEYS[1], KEYS[2]]).unwrap_err(), ConfigError::SigV4Missing);
    }
}
