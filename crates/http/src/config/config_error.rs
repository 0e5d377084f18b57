use std::path::PathBuf;

use crate::config::endpoint::EndpointError;

/// Why there is no [`Config`](crate::Config).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Neither a region nor an endpoint URL was given.
    #[error(
        "no region: set AWS_REGION, or give a region or an endpoint URL, or put one into the profile in ~/.aws/config"
    )]
    NoRegion,
    /// Requests to an endpoint URL are to be signed, and a signature holds for one region.
    #[error("no region to sign requests for: set AWS_REGION or give a region beside the endpoint URL")]
    NoSigningRegion,
    /// Nothing says how requests prove who sends them.
    #[error(
        "no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put keys \
         into ~/.aws/credentials, or give them to the builder; Auth::None sends requests without"
    )]
    NoCredentials,
    /// The environment, or a shared file, has an access key id without its secret, or the other way round.
    #[error("half of the credentials: {missing} is not set, and its other half is")]
    #[non_exhaustive]
    PartialCredentials {
        /// The variable, or the file's property, that is not set.
        missing: &'static str,
    },
    /// The environment has AWS credentials, which this build cannot sign with.
    #[error(
        "the environment has AWS credentials, but this program was built without the feature `sigv4`: set AWS_BEARER_TOKEN_BEDROCK"
    )]
    SigV4Disabled,
    /// `AWS_PROFILE` names a profile that is in neither shared file.
    #[error("AWS_PROFILE is \"{}\", and no such profile is in ~/.aws/config or ~/.aws/credentials", profile.escape_debug())]
    #[non_exhaustive]
    ProfileNotFound {
        /// The profile.
        profile: String,
    },
    /// The profile names a `services` section that is not in `~/.aws/config`.
    #[error(
        "the profile \"{}\" names the services \"{}\", which ~/.aws/config does not have", profile.escape_debug(), services.escape_debug()
    )]
    #[non_exhaustive]
    ServicesNotFound {
        /// The profile.
        profile: String,
        /// The section.
        services: String,
    },
    /// The profile gets its credentials in a way that needs more than the shared files.
    #[error(
        "the profile \"{}\" gets its credentials by `{setting}`, and only static keys are read from the shared files: give \
         credentials, or a provider of them, to the builder", profile.escape_debug()
    )]
    #[non_exhaustive]
    ProfileProvider {
        /// The profile.
        profile: String,
        /// The setting that says so: `sso_session`, `role_arn`, ..
        setting: &'static str,
    },
    /// A shared file cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    #[non_exhaustive]
    File {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it. It says nothing of what is in it.
        cause: String,
    },
    /// A variable, or a file's property, that is a switch is neither `true` nor `false`.
    #[error("{name} is \"{}\"; it must be true or false", value.escape_debug())]
    #[non_exhaustive]
    InvalidBool {
        /// The variable or the property.
        name: &'static str,
        /// What it holds.
        value: String,
    },
    /// The endpoint cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}
