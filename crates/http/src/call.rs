use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use bedrock_stream_core::converse::Response;
use bedrock_stream_core::frame::Limits;
use bytes::Bytes;

use crate::attempts::Attempts;
use crate::body_reader::BodyReader;
use crate::chunk_stream::ChunkStream;
use crate::client::Client;
use crate::connect_timeout::ConnectTimeout;
use crate::deadline_watch::DeadlineWatch;
use crate::deadlines::Deadline;
use crate::error::Error;
use crate::message_stream::MessageStream;
use crate::operation::Operation;
use crate::response::{Kind, accept_kind};
use crate::secrets::Secrets;
use crate::timer::Timer;
use crate::trace::Trace;
use crate::transport::Transport;
use crate::watch::Watch;

/// One request of a caller's, with all of its attempts.
pub(crate) struct Call<'a, T> {
    client: &'a Client<T>,
    operation: Operation,
    model_id: &'a str,
    body: Bytes,
    /// What waits, and what the whole request is measured by.
    clock: Option<(Timer, DeadlineWatch)>,
    trace: Trace,
    /// How many attempts were made.
    attempts: u32,
    /// Whether a whole answer was made, and so is paid for.
    is_paid: bool,
    /// Those that failed.
    earlier: Attempts,
    /// What the last of them was sent with.
    secrets: Secrets,
}

impl<'a, T: Transport> Call<'a, T> {
    pub(crate) fn new(client: &'a Client<T>, operation: Operation, model_id: &'a str, body: Bytes) -> Self {
        let config = client.config();
        Self {
            client,
            operation,
            model_id,
            body,
            clock: client.transport().timer().map(|timer| {
                let watch = DeadlineWatch::new(config.deadlines, timer.now());
                (timer, watch)
            }),
            trace: Trace::new(operation, model_id, config),
            attempts: 0,
            is_paid: false,
            earlier: Attempts::default(),
            secrets: Secrets::default(),
        }
    }

    /// The chunks of the answer, as soon as it has begun.
    pub(crate) async fn chunks(mut self) -> Result<ChunkStream<T::Body>, Error> {
        loop {
            match self.try_chunks().await {
                Ok(mut stream) => {
                    self.trace.answered(self.attempts, stream.request_id());
                    stream.reader_mut().set_call(self.earlier, self.trace);
                    return Ok(stream);
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    /// The answer, whole.
    pub(crate) async fn response(mut self) -> Result<Response, Error> {
        loop {
            match self.try_response().await {
                Ok(response) => {
                    self.trace.done(response.stop_reason.as_ref(), response.usage.as_ref());
                    return Ok(response);
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    /// The messages of the answer, as soon as there is a response for them.
    pub(crate) async fn messages(mut self) -> Result<MessageStream<T::Body>, Error> {
        if self.operation == Operation::Converse {
            return Err(Error::Request { cause: "Converse does not answer with an event stream".to_owned() });
        }
        let (response, watch) = self.answered(Kind::EventStream).await?;
        let mut reader = BodyReader::new(response).watched(watch);
        reader.set_call(self.earlier, self.trace);
        Ok(MessageStream::of(reader, Limits::default()))
    }

    /// The response, if it may be what the operation answers with.
    pub(crate) async fn open(mut self) -> Result<http::Response<T::Body>, Error> {
        let kind = match self.operation {
            Operation::Converse => Kind::Json,
            _ => Kind::EventStream,
        };
        Ok(self.answered(kind).await?.0)
    }

    async fn answered(&mut self, kind: Kind) -> Result<(http::Response<T::Body>, Option<Watch>), Error> {
        loop {
            match self.attempt(kind).await {
                Ok(answer) => {
                    let request_id = self.secrets.request_id(answer.0.headers());
                    self.trace.answered(self.attempts, request_id.as_deref());
                    return Ok(answer);
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    async fn try_chunks(&mut self) -> Result<ChunkStream<T::Body>, Error> {
        let (response, watch) = self.attempt(Kind::EventStream).await?;
        ChunkStream::of(BodyReader::new(response).watched(watch)).started().await
    }

    async fn try_response(&mut self) -> Result<Response, Error> {
        let (response, watch) = self.attempt(Kind::Json).await?;
        // Its head comes only when the model is done.
        self.is_paid = true;
        let mut reader = BodyReader::new(response).watched(watch);
        let body = reader.read_to_end(self.client.config().max_response_len()).await?;
        let request_id = reader.request_id().cloned();
        self.trace.answered(self.attempts, request_id.as_deref());
        serde_json::from_slice(&body).map_err(|error| Error::Response {
            request_id,
            cause: error.to_string(),
            earlier: Attempts::default(),
        })
    }

    /// One attempt, up to the head of a response of the right kind.
    async fn attempt(&mut self, kind: Kind) -> Result<(http::Response<T::Body>, Option<Watch>), Error> {
        self.attempts = self.attempts.saturating_add(1);
        let mut watch = self.clock.as_ref().map(|(timer, watch)| Watch::attempt(timer, *watch));
        let sent = self.sent();
        let response = match &mut watch {
            Some(watch) => watch.in_time(sent).await.map_err(|passed| Error::deadline(passed, None))??,
            None => sent.await?,
        };
        let total = self.client.config().deadlines.total;
        let timer = self.clock.as_ref().map(|(timer, clock)| {
            let elapsed = timer.now().saturating_duration_since(clock.began());
            (timer, total.map_or(Duration::MAX, |total| total.saturating_sub(elapsed)))
        });
        let mut response = accept_kind(response, kind, timer).await?;
        response.extensions_mut().insert(self.secrets.clone());
        Ok((response, watch))
    }

    /// The head of the response.
    async fn sent(&mut self) -> Result<http::Response<T::Body>, Error> {
        let config = self.client.config();
        let time = SystemTime::now();
        let request = config.request(self.operation, self.model_id, self.body.clone(), time).await?;
        self.secrets = request.extensions().get().cloned().unwrap_or_default();
        match self.client.transport().send(request).await {
            Ok(response) => Ok(response),
            Err(cause) if cause.is::<ConnectTimeout>() => {
                let elapsed = |(timer, watch): &(Timer, DeadlineWatch)| {
                    timer.now().saturating_duration_since(watch.began())
                };
                let elapsed = self.clock.as_ref().map(elapsed).unwrap_or_default();
                Err(Error::Deadline {
                    deadline: Deadline::Connect,
                    after: config.deadlines.connect.unwrap_or(elapsed),
                    elapsed,
                    request_id: None,
                    earlier: Attempts::default(),
                })
            }
            Err(cause) => {
                let endpoint = config.endpoint().to_string();
                Err(Error::Connection { endpoint, cause: cause.into(), earlier: Attempts::default() })
            }
        }
    }

    /// Waits for the next attempt, or gives the error back if there shall be none.
    async fn again(&mut self, error: Error) -> Result<(), Error> {
        let error = self.secrets.hide(error);
        let retry = self.client.config().retry;
        let wait = retry.advise(self.attempts, &error, random()).filter(|_| !self.is_paid);
        if let (Some(wait), Some((timer, watch))) = (wait, &self.clock) {
            let end = timer.now().checked_add(wait);
            if end.is_some_and(|end| watch.on_elapsed(end).is_none()) {
                self.trace.failed(self.attempts, &error, Some(wait));
                self.earlier.push(&error, wait);
                timer.sleep(wait).await;
                return Ok(());
            }
        }
        self.trace.failed(self.attempts, &error, None);
        Err(error.with_earlier(&self.earlier))
    }
}

/// Good enough to spread attempts: the hasher's keys are random for each process, and differ with each call.
fn random() -> u32 {
    RandomState::new().build_hasher().finish() as u32
}
