use core::fmt;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::Version;

use crate::client::request_body::RequestBody;
use crate::client::response_body::ResponseBody;
use crate::client::streams::{Place, Streams};
use crate::error::transport_error::TransportError;
use crate::timeouts::timer::Timer;

/// HTTP clients that share the requests to one server, so that there can be several HTTP/2 connections to it.
///
/// A hyper or reqwest client keeps one HTTP/2 connection to a server. Requests beyond the server's
/// `SETTINGS_MAX_CONCURRENT_STREAMS` then wait until earlier streams end, which with models takes minutes. A pool fills the
/// first client's connection, then the second's, and so on, creating clients as needed and keeping them. The clients close
/// their own idle connections.
///
/// # How many streams
///
/// At most [`ConfigBuilder::max_streams_per_connection`] a connection, 100 by default, or as many as the server allows. HTTP
/// clients do not expose the server's limit, but it can be detected:
///
/// - A server that refuses a stream (`REFUSED_STREAM`) has not processed the request, which moves to another connection at
///   once. So does a request on a connection that is shutting down (`GOAWAY`).
/// - A client asks for the rest of a request's body only after it has opened a stream and sent the first byte. If that takes
///   more than 100 to 200 ms on a connection with open streams, the request moves to another connection. It is still sent only
///   once: if the first client asks for the rest later, it does not get it.
///
/// Either way, the number of open streams, if there are any, becomes the limit of every connection for as long as streams are open. Over
/// HTTP/1.1, where requests do not share connections, the first client gets all of them.
///
/// Once the server is known to speak HTTP/2, the first request of a connection goes first, and the others follow when it has a
/// stream, so each connection takes one handshake. Before that, concurrent requests each open a connection, of which HTTP/2
/// keeps one.
///
/// [`ConfigBuilder::max_streams_per_connection`]: crate::ConfigBuilder::max_streams_per_connection
///
/// In a transport over hyper:
///
/// ```
/// use bedrock_stream_http::{Pool, RequestBody, ResponseBody, Timer, TransportError};
/// use bytes::Bytes;
/// use hyper::body::Incoming;
/// use hyper_util::client::legacy::Client;
/// use hyper_util::client::legacy::connect::HttpConnector;
/// use hyper_util::rt::TokioExecutor;
///
/// type HttpClient = Client<HttpConnector, RequestBody>;
///
/// fn pool() -> Pool<HttpClient> {
///     let make = || Client::builder(TokioExecutor::new()).http2_only(true).build_http();
///     Pool::new(make(), move || Some(make()), 100, Timer::new(tokio::time::sleep))
/// }
///
/// /// Never waits behind the streams that are open.
/// async fn send(
///     pool: &Pool<HttpClient>,
///     request: http::Request<Bytes>,
/// ) -> Result<http::Response<ResponseBody<Incoming>>, TransportError> {
///     pool.send(request, |client, request| async move {
///         client.request(request).await.map_err(TransportError::other)
///     })
///     .await
/// }
/// # let _ = (pool(), send);
/// ```
pub struct Pool<C> {
    shared: Arc<Shared<C>>,
}

struct Shared<C> {
    clients: Mutex<Vec<C>>,
    /// `None`: the first client is the only one.
    make: Option<Box<dyn Fn() -> Option<C> + Send + Sync>>,
    streams: Arc<Streams>,
    timer: Timer,
}

impl<C: Clone> Pool<C> {
    /// A pool of `first` and further clients from `make`, with at most `max_streams` HTTP/2 streams each. If `make`
    /// returns `None`, the last client gets all further requests.
    #[must_use]
    pub fn new(
        first: C,
        make: impl Fn() -> Option<C> + Send + Sync + 'static,
        max_streams: usize,
        timer: Timer,
    ) -> Self {
        let (clients, streams) = (Mutex::new(vec![first]), Streams::new(max_streams));
        Self { shared: Arc::new(Shared { clients, make: Some(Box::new(make)), streams, timer }) }
    }

    /// A pool of this one client.
    #[must_use]
    pub fn single(client: C, timer: Timer) -> Self {
        let (clients, streams) = (Mutex::new(vec![client]), Streams::new(usize::MAX));
        Self { shared: Arc::new(Shared { clients, make: None, streams, timer }) }
    }

    /// Sends a request through one of the clients with `send`, and returns the response once its head has arrived.
    ///
    /// Not cancel safe: dropping the future before it resolves cancels the request, and so does dropping the body.
    ///
    /// # Errors
    ///
    /// The error of `send`, if another connection would not help.
    pub async fn send<B, F>(
        &self,
        request: http::Request<Bytes>,
        send: impl Fn(C, http::Request<RequestBody>) -> F,
    ) -> Result<http::Response<ResponseBody<B>>, TransportError>
    where
        F: Future<Output = Result<http::Response<B>, TransportError>>,
    {
        let streams = &self.shared.streams;
        let (mut refusals, mut refusing) = (0, None);
        loop {
            let place = streams.take(refusing);
            self.turn(&place).await;
            let client = self.client(place.connection());
            let body = RequestBody::new(request.body().clone(), place.stream());
            let response = send(client, with_body(&request, body));
            match self.await_response(response, place).await {
                Some((Ok(response), place)) => {
                    streams.set_http1(response.version() <= Version::HTTP_11);
                    return Ok(response.map(|body| ResponseBody::new(body, place)));
                }
                Some((Err(error), place)) => match nack(&error) {
                    Some(nack) if refusals < MAX_REFUSALS && self.shared.make.is_some() => {
                        refusals += 1;
                        if nack == Nack::Refused {
                            refusing = Some(place.connection());
                            place.refused();
                        }
                    }
                    _ => return Err(error),
                },
                None => {}
            }
        }
    }

    /// Waits briefly for the connection, if another request is opening it.
    async fn turn(&self, place: &Place) {
        if self.shared.make.is_none() {
            return;
        }
        let mut limit = None;
        poll_fn(|cx| {
            if place.poll_turn(cx).is_ready() {
                return Poll::Ready(());
            }
            let limit = limit.get_or_insert_with(|| self.shared.timer.sleep(MAX_TURN));
            limit.as_mut().poll(cx)
        })
        .await;
    }

    /// Waits for the response. `None`: the connection has no stream for the request.
    async fn await_response<B, F>(
        &self,
        response: F,
        place: Place,
    ) -> Option<(Result<http::Response<B>, TransportError>, Place)>
    where
        F: Future<Output = Result<http::Response<B>, TransportError>>,
    {
        let mut response = pin!(response);
        let mut place = Some(place);
        let mut patience = self.shared.make.is_some().then(|| self.shared.timer.sleep(PATIENCE));
        let mut was_blocked = false;
        let result = poll_fn(|cx| {
            if let Poll::Ready(result) = response.as_mut().poll(cx) {
                return Poll::Ready(Some(result));
            }
            while let Some(sleep) = &mut patience {
                if sleep.as_mut().poll(cx).is_pending() {
                    break;
                }
                patience = None;
                let Some(waiting) = place.take() else { break };
                let is_blocked = waiting.may_be_blocked();
                // Twice, so that requests right behind the first of a new connection do not leave it.
                place = if is_blocked && was_blocked {
                    match waiting.give_up() {
                        Ok(()) => return Poll::Ready(None),
                        Err(place) => Some(place),
                    }
                } else {
                    Some(waiting)
                };
                was_blocked = is_blocked;
                if place.as_ref().is_some_and(Place::is_waiting) {
                    patience = Some(self.shared.timer.sleep(PATIENCE));
                }
            }
            Poll::Pending
        })
        .await?;
        Some((result, place?))
    }

    /// The client of a connection. Clients are created in order, so at most one is missing.
    fn client(&self, connection: usize) -> C {
        let mut clients = self.shared.clients.lock().unwrap_or_else(PoisonError::into_inner);
        while clients.len() <= connection {
            let Some(client) = self.shared.make.as_ref().and_then(|make| make()) else { break };
            clients.push(client);
        }
        clients[connection.min(clients.len() - 1)].clone()
    }
}

impl<C> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<C> fmt::Debug for Pool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("streams", &self.shared.streams).finish_non_exhaustive()
    }
}

fn with_body(request: &http::Request<Bytes>, body: RequestBody) -> http::Request<RequestBody> {
    let mut with_body = http::Request::new(body);
    *with_body.method_mut() = request.method().clone();
    *with_body.uri_mut() = request.uri().clone();
    *with_body.version_mut() = request.version();
    *with_body.headers_mut() = request.headers().clone();
    *with_body.extensions_mut() = request.extensions().clone();
    with_body
}

/// How a server signals that it has not processed a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nack {
    Refused,
    GoneAway,
}

/// Source: RFC 9113, section 8.7.
fn nack(error: &(dyn StdError + 'static)) -> Option<Nack> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let reason = error.reason().filter(|_| error.is_remote());
            return match reason {
                Some(h2::Reason::REFUSED_STREAM) if error.is_reset() => Some(Nack::Refused),
                Some(h2::Reason::NO_ERROR) if error.is_go_away() => Some(Nack::GoneAway),
                _ => None,
            };
        }
        next = error.source();
    }
    None
}

/// How long a request waits for its client to ask for the body, before the pool checks for free streams.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a request waits for another to open its connection.
const MAX_TURN: Duration = Duration::from_secs(1);
/// How often a request may move to another connection before its error is returned.
const MAX_REFUSALS: u32 = 16;
