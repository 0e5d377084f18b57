use core::sync::atomic::AtomicU8;
use core::sync::atomic::Ordering::{AcqRel, Acquire};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many streams each connection of a [`Pool`](crate::Pool) has, and how many it may have.
#[derive(Debug)]
pub(crate) struct Streams {
    counts: Mutex<Counts>,
    /// How many a connection may have while the server has not shown that it allows fewer.
    max: usize,
}

#[derive(Debug)]
struct Counts {
    /// One for each connection: those sent to it, and how many of these are open.
    connections: Vec<(usize, usize)>,
    /// How many a connection may have. As long as there are streams, the least that a full connection has shown.
    limit: usize,
    /// Whether the server speaks HTTP/1.1, where requests do not share a connection.
    is_http1: bool,
}

/// The place of one request on one connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Stream>);

/// What a place and the body of its request know of each other.
#[derive(Debug)]
pub(crate) struct Stream {
    streams: Arc<Streams>,
    connection: usize,
    phase: AtomicU8,
}

/// The connection has not asked for the rest of the request's body.
const WAITING: u8 = 0;
/// It has: the request is on its way, and must not go another.
const OPEN: u8 = 1;
/// Its place was given up.
const CLOSED: u8 = 2;

impl Streams {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        let max = max.max(1);
        let counts = Counts { connections: Vec::new(), limit: max, is_http1: false };
        Arc::new(Self { counts: Mutex::new(counts), max })
    }

    /// A place on the first connection that has room, perhaps one that is not there so far.
    pub(crate) fn take(self: &Arc<Self>) -> Place {
        let mut counts = self.counts();
        let limit = if counts.is_http1 { usize::MAX } else { counts.limit };
        let has_room = |(sent, _): &(usize, usize)| *sent < limit;
        let connection = counts.connections.iter().position(has_room).unwrap_or_else(|| {
            counts.connections.push((0, 0));
            counts.connections.len() - 1
        });
        counts.connections[connection].0 += 1;
        drop(counts);
        Place(Arc::new(Stream { streams: Arc::clone(self), connection, phase: AtomicU8::new(WAITING) }))
    }

    /// Which version of HTTP the server speaks.
    pub(crate) fn set_http1(&self, is_http1: bool) {
        self.counts().is_http1 = is_http1;
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

    /// Whether the request waits for one of the streams that are open on its connection to end.
    pub(crate) fn may_be_blocked(&self) -> bool {
        let counts = self.0.streams.counts();
        !counts.is_http1 && counts.connections[self.0.connection].1 > 0 && self.is_waiting()
    }

    /// Gives the place up, unless the request is on its way: then `Err` gives it back. The connection is full.
    pub(crate) fn give_up(self) -> Result<(), Self> {
        if self.0.phase.compare_exchange(WAITING, CLOSED, AcqRel, Acquire).is_err() {
            return Err(self);
        }
        self.0.leave(false, true);
        Ok(())
    }

    /// The server refused the stream, since the connection is full.
    pub(crate) fn refused(self) {
        let was_open = self.0.phase.swap(CLOSED, AcqRel) == OPEN;
        self.0.leave(was_open, true);
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
    /// Nobody waits for an answer any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.phase.load(Acquire) == CLOSED
    }

    /// The connection asks for the rest of the body, or there is none to ask for. `false`: nobody waits for an answer.
    pub(crate) fn open(&self) -> bool {
        let mut counts = self.streams.counts();
        let is_first = self.phase.compare_exchange(WAITING, OPEN, AcqRel, Acquire).is_ok();
        if is_first {
            counts.connections[self.connection].1 += 1;
        }
        is_first
    }

    fn leave(&self, was_open: bool, is_full: bool) {
        let mut counts = self.streams.counts();
        let (sent, open) = &mut counts.connections[self.connection];
        *sent -= 1;
        *open -= usize::from(was_open);
        let (is_idle, open) = (*sent == 0, *open);
        if is_full {
            counts.limit = counts.limit.min(open).max(1);
        }
        // What another server allows, or this one later, is found out anew.
        if is_idle && counts.connections.iter().all(|(sent, _)| *sent == 0) {
            counts.limit = self.streams.max;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(streams: &Arc<Streams>) -> Place {
        let place = streams.take();
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
        assert_eq!(streams.take().connection(), 0);
    }

    #[test]
    fn a_full_connection_shows_the_limit_until_all_streams_have_ended() {
        let streams = Streams::new(100);
        let mut places: Vec<_> = (0..3).map(|_| opened(&streams)).collect();
        let waiting = streams.take();
        assert!(waiting.may_be_blocked() && !places[0].may_be_blocked());
        let late = waiting.stream();
        waiting.give_up().unwrap();
        assert!(!late.open(), "it would be sent twice");
        places.extend((0..4).map(|_| opened(&streams)));
        assert_eq!(connections(&places), [0, 0, 0, 1, 1, 1, 2]);
        // What is on its way stays where it is.
        let place = places.pop().unwrap().give_up().unwrap_err();
        places.push(place);
        places.clear();
        places.extend((0..5).map(|_| opened(&streams)));
        assert_eq!(connections(&places), [0; 5]);
    }

    #[test]
    fn a_refusal_shows_the_limit_and_never_leaves_less_than_one() {
        let streams = Streams::new(100);
        let places: Vec<_> = (0..3).map(|_| opened(&streams)).collect();
        opened(&streams).refused();
        assert_eq!(streams.take().connection(), 1);
        drop(places);
        let only = opened(&streams);
        let waiting = streams.take();
        only.refused();
        assert_eq!(streams.take().connection(), 1);
        drop(waiting);
        assert_eq!(streams.counts().limit, 100);
        // Nobody is ahead of a connection's first stream.
        assert!(!streams.take().may_be_blocked());
    }
}
