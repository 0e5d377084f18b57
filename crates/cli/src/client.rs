use std::env;
use std::time::Instant;

use bedrock_stream_core::answer::Chunk;
use bedrock_stream_core::converse::Request;
use bedrock_stream_reqwest::{Config, Error, ErrorDetail, Operation, Received, Timeouts, Timer};

use crate::args::Transport;

/// A client over either transport.
pub(crate) enum Client {
    Reqwest(Box<bedrock_stream_reqwest::Client>),
    Hyper(Box<bedrock_stream_hyper::Client>),
}

/// The chunks of one answer, over either transport.
pub(crate) enum Chunks {
    Reqwest(bedrock_stream_reqwest::ChunkStream),
    Hyper(bedrock_stream_hyper::ChunkStream),
}

impl Client {
    pub(crate) fn new(transport: Transport, config: Config) -> Result<Self, Error> {
        Ok(match transport {
            Transport::Reqwest => Self::Reqwest(Box::new(bedrock_stream_reqwest::Client::new(config)?)),
            Transport::Hyper => Self::Hyper(Box::new(bedrock_stream_hyper::Client::new(config)?)),
        })
    }

    /// Whether requests go through a proxy that the environment names.
    pub(crate) fn has_proxy(&self) -> bool {
        let Self::Reqwest(client) = self else { return false };
        let is_https = client.config().endpoint().to_string().starts_with("https:");
        let names: &[&str] =
            if is_https { &["HTTPS_PROXY", "https_proxy"] } else { &["HTTP_PROXY", "http_proxy"] };
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        names.iter().any(is_set) || ["ALL_PROXY", "all_proxy"].iter().any(is_set)
    }

    /// Asks a model, for the chunks of its answer.
    pub(crate) async fn chunks(&self, model_id: &str, request: &Request) -> Result<Chunks, Error> {
        Ok(match self {
            Self::Reqwest(client) => Chunks::Reqwest(client.converse_stream(model_id, request).await?),
            Self::Hyper(client) => Chunks::Hyper(client.converse_stream(model_id, request).await?),
        })
    }

    /// The same for those who want to see all of the answer, also one that ends before its first chunk.
    pub(crate) async fn open(&self, model_id: &str, request: &Request) -> Result<Chunks, Error> {
        let json = serde_json::to_vec(request).map_err(|error| ErrorDetail::Request(error.to_string()))?;
        let operation = Operation::ConverseStream;
        let timer = Timer::new(tokio::time::sleep);
        let begun = Instant::now();
        // The stream begins to count anew, and the whole request has one limit.
        let left = |timeouts: Timeouts| match timeouts.total {
            Some(total) => timeouts.total(total.saturating_sub(begun.elapsed())),
            None => timeouts,
        };
        Ok(match self {
            Self::Reqwest(client) => {
                let response = client.open(operation, model_id, json).await?;
                let chunks = bedrock_stream_reqwest::ChunkStream::new(response);
                Chunks::Reqwest(chunks.with_timer(timer, left(client.config().timeouts())))
            }
            Self::Hyper(client) => {
                let response = client.open(operation, model_id, json).await?;
                let chunks = bedrock_stream_hyper::ChunkStream::new(response);
                Chunks::Hyper(chunks.with_timer(timer, left(client.config().timeouts())))
            }
        })
    }
}

impl Chunks {
    pub(crate) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Reqwest(chunks) => chunks.request_id(),
            Self::Hyper(chunks) => chunks.request_id(),
        }
    }

    /// The next chunk, and what is seen on the way to it.
    pub(crate) async fn next_inspect(
        &mut self,
        see: impl FnMut(Received<'_>),
    ) -> Option<Result<Chunk, Error>> {
        match self {
            Self::Reqwest(chunks) => chunks.next_inspect(see).await,
            Self::Hyper(chunks) => chunks.next_inspect(see).await,
        }
    }
}
