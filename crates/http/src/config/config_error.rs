use std::path::PathBuf;

use crate::config::endpoint_error::EndpointError;

/// Why a [`Config`](crate::Config) cannot be built.
///
/// ```
/// use bedrock_stream_http::{Config, ConfigError};
///
/// let error = Config::builder().bearer("my-bedrock-api-key").build().unwrap_err();
/// assert_eq!(error, ConfigError::NoRegion);
/// assert!(error.to_string().starts_with("no region: set AWS_REGION"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is neither a region nor an endpoint URL.
    #[error(
        "no region: set AWS_REGION, or set a region or an endpoint URL in the builder or in the profile in ~/.aws/config"
    )]
    NoRegion,
    /// There is an endpoint URL and no region, and a signature is valid for one region.
    #[error(
        "no region to sign requests for: set AWS_REGION, or set a region in addition to the endpoint URL"
    )]
    NoSigningRegion,
    /// There are no credentials of any kind.
    #[error(
        "no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put keys \
         into ~/.aws/credentials, or pass them to the builder; SSO, roles and web identities need the crate `aws-config` and the \
         feature `aws-types`; Auth::None sends requests without credentials"
    )]
    NoCredentials,
    /// The environment or a shared file has an access key id without a secret, or the other way round.
    #[error("incomplete credentials: {missing} is not set")]
    #[non_exhaustive]
    PartialCredentials {
        /// The variable or property that is not set.
        missing: &'static str,
    },
    /// The environment has AWS credentials, and this build cannot sign requests.
    #[error(
        "the environment has AWS credentials, but this program was built without the feature `sigv4`: set AWS_BEARER_TOKEN_BEDROCK"
    )]
    SigV4Disabled,
    /// `AWS_PROFILE` names a profile that is in neither shared file.
    #[error("AWS_PROFILE is \"{}\", and neither ~/.aws/config nor ~/.aws/credentials has that profile", profile.escape_debug())]
    #[non_exhaustive]
    ProfileNotFound {
        /// The profile.
        profile: String,
    },
    /// The profile refers to a `services` section that is not in `~/.aws/config`.
    #[error(
        "the profile \"{}\" refers to the services section \"{}\", which is not in ~/.aws/config", profile.escape_debug(), services.escape_debug()
    )]
    #[non_exhaustive]
    ServicesNotFound {
        /// The profile.
        profile: String,
        /// The section.
        services: String,
    },
    /// The profile gets its credentials in a way that this crate does not implement.
    #[error(
        "the profile \"{}\" gets its credentials by `{setting}`, and only static keys are read from the shared files: load it with the \
         crate `aws-config` and pass the result to `sdk_config` of the builder (feature `aws-types`), or pass credentials or a \
         provider", profile.escape_debug()
    )]
    #[non_exhaustive]
    ProfileProvider {
        /// The profile.
        profile: String,
        /// The setting: `sso_session`, `role_arn`, ..
        setting: &'static str,
    },
    /// A shared file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, without its contents.
        cause: String,
    },
    /// A boolean variable or property is neither `true` nor `false`.
    #[error("{name} is \"{}\"; it must be true or false", value.escape_debug())]
    #[non_exhaustive]
    InvalidBool {
        /// The variable or the property.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The endpoint is invalid.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}
