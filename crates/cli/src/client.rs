use std::env;
use std::time::Instant;

use bedrock_stream_core::answer::{Chunk, Decode};
use bedrock_stream_core::converse::Request;
use bedrock_stream_dialects::{Dialect, InvokeDecoder, SseDecoder};
use bedrock_stream_http::{BoxBody, BoxTransport, ChunkStream, Config, Error, Received, Timeouts, Timer};

use crate::args::Transport;

/// A client over either transport.
pub(crate) struct Client {
    client: bedrock_stream_http::Client<BoxTransport>,
    transport: Transport,
}

/// A request in one of the dialects. The body of all but Converse's is sent byte for byte.
pub(crate) enum DialectRequest {
    Converse { model: String, request: Box<Request> },
    Invoke { model: String, body: Vec<u8> },
    Chat { body: Vec<u8> },
    Responses { body: Vec<u8> },
    Messages { body: Vec<u8> },
}

/// The chunks of one answer, over either transport.
pub(crate) enum Chunks {
    Converse(Box<ChunkStream<BoxBody>>),
    Invoke(Box<ChunkStream<BoxBody, InvokeDecoder>>),
    Sse(Box<ChunkStream<BoxBody, SseDecoder>>),
}

impl Client {
    pub(crate) fn new(transport: Transport, config: Config) -> Result<Self, Error> {
        Ok(Self { client: Self::plain(transport, config)?, transport })
    }

    /// The client of the library.
    pub(crate) fn plain(
        transport: Transport,
        config: Config,
    ) -> Result<bedrock_stream_http::Client<BoxTransport>, Error> {
        Ok(match transport {
            Transport::Reqwest => bedrock_stream_reqwest::Client::new(config)?.boxed(),
            Transport::Hyper => bedrock_stream_hyper::Client::new(config)?.boxed(),
        })
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
    pub(crate) async fn chunks(&self, dialect_request: &DialectRequest) -> Result<Chunks, Error> {
        let Self { client, .. } = self;
        Ok(match dialect_request {
            DialectRequest::Converse { model, request } => {
                Chunks::Converse(Box::new(client.converse_stream(model, &**request).await?))
            }
            DialectRequest::Invoke { model, body } => {
                Chunks::Invoke(Box::new(client.invoke_stream(model, body.clone()).await?))
            }
            DialectRequest::Chat { body } => Chunks::Sse(Box::new(client.chat_stream(body.clone()).await?)),
            DialectRequest::Responses { body } => {
                Chunks::Sse(Box::new(client.responses_stream(body.clone()).await?))
            }
            DialectRequest::Messages { body } => {
                Chunks::Sse(Box::new(client.messages_stream(body.clone()).await?))
            }
        })
    }

    /// The same, but also shows an answer that ends before its first chunk.
    pub(crate) async fn open(&self, dialect_request: &DialectRequest) -> Result<Chunks, Error> {
        let Self { client, .. } = self;
        let begun = Instant::now();
        let sse = |dialect| SseDecoder::new(Some(dialect));
        Ok(match dialect_request {
            DialectRequest::Converse { model, request } => {
                let response = client.converse_stream(model, &**request).open().await?;
                Chunks::Converse(Box::new(self.timed(ChunkStream::new(response), begun)))
            }
            DialectRequest::Invoke { model, body } => {
                let response = client.invoke_stream(model, body.clone()).open().await?;
                let stream = ChunkStream::with_decoder(response, InvokeDecoder::new(None));
                Chunks::Invoke(Box::new(self.timed(stream, begun)))
            }
            DialectRequest::Chat { body } => {
                let response = client.chat_stream(body.clone()).open().await?;
                Chunks::Sse(Box::new(
                    self.timed(ChunkStream::with_decoder(response, sse(Dialect::Chat)), begun),
                ))
            }
            DialectRequest::Responses { body } => {
                let response = client.responses_stream(body.clone()).open().await?;
                Chunks::Sse(Box::new(
                    self.timed(ChunkStream::with_decoder(response, sse(Dialect::Responses)), begun),
                ))
            }
            DialectRequest::Messages { body } => {
                let response = client.messages_stream(body.clone()).open().await?;
                Chunks::Sse(Box::new(
                    self.timed(ChunkStream::with_decoder(response, sse(Dialect::Messages)), begun),
                ))
            }
        })
    }

    /// The stream starts its own clock, but the total limit covers the whole request, which started at `begun`.
    fn timed<D: Decode>(&self, stream: ChunkStream<BoxBody, D>, begun: Instant) -> ChunkStream<BoxBody, D> {
        let timeouts = self.client.config().timeouts();
        let left = |timeouts: Timeouts| match timeouts.total {
            Some(total) => timeouts.total(total.saturating_sub(begun.elapsed())),
            None => timeouts,
        };
        stream.with_timer(Timer::new(tokio::time::sleep), left(timeouts))
    }
}

impl DialectRequest {
    /// Whether the answer comes as server-sent events.
    pub(crate) const fn is_answered_by_sse(&self) -> bool {
        matches!(self, Self::Chat { .. } | Self::Responses { .. } | Self::Messages { .. })
    }
}

impl Chunks {
    /// AWS's id of the request, if there is one.
    pub(crate) fn request_id(&self) -> Option<&str> {
        match self {
            Self::Converse(stream) => stream.request_id(),
            Self::Invoke(stream) => stream.request_id(),
            Self::Sse(stream) => stream.request_id(),
        }
    }

    /// Takes the next chunk, and shows what was received for it.
    pub(crate) async fn next_inspect(
        &mut self,
        see: impl FnMut(Received<'_>),
    ) -> Option<Result<Chunk, Error>> {
        match self {
            Self::Converse(stream) => stream.next_inspect(see).await,
            Self::Invoke(stream) => stream.next_inspect(see).await,
            Self::Sse(stream) => stream.next_inspect(see).await,
        }
    }
}
