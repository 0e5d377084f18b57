use std::env;
use std::time::Instant;

use bedrock_stream_core::converse::Request;
use bedrock_stream_http::{BoxBody, BoxTransport, ChunkStream, Config, Error, Timeouts, Timer};

use crate::args::Transport;

/// A client over either transport.
pub(crate) struct Client {
    client: bedrock_stream_http::Client<BoxTransport>,
    transport: Transport,
}

/// The chunks of one answer, over either transport.
pub(crate) type Chunks = ChunkStream<BoxBody>;

impl Client {
    pub(crate) fn new(transport: Transport, config: Config) -> Result<Self, Error> {
        let client = match transport {
            Transport::Reqwest => bedrock_stream_reqwest::Client::new(config)?.boxed(),
            Transport::Hyper => bedrock_stream_hyper::Client::new(config)?.boxed(),
        };
        Ok(Self { client, transport })
    }

    /// Whether requests go through a proxy set in the environment.
    pub(crate) fn has_proxy(&self) -> bool {
        if self.transport != Transport::Reqwest {
            return false;
        }
        let is_https = self.client.config().endpoint().is_https();
        let names: &[&str] =
            if is_https { &["HTTPS_PROXY", "https_proxy"] } else { &["HTTP_PROXY", "http_proxy"] };
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        names.iter().any(is_set) || ["ALL_PROXY", "all_proxy"].iter().any(is_set)
    }

    /// Sends a request; returns the chunks of the answer.
    pub(crate) async fn chunks(&self, model_id: &str, request: &Request) -> Result<Chunks, Error> {
        self.client.converse_stream(model_id, request).await
    }

    /// The same, but also shows an answer that ends before its first chunk.
    pub(crate) async fn open(&self, model_id: &str, request: &Request) -> Result<Chunks, Error> {
        let timer = Timer::new(tokio::time::sleep);
        let begun = Instant::now();
        let response = self.client.converse_stream(model_id, request).open().await?;
        // The stream starts its own clock, but the total limit covers the whole request.
        let timeouts = self.client.config().timeouts();
        let left = |timeouts: Timeouts| match timeouts.total {
            Some(total) => timeouts.total(total.saturating_sub(begun.elapsed())),
            None => timeouts,
        };
        Ok(ChunkStream::new(response).with_timer(timer, left(timeouts)))
    }
}
