use core::fmt;
use core::time::Duration;

/// How long each part of a request may take. `None`: as long as it takes.
///
/// There is none on how fast an answer must come: a model that thinks is silent. Timeouts need the transport's
/// [`Timer`](crate::Timer); without one, only what the transport watches itself has an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Until a connection is there. Watched by the transport. 10 s by default.
    pub connect: Option<Duration>,
    /// From the start of an attempt to the head of its response. 300 s by default. What does not stream has its head only
    /// when the model is done.
    pub first_byte: Option<Duration>,
    /// Between two reads that bring bytes; it runs while a read is pending. 300 s by default.
    pub idle: Option<Duration>,
    /// Once the answer is proven complete: for the rest, which can only be the usage. It runs from the first read that is
    /// pending then, and what it costs is the usage: `Done` comes all the same, with a `tail`. 10 s by default.
    pub tail: Option<Duration>,
    /// From the start of the request to the end of the answer, with all attempts, the waits between them, and the time that
    /// the reader of the answer takes. None by default.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        let long = Duration::from_secs(300);
        let short = Duration::from_secs(10);
        Self {
            connect: Some(short),
            first_byte: Some(long),
            idle: Some(long),
            tail: Some(short),
            total: None,
        }
    }
}

impl Timeouts {
    /// No timeout at all.
    #[must_use]
    pub const fn none() -> Self {
        Self { connect: None, first_byte: None, idle: None, tail: None, total: None }
    }

    /// How often an HTTP/2 connection that brings nothing should be probed by a `PING`, and how long the answer may take, so
    /// that one which went silent is noticed before [`idle`](Self::idle) is over: a third of that, 20 s at most, and half a
    /// second at least.
    #[must_use]
    pub fn ping(&self) -> Duration {
        self.idle.map_or(MAX_PING, |idle| (idle / 3).clamp(MIN_PING, MAX_PING))
    }

    /// With another [`connect`](Self::connect).
    #[must_use]
    pub fn connect(mut self, connect: impl Into<Option<Duration>>) -> Self {
        self.connect = connect.into();
        self
    }

    /// With another [`first_byte`](Self::first_byte).
    #[must_use]
    pub fn first_byte(mut self, first_byte: impl Into<Option<Duration>>) -> Self {
        self.first_byte = first_byte.into();
        self
    }

    /// With another [`idle`](Self::idle).
    #[must_use]
    pub fn idle(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.idle = idle.into();
        self
    }

    /// With another [`tail`](Self::tail).
    #[must_use]
    pub fn tail(mut self, tail: impl Into<Option<Duration>>) -> Self {
        self.tail = tail.into();
        self
    }

    /// With another [`total`](Self::total).
    #[must_use]
    pub fn total(mut self, total: impl Into<Option<Duration>>) -> Self {
        self.total = total.into();
        self
    }
}

/// More often would be a burden on servers, ..
const MAX_PING: Duration = Duration::from_secs(20);
/// .. and a busy machine takes its time to answer.
const MIN_PING: Duration = Duration::from_millis(500);

/// Which timeout passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timeout {
    /// [`Timeouts::connect`].
    Connect,
    /// [`Timeouts::first_byte`].
    FirstByte,
    /// [`Timeouts::idle`].
    Idle,
    /// [`Timeouts::tail`].
    Tail,
    /// [`Timeouts::total`].
    Total,
}

impl Timeout {
    /// Its name in JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FirstByte => "first_byte",
            Self::Idle => "idle",
            Self::Tail => "tail",
            Self::Total => "total",
        }
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection was there within",
            Self::FirstByte => "no response came within",
            Self::Idle => "nothing more of the answer came for",
            Self::Tail => "the usage did not follow the answer within",
            Self::Total => "the answer was not whole within",
        })
    }
}
