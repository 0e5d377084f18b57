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
use crate::error::error::BoxError;
use crate::timeouts::timer::Timer;

/// HTTP clients that share the requests to one server, so that it can have several HTTP/2 connections.
///
/// A client of hyper's or reqwest's keeps one HTTP/2 connection to a server. Requests beyond the server's
/// `SETTINGS_MAX_CONCURRENT_STREAMS` then wait until streams before them end, which with models takes minutes. A pool
/// fills the first client's connection, then the second's, and so on. It makes as many clients as that takes, and keeps
/// them; their idle connections are theirs to close.
///
/// # How many streams
///
/// A connection has at most as many as [`ConfigBuilder::max_streams_per_connection`] says, 100 by default, or as the server
/// allows, if that is fewer. No HTTP client tells that number, but it shows:
///
/// - A server that refuses a stream (`REFUSED_STREAM`) has not begun with it. The request goes to another connection at
///   once, and so does one that meets a connection on its way down (`GOAWAY`).
/// - A client can send the first byte of a request's body only when it has opened a stream for it. Where that takes more
///   than 100 to 200 ms on a connection with open streams, the request goes to another connection. It is sent once all the
///   same: the first client, should it ask for the rest later, does not get it.
///
/// Either way the connection's streams are counted, and while streams are open, no connection gets more than that number.
/// Over HTTP/1.1, where requests do not share connections, the first client gets all of them.
///
/// Once it is known that the server speaks HTTP/2, the first request of a connection goes ahead, and the others follow when it
/// has a stream: each connection takes one handshake. Before that, several requests at once open a connection each, of which
/// HTTP/2 keeps one.
///
/// [`ConfigBuilder::max_streams_per_connection`]: crate::ConfigBuilder::max_streams_per_connection
pub struct Pool<C> {
    shared: Arc<Shared<C>>,
}

struct Shared<C> {
    clients: Mutex<Vec<C>>,
    /// `None`: the first is the only one.
    make: Option<Box<dyn Fn() -> Option<C> + Send + Sync>>,
    streams: Arc<Streams>,
    timer: Timer,
}

impl<C: Clone> Pool<C> {
    /// A pool of `first`, and of what `make` makes when more are needed, with at most `max_streams` HTTP/2 streams for each.
    /// Where `make` gives `None`, the last client gets the requests.
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

    /// A pool of this client alone, which gets every request.
    #[must_use]
    pub fn of_one(client: C, timer: Timer) -> Self {
        let (clients, streams) = (Mutex::new(vec![client]), Streams::new(usize::MAX));
        Self { shared: Arc::new(Shared { clients, make: None, streams, timer }) }
    }

    /// Sends a request by `send`, with one of the clients, and gives the response as soon as its head is there. Dropping the
    /// future cancels the request.
    ///
    /// # Errors
    ///
    /// What `send` gives, if another connection would not help.
    pub async fn send<B, F>(
        &self,
        request: http::Request<Bytes>,
        send: impl Fn(C, http::Request<RequestBody>) -> F,
    ) -> Result<http::Response<ResponseBody<B>>, BoxError>
    where
        F: Future<Output = Result<http::Response<B>, BoxError>>,
    {
        let streams = &self.shared.streams;
        let mut refusals = 0;
        loop {
            let place = streams.take();
            self.turn(&place).await;
            let client = self.client(place.connection());
            let body = RequestBody::new(request.body().clone(), place.stream());
            let response = send(client, with_body(&request, body));
            match self.patiently(response, place).await {
                Some((Ok(response), place)) => {
                    streams.set_http1(response.version() <= Version::HTTP_11);
                    return Ok(response.map(|body| ResponseBody::new(body, place)));
                }
                Some((Err(error), place)) => match nack(&*error) {
                    Some(nack) if refusals < MAX_REFUSALS && self.shared.make.is_some() => {
                        refusals += 1;
                        if nack == Nack::Refused {
                            place.refused();
                        }
                    }
                    _ => return Err(error),
                },
                None => {}
            }
        }
    }

    /// Waits until the connection is there, if somebody opens it, but not for long.
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

    /// Waits for the response. `None`: the request waits for a stream that its connection does not have.
    async fn patiently<B, F>(
        &self,
        response: F,
        place: Place,
    ) -> Option<(Result<http::Response<B>, BoxError>, Place)>
    where
        F: Future<Output = Result<http::Response<B>, BoxError>>,
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
                // Twice, so that the first stream of a new connection does not make the others, a moment behind it, leave.
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

    /// The client of a connection. They are made one after the other, so that at most one is missing.
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

/// How a server says that it has not begun with a request.
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

/// How long a request waits for its client to ask for its body, before the pool looks at what it waits for.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a request waits for another one to open its connection.
const MAX_TURN: Duration = Duration::from_secs(1);
/// How often a request may be turned away before its caller is told.
const MAX_REFUSALS: u32 = 16;
