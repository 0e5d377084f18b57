use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use bedrock_stream_core::answer::{Decode, Response};
use bedrock_stream_core::frame::Limits;
use bytes::Bytes;
use http::HeaderMap;

use crate::client::answer::Answer;
use crate::client::json_response::JsonResponse;
use crate::client::media_type::MediaType;
use crate::client::operation::Operation;
use crate::client::response::check_as;
use crate::client::retry::Retry;
use crate::client::stream_options::StreamOptions;
use crate::client::transport::Transport;
use crate::config::config::Config;
use crate::error::attempts::Attempts;
use crate::error::error::Error;
use crate::error::error_detail::ErrorDetail;
use crate::error::secret_mask::SecretMask;
use crate::error::secrets::Secrets;
use crate::error::transport_error::{TransportError, TransportErrorKind};
use crate::error::unexpected_body::UnexpectedBody;
use crate::stream::body_reader::BodyReader;
use crate::stream::chunk_stream::ChunkStream;
use crate::stream::message_stream::MessageStream;
use crate::stream::stream_stats::StreamStats;
use crate::telemetry::Telemetry;
use crate::telemetry::outcome::Outcome;
use crate::timeouts::request_timeouts::RequestTimeouts;
use crate::timeouts::timeout_state::TimeoutState;
use crate::timeouts::timeouts::{Timeout, Timeouts};
use crate::timeouts::timer::Timer;

/// One request of the caller, with all its attempts.
pub(crate) struct Call<'a, T> {
    config: &'a Config,
    transport: &'a T,
    operation: Operation,
    body: Bytes,
    timeouts: Timeouts,
    retry: Retry,
    options: StreamOptions,
    /// The timer, and the timeouts of the whole request.
    clock: Option<(Timer, TimeoutState)>,
    telemetry: Telemetry,
    /// The number of attempts made.
    attempts: u32,
    /// The failed attempts.
    earlier: Attempts,
    /// The secrets of the last attempt.
    secrets: Secrets,
}

impl<'a, T: Transport> Call<'a, T> {
    pub(crate) fn new(
        config: &'a Config,
        transport: &'a T,
        operation: Operation,
        body: Bytes,
        timeouts: Timeouts,
        retry: Retry,
        options: StreamOptions,
    ) -> Self {
        let clock = transport.timer().map(|timer| {
            let watch = TimeoutState::new(timeouts, timer.now());
            (timer, watch)
        });
        Self {
            telemetry: Telemetry::start(&operation, config, &body, clock.as_ref()),
            clock,
            config,
            transport,
            operation,
            body,
            timeouts,
            retry,
            options,
            attempts: 0,
            earlier: Attempts::default(),
            secrets: Secrets::default(),
        }
    }

    /// The chunks of the answer, once it has started.
    pub(crate) async fn chunks<D: Decode>(
        mut self,
        decoder: impl Fn(Limits, StreamOptions) -> D,
    ) -> Result<ChunkStream<T::Body, D>, Error> {
        loop {
            match self.try_chunks(decoder(self.config.limits(), self.options)).await {
                Ok(mut stream) => {
                    stream.set_call(self.earlier, self.telemetry);
                    return Ok(stream);
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    /// The complete answer.
    pub(crate) async fn answer(mut self) -> Result<Answer, Error> {
        loop {
            match self.try_response().await {
                Ok((response, mut reader)) => {
                    reader.set_call(self.earlier, self.telemetry);
                    reader.recorder_mut().whole(&response);
                    let request_id = reader.request_id().map(|id| (**id).to_owned());
                    return Ok(Answer { response, stats: reader.recorder().stats(), request_id, tail: None });
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    /// The messages of the answer, once there is a response.
    pub(crate) async fn message_stream(mut self) -> Result<MessageStream<T::Body>, Error> {
        let answer = self.operation.media_type();
        if answer != MediaType::EventStream {
            let cause =
                format!("the operation answers with {}, not with an event stream", answer.description());
            let error = Error::from(ErrorDetail::Request(cause));
            self.telemetry.failed(0, &error, None);
            return Err(error);
        }
        let (response, watch) = self.answered().await?;
        let mut reader = BodyReader::new(response).with_timeouts(watch);
        reader.set_call(self.earlier, self.telemetry);
        let messages = MessageStream::of(reader, self.config.limits());
        Ok(if self.options.raw_messages { messages.raw() } else { messages })
    }

    /// The complete answer as JSON.
    pub(crate) async fn json(mut self) -> Result<JsonResponse, Error> {
        loop {
            match self.try_json().await {
                Ok((body, headers, mut reader)) => {
                    reader.set_call(self.earlier, self.telemetry);
                    reader.recorder_mut().json(&body, &headers);
                    let request_id = reader.request_id().map(|id| (**id).to_owned());
                    let stats = reader.recorder().stats();
                    let mask = SecretMask::new(self.secrets.clone());
                    return Ok(JsonResponse { body: body.into(), headers, request_id, stats, mask });
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    /// The response, if its media type may be the operation's.
    pub(crate) async fn open(mut self) -> Result<http::Response<T::Body>, Error> {
        let (response, _) = self.answered().await?;
        // The body is the caller's.
        self.telemetry.end(Outcome::Complete, &StreamStats::default());
        Ok(response)
    }

    async fn answered(&mut self) -> Result<(http::Response<T::Body>, Option<RequestTimeouts>), Error> {
        loop {
            match self.attempt().await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.again(error).await?,
            }
        }
    }

    async fn try_chunks<D: Decode>(&mut self, decoder: D) -> Result<ChunkStream<T::Body, D>, Error> {
        let (response, watch) = self.attempt().await?;
        let reader = BodyReader::new(response).with_timeouts(watch);
        let clock = self.clock.as_ref();
        let until = self.options.first_event.and_then(|wait| Some(clock?.0.sleep(wait)));
        ChunkStream::of(reader, decoder).started_until(until).await
    }

    /// The answer, if its stop reason proves it complete.
    async fn try_response(&mut self) -> Result<(Response, BodyReader<T::Body>), Error> {
        let (body, headers, reader) = self.try_json().await?;
        let parsed = match serde_json::from_slice::<Response>(&body) {
            Ok(response) if is_proven(&response) => return Ok((response, reader)),
            parsed => parsed,
        };
        let body = UnexpectedBody::new("a Converse response", &headers, &body.into());
        Err(reader.error(match parsed {
            _ if body.is_error() => ErrorDetail::UnexpectedBody(Box::new(body)),
            Ok(response) if response.output.members().is_empty() => {
                ErrorDetail::UnexpectedBody(Box::new(body))
            }
            Ok(_) => ErrorDetail::Incomplete,
            Err(error) => ErrorDetail::Response(error.to_string()),
        }))
    }

    /// The body of a whole answer, and the headers of its response.
    async fn try_json(&mut self) -> Result<(Vec<u8>, HeaderMap, BodyReader<T::Body>), Error> {
        let (response, watch) = self.attempt().await?;
        let headers = response.headers().clone();
        let mut reader = BodyReader::new(response).with_timeouts(watch);
        let body = reader.read_to_end(self.config.max_response_len()).await;
        // The head arrives only when the model has finished.
        let body = body.map_err(Error::of_whole_answer)?;
        Ok((body, headers, reader))
    }

    /// One attempt, up to the head of a response with the right media type.
    async fn attempt(&mut self) -> Result<(http::Response<T::Body>, Option<RequestTimeouts>), Error> {
        self.attempts = self.attempts.saturating_add(1);
        self.telemetry.attempt(self.attempts);
        let mut watch = self.clock.as_ref().map(|(timer, watch)| RequestTimeouts::attempt(timer, *watch));
        let sent = self.sent();
        let response = match &mut watch {
            Some(watch) => watch.in_time(sent).await.map_err(Error::timeout)??,
            None => sent.await?,
        };
        let total = self.timeouts.total;
        let timer = self.clock.as_ref().map(|(timer, clock)| {
            let elapsed = timer.now().saturating_duration_since(clock.began());
            (timer, total.map_or(Duration::MAX, |total| total.saturating_sub(elapsed)))
        });
        let mut response = check_as(response, self.operation.media_type(), timer, SystemTime::now()).await?;
        let request_id = self.secrets.request_id(response.headers());
        self.telemetry.answered(self.attempts, response.status(), request_id.as_deref());
        response.extensions_mut().insert(self.secrets.clone());
        Ok((response, watch))
    }

    /// The head of the response.
    async fn sent(&mut self) -> Result<http::Response<T::Body>, Error> {
        let request = self.config.request(&self.operation, self.body.clone(), SystemTime::now()).await?;
        self.secrets = request.extensions().get().cloned().unwrap_or_default();
        self.transport.send(request).await.map_err(|cause| self.no_response(cause))
    }

    /// What a transport's error means for the request.
    fn no_response(&self, error: TransportError) -> Error {
        let retryable = match error.kind() {
            TransportErrorKind::NoRuntime => return ErrorDetail::NoRuntime.into(),
            TransportErrorKind::ConnectTimeout => {
                let elapsed = |(timer, watch): &(Timer, TimeoutState)| {
                    timer.now().saturating_duration_since(watch.began())
                };
                let elapsed = self.clock.as_ref().map(elapsed).unwrap_or_default();
                let after = self.config.timeouts().connect.unwrap_or(elapsed);
                return ErrorDetail::Timeout { timeout: Timeout::Connect, after, elapsed }.into();
            }
            TransportErrorKind::NotSent => true,
            TransportErrorKind::NotRetryable => false,
            // It may have been sent completely. A streaming operation would have responded; any other may be in progress.
            TransportErrorKind::Other => self.operation.media_type().streams(),
        };
        let target = self.config.target(&self.operation);
        let endpoint =
            target.map_or_else(|_| self.operation.service().to_owned(), |it| it.endpoint.to_string());
        ErrorDetail::Connection { endpoint, error, retryable }.into()
    }

    /// Waits before the next attempt, or returns the error if there is none.
    async fn again(&mut self, error: Error) -> Result<(), Error> {
        let error = self.secrets.hide(error);
        let wait = self.retry.backoff(self.attempts, &error, random());
        if wait.is_some() && self.clock.is_none() {
            self.earlier.lack_timer();
            self.telemetry.lacks_timer();
        }
        if let (Some(wait), Some((timer, watch))) = (wait, &self.clock) {
            let end = timer.now().checked_add(wait);
            if end.is_some_and(|end| watch.on_elapsed(end).is_none()) {
                self.telemetry.failed(self.attempts, &error, Some(wait));
                self.earlier.push(error.attempt(wait));
                timer.sleep(wait).await;
                return Ok(());
            }
        }
        self.telemetry.failed(self.attempts, &error, None);
        Err(error.with_earlier(&self.earlier))
    }
}

/// Whether JSON with the status 200 is an answer of Converse, and its stop reason proves it complete. A proxy may put an error into
/// the shape of an answer.
fn is_proven(response: &Response) -> bool {
    let is_error = response.other.value("error").is_some_and(|error| error.as_str() != "null");
    let has_reason = response.stop_reason.as_ref().is_some_and(|reason| !reason.as_str().is_empty());
    has_reason && !is_error && !response.output.members().is_empty()
}

/// Random enough for jitter: the hasher's keys are random for each process, and differ with each call.
fn random() -> u32 {
    RandomState::new().build_hasher().finish() as u32
}
