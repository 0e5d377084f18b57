//! What the guides' programs use of `aws-config`, with the same signatures. It reads the environment only.

use std::env;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;

pub(crate) struct BehaviorVersion(());

impl BehaviorVersion {
    pub(crate) const fn latest() -> Self {
        Self(())
    }
}

pub(crate) async fn load_defaults(_: BehaviorVersion) -> SdkConfig {
    let variable = |name| env::var(name).unwrap_or_default();
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
        None,
        None,
        "environment",
    );
    SdkConfig::builder()
        .region(Region::new(variable("AWS_REGION")))
        .endpoint_url(variable("AWS_ENDPOINT_URL"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}
