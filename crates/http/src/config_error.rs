use crate::endpoint::EndpointError;

/// Why there is no [`Config`](crate::Config).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Neither a region nor an endpoint URL was given.
    #[error("no region: set AWS_REGION or give a region, or an endpoint URL")]
    NoRegion,
    /// Requests to an endpoint URL are to be signed, and a signature holds for one region.
    #[error("no region to sign requests for: set AWS_REGION or give a region beside the endpoint URL")]
    NoSigningRegion,
    /// Nothing says how requests prove who sends them.
    #[error(
        "no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give them to \
         the builder; Auth::None sends requests without"
    )]
    NoAuth,
    /// The environment has an access key id without its secret, or the other way round.
    #[error("half of the credentials: {missing} is not set, and its other half is")]
    HalfCredentials {
        /// The variable that is not set.
        missing: &'static str,
    },
    /// The environment has AWS credentials, which this build cannot sign with.
    #[error(
        "the environment has AWS credentials, but this program was built without the feature `sigv4`: set AWS_BEARER_TOKEN_BEDROCK"
    )]
    SigV4Missing,
    /// A variable that is a switch is neither `true` nor `false`.
    #[error("{name} is \"{}\"; it must be true or false", value.escape_debug())]
    NotBool {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
    },
    /// The endpoint cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
}
