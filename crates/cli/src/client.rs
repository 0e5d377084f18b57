use std::pin::Pin;

use bedrock_stream_core::converse::{Chunk, Request};
use bedrock_stream_reqwest::{BoxError, Config, Error, Operation};
use bytes::Bytes;
use futures_core::Stream;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

use crate::args::Transport;

/// A client over either transport.
pub(crate) enum Client {
    Reqwest(bedrock_stream_reqwest::Client),
    Hyper(Box<bedrock_stream_hyper::Client>),
}

/// The chunks of one answer, over either transport.
pub(crate) type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, Error>>>>;
/// The body of one response, over either transport.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

impl Client {
    pub(crate) fn new(transport: Transport, config: Config) -> Result<Self, Error> {
        Ok(match transport {
            Transport::Reqwest => Self::Reqwest(bedrock_stream_reqwest::Client::new(config)?),
            Transport::Hyper => Self::Hyper(Box::new(bedrock_stream_hyper::Client::new(config)?)),
        })
    }

    /// Asks a model, for the chunks of its answer.
    pub(crate) async fn chunks(&self, model_id: &str, request: &Request) -> Result<Chunks, Error> {
        Ok(match self {
            Self::Reqwest(client) => Box::pin(client.converse_stream(model_id, request).await?),
            Self::Hyper(client) => Box::pin(client.converse_stream(model_id, request).await?),
        })
    }

    /// The same, for the response as it comes.
    pub(crate) async fn response(
        &self,
        model_id: &str,
        request: &Request,
    ) -> Result<http::Response<Body>, Error> {
        let json =
            serde_json::to_vec(request).map_err(|error| Error::Request { cause: error.to_string() })?;
        let operation = Operation::ConverseStream;
        Ok(match self {
            Self::Reqwest(client) => client
                .open(operation, model_id, json)
                .await?
                .map(|body| body.map_err(BoxError::from).boxed_unsync()),
            Self::Hyper(client) => client
                .open(operation, model_id, json)
                .await?
                .map(|body| body.map_err(BoxError::from).boxed_unsync()),
        })
    }
}
