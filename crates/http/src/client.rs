use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::SystemTime;

use bedrock_stream_core::converse::Request;
use bytes::Bytes;

use crate::chunk_stream::ChunkStream;
use crate::config::Config;
use crate::error::Error;
use crate::message_stream::MessageStream;
use crate::operation::Operation;
use crate::response::accept;
use crate::secrets::Secrets;
use crate::transport::Transport;
use crate::watch::Watch;

/// A client of Bedrock's runtime over any [`Transport`]: what the clients of the transport crates hold.
#[derive(Clone, Debug)]
pub struct Client<T> {
    config: Config,
    transport: T,
}

impl<T: Transport> Client<T> {
    /// A client that sends by `transport`.
    #[must_use]
    pub const fn new(config: Config, transport: T) -> Self {
        Self { config, transport }
    }

    /// What requests are made with.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Asks a model for a conversation's next message. Resolves once the first chunk is there; until then, what may pass is
    /// tried again as [`Retry`](crate::Retry) says, each time under new [`Deadlines`](crate::Deadlines).
    ///
    /// `model_id` is the id of a model or an inference profile, or an ARN.
    ///
    /// # Errors
    ///
    /// [`Error`]: everything that leaves the caller without a single chunk.
    pub async fn converse_stream(
        &self,
        model_id: &str,
        request: &Request,
    ) -> Result<ChunkStream<T::Body>, Error> {
        let body =
            serde_json::to_vec(request).map_err(|error| Error::Request { cause: error.to_string() })?;
        self.converse_stream_raw(model_id, body).await
    }

    /// The same for a request that is JSON already, which is sent byte for byte.
    ///
    /// # Errors
    ///
    /// As [`converse_stream`](Self::converse_stream).
    pub async fn converse_stream_raw(
        &self,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<ChunkStream<T::Body>, Error> {
        let body = body.into();
        let mut attempts = 1;
        loop {
            let error = match self.start(model_id, body.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            let wait = self.config.retry.advise(attempts, &error, random());
            match (wait, self.transport.timer()) {
                (Some(wait), Some(timer)) => timer.sleep(wait).await,
                _ => return Err(error),
            }
            attempts += 1;
        }
    }

    /// One attempt, up to the first chunk.
    async fn start(&self, model_id: &str, body: Bytes) -> Result<ChunkStream<T::Body>, Error> {
        let (response, watch) = self.send(Operation::ConverseStream, model_id, body).await?;
        let stream = ChunkStream::new(response);
        let stream = match watch {
            Some(watch) => stream.watched(watch),
            None => stream,
        };
        stream.started().await
    }

    /// The messages of an operation that answers with an event stream, not interpreted. Sent once, whatever happens.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn messages(
        &self,
        operation: Operation,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<MessageStream<T::Body>, Error> {
        let (response, watch) = self.send(operation, model_id, body.into()).await?;
        let stream = MessageStream::new(response);
        Ok(match watch {
            Some(watch) => stream.watched(watch),
            None => stream,
        })
    }

    /// Sends an operation's request, and gives the response if it may be an event stream: for those who want the body's
    /// bytes themselves, for instance to record them on their way to a [`ChunkStream`].
    ///
    /// # Errors
    ///
    /// As [`Config::request`] and [`accept`], and [`Error::Connection`] and [`Error::Deadline`].
    pub async fn open(
        &self,
        operation: Operation,
        model_id: &str,
        body: impl Into<Bytes> + Send,
    ) -> Result<http::Response<T::Body>, Error> {
        Ok(self.send(operation, model_id, body.into()).await?.0)
    }

    async fn send(
        &self,
        operation: Operation,
        model_id: &str,
        body: Bytes,
    ) -> Result<(http::Response<T::Body>, Option<Watch>), Error> {
        let mut watch = self.transport.timer().map(|timer| Watch::new(timer, self.config.deadlines));
        let mut response = pin!(self.accepted(operation, model_id, body));
        let response = poll_fn(|cx| match (response.as_mut().poll(cx), &mut watch) {
            (Poll::Pending, Some(watch)) => match watch.poll_passed(cx) {
                Some((deadline, after)) => {
                    Poll::Ready(Err(Error::Deadline { deadline, after, request_id: None }))
                }
                None => Poll::Pending,
            },
            (response, _) => response,
        });
        let response = response.await?;
        Ok((response, watch))
    }

    async fn accepted(
        &self,
        operation: Operation,
        model_id: &str,
        body: Bytes,
    ) -> Result<http::Response<T::Body>, Error> {
        let request = self.config.request(operation, model_id, body, SystemTime::now()).await?;
        let secrets = Secrets::of(request.headers());
        let response = self.transport.send(request).await.map_err(|cause| Error::Connection {
            endpoint: self.config.endpoint().to_string(),
            cause: cause.into(),
        })?;
        accept(response).await.map_err(|error| secrets.hide(error))
    }
}

/// Good enough to spread attempts: the hasher's keys are random for each process, and differ with each call.
fn random() -> u32 {
    RandomState::new().build_hasher().finish() as u32
}
