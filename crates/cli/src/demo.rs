use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroU32;

use bedrock_stream_testkit::{FakeBedrock, StartError};

use crate::credentials::Credentials;
use crate::dialect::Dialect;

/// The fake Bedrock inside this program, and the credentials that it accepts.
pub(crate) struct Demo {
    bedrock: FakeBedrock,
    credentials: Credentials,
}

impl Demo {
    /// The model that is asked in this dialect unless another is named. The fake has every model, but the id of an
    /// invoked one names the vendor, whose request and answer are meant.
    pub(crate) const fn model(dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Invoke => "anthropic.bedrock-stream-demo-v1:0",
            Dialect::Converse | Dialect::Chat | Dialect::Responses | Dialect::Messages => {
                "bedrock-stream.demo-v1:0"
            }
        }
    }

    pub(crate) async fn start() -> Result<Self, StartError> {
        // `RandomState` is the only source of randomness in the standard library.
        let secret = format!("{:016x}", RandomState::new().hash_one(0));
        let credentials = Credentials::new("demo", secret);
        let bedrock = FakeBedrock::builder()
            .credentials(credentials.for_server())
            .tokens_per_second(RATE)
            .start()
            .await?;
        Ok(Self { bedrock, credentials })
    }

    pub(crate) fn url(&self) -> String {
        self.bedrock.url()
    }

    pub(crate) const fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

/// The tokens per second: about the speed of a large model.
const RATE: NonZeroU32 = NonZeroU32::new(40).unwrap();
