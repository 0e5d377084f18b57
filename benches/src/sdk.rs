use std::fmt;
use std::future::{Future as _, poll_fn};
use std::hint::black_box;
use std::pin::pin;
use std::task::Poll;

use aws_credential_types::Credentials;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Builder, Region};
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::sdk_mock_transport::SdkMockTransport;

/// The client of the AWS SDK with its defaults, and its own runtime on the calling thread.
pub struct Sdk {
    runtime: Runtime,
    client: Client,
}

impl Sdk {
    /// A client without a network.
    #[must_use]
    pub fn in_process(pieces: Vec<Bytes>) -> Self {
        Self::new("http://127.0.0.1", |config| config.http_client(SdkMockTransport(pieces)))
    }

    /// A client over its own HTTP client, which is hyper.
    #[must_use]
    pub fn over(url: &str) -> Self {
        let http = aws_smithy_http_client::Builder::new().build_http();
        Self::new(url, |config| config.http_client(http))
    }

    fn new(url: &str, client: impl FnOnce(Builder) -> Builder) -> Self {
        let config = aws_sdk_bedrockruntime::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI", None, None, "benches"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime can be created");
        let client = Client::from_conf(client(config).build());
        Self { runtime, client }
    }

    /// Sends a request and reads the whole answer; returns the number of events.
    #[must_use]
    pub fn chunks(&self) -> usize {
        self.runtime.block_on(async {
            let mut answer = self.ask().await;
            let mut count = 0;
            while let Some(event) = answer.stream.recv().await.expect("a good stream") {
                black_box(event);
                count += 1;
            }
            count
        })
    }

    /// Opens this many streams, and reads from each until it is idle. They stay open until they are dropped.
    #[must_use]
    pub fn idle(&self, streams: usize) -> Vec<ConverseStreamOutput> {
        self.runtime.block_on(async {
            let mut idle = Vec::with_capacity(streams);
            for _ in 0..streams {
                let mut answer = self.ask().await;
                // Reads up to the first text delta, after which the server sends nothing.
                for _ in 0..2 {
                    answer.stream.recv().await.expect("a good stream").expect("two events");
                }
                {
                    let mut next = pin!(answer.stream.recv());
                    poll_fn(|cx| {
                        assert!(next.as_mut().poll(cx).is_pending(), "the stream is not idle");
                        Poll::Ready(())
                    })
                    .await;
                }
                idle.push(answer);
            }
            idle
        })
    }

    async fn ask(&self) -> ConverseStreamOutput {
        let message = Message::builder()
            .role(ConversationRole::User)
            .content(ContentBlock::Text("Why is the sky blue?".to_owned()))
            .build()
            .expect("nothing is missing");
        let request = self.client.converse_stream().model_id("us.amazon.nova-lite-v1:0").messages(message);
        request.send().await.unwrap_or_else(|error| panic!("{error:?}"))
    }
}

impl fmt::Debug for Sdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sdk").finish_non_exhaustive()
    }
}
