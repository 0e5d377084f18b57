use core::sync::atomic::AtomicU8;
use core::sync::atomic::Ordering::{AcqRel, Acquire};
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The open streams of each connection of a [`Pool`](crate::Pool), and their limit.
#[derive(Debug)]
pub(crate) struct Streams {
    counts: Mutex<Counts>,
    /// The configured limit a connection, until the server turns out to allow fewer.
    max: usize,
}

#[derive(Debug)]
struct Counts {
    connections: Vec<Connection>,
    /// The current limit: while there are streams, the lowest number at which a connection was full.
    limit: usize,
    /// Whether the server speaks HTTP/1.1, where requests do not share a connection. `None`: not known yet.
    is_http1: Option<bool>,
}

#[derive(Debug, Default)]
struct Connection {
    /// The number of unfinished requests on it.
    sent: usize,
    /// How many of these have a stream.
    open: usize,
    /// Whether the first of them has no stream yet, so there may be no connection.
    is_opening: bool,
    /// The tasks that wait for that.
    waiting: Vec<Waker>,
}

/// A request's place on a connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Stream>);

/// The state shared by a place and the body of its request.
#[derive(Debug)]
pub(crate) struct Stream {
    streams: Arc<Streams>,
    connection: usize,
    /// Whether its request opens the connection.
    is_first: bool,
    phase: AtomicU8,
}

/// The connection has not asked for the rest of the request's body.
const WAITING: u8 = 0;
/// It has asked: the request is being sent, and must not be moved.
const OPEN: u8 = 1;
/// Its place was given up.
const CLOSED: u8 = 2;

impl Streams {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        let max = max.max(1);
        let counts = Counts { connections: Vec::new(), limit: max, is_http1: None };
        Arc::new(Self { counts: Mutex::new(counts), max })
    }

    /// A place on the first connection with room, which may be a new one, but not on the one that is `refusing`: it may refuse all
    /// streams, for a reason of its own.
    pub(crate) fn take(self: &Arc<Self>, refusing: Option<usize>) -> Place {
        let mut counts = self.counts();
        let limit = if counts.is_http1 == Some(true) { usize::MAX } else { counts.limit };
        let mut numbered = counts.connections.iter().enumerate();
        let free = numbered.find(|(number, connection)| connection.sent < limit && Some(*number) != refusing);
        let number = free.map(|(number, _)| number).unwrap_or_else(|| {
            counts.connections.push(Connection::default());
            counts.connections.len() - 1
        });
        let is_http2 = counts.is_http1 == Some(false);
        let connection = &mut counts.connections[number];
        let is_first = connection.sent == 0;
        connection.is_opening |= is_first && is_http2;
        connection.sent += 1;
        drop(counts);
        let phase = AtomicU8::new(WAITING);
        Place(Arc::new(Stream { streams: Arc::clone(self), connection: number, is_first, phase }))
    }

    /// Sets the HTTP version that the server speaks.
    pub(crate) fn set_http1(&self, is_http1: bool) {
        self.counts().is_http1 = Some(is_http1);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The number of the connection.
    pub(crate) fn connection(&self) -> usize {
        self.0.connection
    }

    pub(crate) fn stream(&self) -> Arc<Stream> {
        Arc::clone(&self.0)
    }

    /// Whether the connection has not asked for the rest of the request's body.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.phase.load(Acquire) == WAITING
    }

    /// Ready when the request may be sent. Over HTTP/2, others wait until a connection's first request has a stream, because
    /// they would open superfluous connections.
    pub(crate) fn poll_turn(&self, cx: &mut Context<'_>) -> Poll<()> {
        let connection = &mut self.0.streams.counts().connections[self.0.connection];
        if self.0.is_first || !connection.is_opening {
            return Poll::Ready(());
        }
        if !connection.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            connection.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Whether the request waits for one of the streams that are open on its connection to end.
    pub(crate) fn may_be_blocked(&self) -> bool {
        let counts = self.0.streams.counts();
        counts.is_http1 != Some(true) && counts.connections[self.0.connection].open > 0 && self.is_waiting()
    }

    /// Gives up the place, because the connection is full. If the request is already being sent, `Err` returns the place.
    pub(crate) fn give_up(self) -> Result<(), Self> {
        if self.0.phase.compare_exchange(WAITING, CLOSED, AcqRel, Acquire).is_err() {
            return Err(self);
        }
        self.0.leave(false, true);
        Ok(())
    }

    /// The server refused the stream, because the connection is full.
    pub(crate) fn refused(self) {
        let was_open = self.0.phase.swap(CLOSED, AcqRel) == OPEN;
        self.0.leave(was_open, true);
    }
}

impl Connection {
    fn opened(&mut self) {
        self.is_opening = false;
        self.waiting.drain(..).for_each(Waker::wake);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self.0.phase.swap(CLOSED, AcqRel) {
            CLOSED => {}
            phase => self.0.leave(phase == OPEN, false),
        }
    }
}

impl Stream {
    /// Whether the place was given up.
    pub(crate) fn is_closed(&self) -> bool {
        self.phase.load(Acquire) == CLOSED
    }

    /// The connection asks for the rest of the body, or there is none. `false`: the place was given up.
    pub(crate) fn open(&self) -> bool {
        let mut counts = self.streams.counts();
        let is_first = self.phase.compare_exchange(WAITING, OPEN, AcqRel, Acquire).is_ok();
        if is_first {
            let connection = &mut counts.connections[self.connection];
            connection.open += 1;
            connection.opened();
        }
        is_first
    }

    fn leave(&self, was_open: bool, is_full: bool) {
        let mut counts = self.streams.counts();
        let connection = &mut counts.connections[self.connection];
        connection.sent -= 1;
        connection.open -= usize::from(was_open);
        if self.is_first {
            // If the connection failed, each of the other requests must find out by itself.
            connection.opened();
        }
        let (is_idle, open) = (connection.sent == 0, connection.open);
        // A connection that refuses its only stream does so for another reason.
        if is_full && open > 0 {
            counts.limit = counts.limit.min(open);
        }
        // Another server, or this one later, may have another limit.
        if is_idle && counts.connections.iter().all(|connection| connection.sent == 0) {
            counts.limit = self.streams.max;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(streams: &Arc<Streams>) -> Place {
        let place = streams.take(None);
        assert!(place.stream().open());
        place
    }

    fn connections(places: &[Place]) -> Vec<usize> {
        places.iter().map(Place::connection).collect()
    }

    #[test]
    fn the_first_connection_with_room_gets_the_next_stream() {
        let streams = Streams::new(2);
        let mut places: Vec<_> = (0..5).map(|_| opened(&streams)).collect();
        assert_eq!(connections(&places), [0, 0, 1, 1, 2]);
        places.remove(1);
        places.push(opened(&streams));
        assert_eq!(connections(&places), [0, 1, 1, 2, 0]);
        streams.set_http1(true);
        assert_eq!(streams.take(None).connection(), 0);
    }

    #[test]
    fn the_first_request_of_a_shared_connection_goes_first() {
        let streams = Streams::new(100);
        let cx = &mut Context::from_waker(Waker::noop());
        let (_one, other) = (streams.take(None), streams.take(None));
        assert!(other.poll_turn(cx).is_ready(), "it may be HTTP/1.1");

        let streams = Streams::new(2);
        streams.set_http1(false);
        let places: Vec<_> = (0..4).map(|_| streams.take(None)).collect();
        let turns = |places: &[Place]| -> Vec<bool> {
            let cx = &mut Context::from_waker(Waker::noop());
            places.iter().map(|place| place.poll_turn(cx).is_ready()).collect()
        };
        assert_eq!(turns(&places), [true, false, true, false]);
        assert!(places[0].stream().open());
        assert_eq!(turns(&places), [true, true, true, false]);
        let mut places = places;
        // Its request fails; the others must not wait for the next one to fail too.
        places.remove(2);
        assert_eq!(turns(&places), [true; 3]);
        assert!(streams.counts().connections.iter().all(|connection| connection.waiting.is_empty()));
    }

    #[test]
    fn a_full_connection_shows_the_limit_until_all_streams_have_ended() {
        let streams = Streams::new(100);
        let mut places: Vec<_> = (0..3).map(|_| opened(&streams)).collect();
        let waiting = streams.take(None);
        assert!(waiting.may_be_blocked() && !places[0].may_be_blocked());
        let late = waiting.stream();
        waiting.give_up().unwrap();
        assert!(!late.open(), "it would be sent twice");
        places.extend((0..4).map(|_| opened(&streams)));
        assert_eq!(connections(&places), [0, 0, 0, 1, 1, 1, 2]);
        // A request that is already being sent stays on its connection.
        let place = places.pop().unwrap().give_up().unwrap_err();
        places.push(place);
        places.clear();
        places.extend((0..5).map(|_| opened(&streams)));
        assert_eq!(connections(&places), [0; 5]);
    }

    #[test]
    fn a_connection_that_refused_is_passed_over() {
        let streams = Streams::new(100);
        assert_eq!(streams.take(Some(0)).connection(), 0, "there is none so far");
        assert_eq!(streams.take(Some(0)).connection(), 1);
        assert_eq!(streams.take(Some(1)).connection(), 0);
        assert_eq!(streams.take(None).connection(), 0);
    }

    #[test]
    fn a_refusal_shows_the_limit_unless_no_other_stream_is_open() {
        let streams = Streams::new(100);
        let places: Vec<_> = (0..3).map(|_| opened(&streams)).collect();
        opened(&streams).refused();
        assert_eq!(streams.take(None).connection(), 1);
        drop(places);
        let only = opened(&streams);
        let waiting = streams.take(None);
        only.refused();
        assert_eq!(streams.take(None).connection(), 0);
        assert_eq!(streams.take(Some(0)).connection(), 1);
        drop(waiting);
        assert_eq!(streams.counts().limit, 100);
        // No request precedes the first one of a connection.
        assert!(!streams.take(None).may_be_blocked());
    }
}
