use crate::auth::Auth;
#[cfg(feature = "sigv4")]
use crate::auth::Credentials;
use crate::config::config_builder::{ConfigBuilder, GivenBaseUrl, GivenUrl};
use crate::config::config_error::ConfigError;
use crate::config::profile::{Keys, Profile};

/// The environment.
impl ConfigBuilder {
    /// Fills in settings that have not been set yet from environment variables, which have the same meaning as in the
    /// AWS SDKs. An empty variable counts as unset:
    ///
    /// - `AWS_REGION`, else `AWS_DEFAULT_REGION`
    /// - `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` for Bedrock Runtime, else `AWS_ENDPOINT_URL` for every service, unless
    ///   `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`
    /// - `AWS_BEDROCK_BASE_URL`, which OpenAI's SDKs read: [`openai_base_url`](Self::openai_base_url)
    /// - `ANTHROPIC_BEDROCK_MANTLE_BASE_URL`, which Anthropic's SDKs read:
    ///   [`anthropic_base_url`](Self::anthropic_base_url). Both are taken for URLs of Bedrock Mantle unless the host is
    ///   Bedrock Runtime's own
    /// - `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`
    /// - `AWS_BEARER_TOKEN_BEDROCK`, else `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`
    ///
    /// and then from the profile `AWS_PROFILE`, or `default`, of the shared files `~/.aws/config` and `~/.aws/credentials`,
    /// or those named by `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`:
    ///
    /// - `region`
    /// - `endpoint_url` of `bedrock_runtime` in the profile's `services`, else the profile's `endpoint_url`, unless
    ///   `ignore_configured_endpoint_urls`
    /// - `use_fips_endpoint`, `use_dualstack_endpoint`
    /// - `aws_access_key_id`, `aws_secret_access_key` and `aws_session_token`. A profile with a role, SSO or a process is
    ///   an error: use a credentials provider instead.
    ///
    /// and finally from `ANTHROPIC_AWS_API_KEY`, an API key that otherwise only Anthropic's SDKs read.
    #[must_use]
    pub fn env(self) -> Self {
        self.env_from(|name| std::env::var(name).ok())
    }

    /// Like [`env`](Self::env), with another source of variables. The source includes `HOME`: without that and the two
    /// variables that name the shared files, no file is read.
    #[must_use]
    pub fn env_from(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        if let Err(error) = self.take_env(&|name| variable(name).filter(|value| !value.is_empty())) {
            self.failed.get_or_insert(error);
        }
        self
    }

    fn take_env(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        let profile = Profile::read(variable)?;
        let switch = |name, property: &'static str| match variable(name) {
            Some(value) => boolean(name, Some(value)),
            None => boolean(property, profile.value(property)),
        };
        if self.region.is_none() {
            let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
            self.region = region.or_else(|| profile.value("region"));
        }
        let ignore_urls = switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")?;
        if self.endpoint_url.is_none() && ignore_urls != Some(true) {
            let (runtime, any) = (variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"), variable("AWS_ENDPOINT_URL"));
            // Any variable takes precedence over the profile.
            if self.runtime_url.is_none() {
                let runtime =
                    if any.is_none() && runtime.is_none() { profile.runtime_url()? } else { runtime };
                self.runtime_url = runtime.map(GivenUrl);
            }
            self.endpoint_url = any.or_else(|| profile.value("endpoint_url")).map(GivenUrl);
        }
        for (given, name) in [
            (&mut self.openai_base_url, "AWS_BEDROCK_BASE_URL"),
            (&mut self.anthropic_base_url, "ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
        ] {
            if given.is_none() {
                *given =
                    variable(name).map(|url| GivenBaseUrl(GivenUrl(base_of(url.trim()).to_owned()), None));
            }
        }
        if self.fips.is_none() {
            self.fips = switch("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?;
        }
        if self.dual_stack.is_none() {
            self.dual_stack = switch("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?;
        }
        if self.auth.is_none() {
            match env_auth(variable, &profile) {
                Ok(auth) => self.auth = auth,
                Err(error) => self.failed_auth = Some(error),
            }
        }
        Ok(())
    }
}

/// OpenAI's SDKs also accept the complete URL of a request to Responses.
fn base_of(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix("/responses").unwrap_or(url)
}

fn env_auth(
    variable: &dyn Fn(&str) -> Option<String>,
    profile: &Profile,
) -> Result<Option<Auth>, ConfigError> {
    if let Some(token) = variable("AWS_BEARER_TOKEN_BEDROCK") {
        return Ok(Some(Auth::bearer(token)));
    }
    if let Some(keys) = env_keys(variable)? {
        return signed(keys).map(Some);
    }
    match profile.keys()? {
        Some(keys) => signed(keys).map(Some),
        None => Ok(variable("ANTHROPIC_AWS_API_KEY").map(Auth::bearer)),
    }
}

fn boolean(name: &'static str, value: Option<String>) -> Result<Option<bool>, ConfigError> {
    match value {
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(value) => Err(ConfigError::InvalidBool { name, value }),
        None => Ok(None),
    }
}

fn env_keys(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Keys>, ConfigError> {
    let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    match (variable(id), variable(secret)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ConfigError::PartialCredentials { missing: id }),
        (Some(_), None) => Err(ConfigError::PartialCredentials { missing: secret }),
        (Some(access_key_id), Some(secret_access_key)) => {
            let session_token = variable("AWS_SESSION_TOKEN");
            Ok(Some(Keys { access_key_id, secret_access_key, session_token }))
        }
    }
}

#[cfg(feature = "sigv4")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature, it is an error")]
fn signed(keys: Keys) -> Result<Auth, ConfigError> {
    let credentials = Credentials::new(keys.access_key_id, keys.secret_access_key);
    Ok(Auth::sigv4(match keys.session_token {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    }))
}

#[cfg(not(feature = "sigv4"))]
fn signed(_: Keys) -> Result<Auth, ConfigError> {
    Err(ConfigError::SigV4Disabled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::operation::Operation;
    use crate::client::route::Route;
    use crate::config::config::Config;
    use crate::config::endpoint_error::EndpointError;

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
    fn the_service_specific_endpoint_variable_takes_precedence() {
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

    /// Where an operation's requests go, by these variables.
    fn target(variables: &[(&str, &str)], operation: &Operation) -> String {
        let config = build(variables).unwrap();
        let target = config.target(operation).unwrap();
        format!("{} {}{}", target.signing_name, target.endpoint, target.path_and_query)
    }

    #[test]
    fn a_vendors_base_url_applies_to_that_vendors_operations() {
        let openai = ("AWS_BEDROCK_BASE_URL", " https://proxy.example/openai/v1/responses/ ");
        let anthropic = (
            "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/anthropic",
        );
        let variables = [TOKEN, REGION, openai, anthropic];
        for (operation, expected) in [
            (Operation::chat(), "bedrock-mantle https://proxy.example/openai/v1/chat/completions"),
            (Operation::responses_stream(), "bedrock-mantle https://proxy.example/openai/v1/responses"),
            (
                Operation::messages(),
                "bedrock https://bedrock-runtime.eu-west-1.amazonaws.com/anthropic/v1/messages",
            ),
            (
                Operation::chat().route(Route::Mantle),
                "bedrock-mantle https://bedrock-mantle.us-east-1.api.aws/v1/chat/completions",
            ),
            (
                Operation::invoke("m").unwrap(),
                "bedrock https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke",
            ),
        ] {
            assert_eq!(target(&variables, &operation), expected);
        }
        assert!(build(&[TOKEN, REGION, ("AWS_BEDROCK_BASE_URL", "proxy")]).is_err());
    }

    #[test]
    fn the_runtimes_own_variable_applies_to_the_runtime_only() {
        let own = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://runtime");
        let any = ("AWS_ENDPOINT_URL", "http://any");
        let mantle = Operation::messages().route(Route::Mantle);
        let runtime = Operation::messages();
        for (variables, on_mantle, on_runtime) in [
            (&[TOKEN, REGION, own][..], "https://bedrock-mantle.us-east-1.api.aws", "http://runtime"),
            (&[TOKEN, REGION, own, any], "http://any", "http://runtime"),
            (&[TOKEN, REGION, any], "http://any", "http://any"),
        ] {
            let path = "/anthropic/v1/messages";
            assert_eq!(target(variables, &mantle), format!("bedrock-mantle {on_mantle}{path}"));
            assert_eq!(target(variables, &runtime), format!("bedrock {on_runtime}{path}"));
        }
        let error = build(&[TOKEN, own]).unwrap().target(&mantle).unwrap_err();
        assert_eq!(error, ConfigError::NoRegion);
        // Later settings take precedence.
        let later =
            with(Config::builder(), &[TOKEN, REGION, own]).endpoint_url("http://later").build().unwrap();
        assert_eq!(later.endpoint().to_string(), "http://later");
    }

    #[test]
    fn a_custom_url_uses_the_given_route_or_that_of_its_host() {
        let build = |builder: ConfigBuilder| builder.region("us-east-1").auth(Auth::None).build().unwrap();
        for (config, expected) in [
            (build(Config::builder()), Route::Runtime),
            (build(Config::builder().endpoint_url("http://proxy")), Route::Runtime),
            (
                build(Config::builder().endpoint_url("http://proxy").route(Route::MantleOpenAi)),
                Route::MantleOpenAi,
            ),
            (
                build(Config::builder().endpoint_url("https://bedrock-mantle.us-east-1.api.aws")),
                Route::Mantle,
            ),
            (
                build(Config::builder().endpoint_url("https://bedrock-mantle.us-east-1.api.aws.example")),
                Route::Runtime,
            ),
        ] {
            assert_eq!(config.route(), expected);
            let operation = Operation::chat();
            let target = config.target(&operation).unwrap();
            assert_eq!(target.signing_name, expected.signing_name());
        }
    }

    #[test]
    fn anthropics_own_key_is_used_last() {
        let key = ("ANTHROPIC_AWS_API_KEY", "key");
        assert!(matches!(build(&[REGION, key]).unwrap().auth, Auth::Bearer(_)));
        #[cfg(feature = "sigv4")]
        assert!(matches!(build(&[REGION, key, KEYS[0], KEYS[1]]).unwrap().auth, Auth::SigV4(_)));
    }

    #[test]
    fn explicit_settings_override_the_environment() {
        let given = Config::builder().region("us-west-2").endpoint_url("http://mine").auth(Auth::None);
        let config = with(given, &[TOKEN, REGION, ("AWS_ENDPOINT_URL", "http://all")]).build().unwrap();
        assert_eq!(config.region(), Some("us-west-2"));
        assert_eq!(config.endpoint().to_string(), "http://mine");
        assert!(matches!(config.auth, Auth::None));
    }

    #[test]
    fn later_settings_override_unusable_credentials() {
        let half = with(Config::builder(), &[REGION, ("AWS_ACCESS_KEY_ID", "AKID")]);
        assert!(matches!(half.clone().build(), Err(ConfigError::PartialCredentials { .. })));
        assert!(matches!(half.bearer("token").build().unwrap().auth, Auth::Bearer(_)));
    }

    #[test]
    fn no_request_is_sent_unsigned_by_mistake() {
        assert_eq!(build(&[REGION]).unwrap_err(), ConfigError::NoCredentials);
        let half = build(&[REGION, ("AWS_ACCESS_KEY_ID", "AKID")]).unwrap_err();
        assert_eq!(half, ConfigError::PartialCredentials { missing: "AWS_SECRET_ACCESS_KEY" });
        let half = build(&[REGION, ("AWS_SECRET_ACCESS_KEY", "hunter2")]).unwrap_err();
        assert!(!format!("{half} {half:?}").contains("hunter2"));
    }

    const KEYS: [(&str, &str); 3] = [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_SESSION_TOKEN", "session3"),
    ];

    #[test]
    fn a_bearer_token_takes_precedence_over_keys() {
        let config = build(&[REGION, TOKEN, KEYS[0], KEYS[1]]).unwrap();
        assert!(matches!(config.auth, Auth::Bearer(_)));
        assert!(!format!("{config:?}").contains("token\""));
    }

    #[cfg(feature = "sigv4")]
    #[test]
    fn keys_need_a_region_and_are_never_shown() {
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
        assert_eq!(build(&[REGION, KEYS[0], KEYS[1], KEYS[2]]).unwrap_err(), ConfigError::SigV4Disabled);
    }
}
