use bedrock_stream_reqwest::{Config, ConfigError, Timeouts};

use crate::args::{Seconds, wrong_usage};
use crate::credentials::Credentials;
use crate::demo::Demo;

/// Bedrock's endpoint, the credentials, and the timeouts.
pub(crate) struct Connection<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) endpoint_url: Option<&'a str>,
    pub(crate) credentials: Option<&'a Credentials>,
    pub(crate) timeout: Option<Seconds>,
    pub(crate) idle_timeout: Option<Seconds>,
    pub(crate) demo: Option<&'a Demo>,
    /// Whether the program runs for longer than temporary credentials last.
    pub(crate) is_service: bool,
}

impl Connection<'_> {
    /// The configuration of a client, from the arguments and, for everything else, the environment. If something is
    /// missing, the program ends here.
    pub(crate) fn config(&self) -> Config {
        let expiry = if self.is_service { EXPIRY } else { "" };
        match self.build() {
            Ok(config) => config,
            Err(ConfigError::NoRegion) => wrong_usage(
                "no region: set AWS_REGION, or use --region, for example --region us-east-1, or --endpoint-url; --demo needs none",
            ),
            Err(ConfigError::NoSigningRegion) => wrong_usage(
                "no region to sign for: set AWS_REGION, or use --region together with --endpoint-url",
            ),
            Err(ConfigError::NoCredentials) => wrong_usage(format_args!(
                "no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put keys into \
                 ~/.aws/credentials; for `aws sso login`, a role or an instance run `eval \"$(aws configure \
                 export-credentials --profile NAME --format env)\"`{expiry}; --demo needs none",
            )),
            Err(ConfigError::ProfileProvider { profile, setting, .. }) => {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
                // A name with characters that are special to a shell is not put into a command.
                let name = if profile.chars().all(is_plain) { &*profile } else { "NAME" };
                wrong_usage(format_args!(
                    "the profile \"{}\" gets its credentials by `{setting}`, but this program reads only static keys: run `eval \
                     \"$(aws configure export-credentials --profile {name} --format env)\"`, and then try again{expiry}",
                    profile.escape_debug()
                ))
            }
            Err(error) => wrong_usage(error),
        }
    }

    fn build(&self) -> Result<Config, ConfigError> {
        let mut timeouts = Timeouts::default();
        if let Some(Seconds(timeout)) = self.timeout {
            timeouts = timeouts.total(timeout);
        }
        if let Some(Seconds(timeout)) = self.idle_timeout {
            timeouts = timeouts.first_byte(timeout).idle(timeout);
        }
        let mut config = Config::builder().timeouts(timeouts);
        if let Some(region) = self.region {
            config = config.region(region);
        }
        if let Some(url) = self.endpoint_url {
            config = config.endpoint_url(url);
        }
        if let Some(credentials) = self.credentials.or(self.demo.map(Demo::credentials)) {
            config = config.credentials(credentials.for_client());
        }
        match self.demo {
            Some(demo) => config.region(self.region.unwrap_or("us-east-1")).endpoint_url(demo.url()).build(),
            None => config.env().build(),
        }
    }
}

/// What a service should know before it takes temporary credentials.
const EXPIRY: &str = " (these expire, and are not renewed: for a service that runs by a role, see \"Credentials of a service\" in \
                      docs/gateway.md)";
