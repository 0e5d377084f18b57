use core::fmt;
use core::time::Duration;

/// How long each part of a request may take. `None`: no limit.
///
/// There is no minimum throughput, because a model is silent while it thinks. All but `connect` need the transport's
/// [`Timer`](crate::Timer).
///
/// ```
/// use std::time::Duration;
///
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, Config, ErrorDetail, Timeout, Timeouts};
/// use bedrock_stream_reqwest::Client;
/// use bedrock_stream_testkit::{FakeBedrock, Fault};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // An answer that stops arriving, over a connection that stays open.
/// let bedrock = FakeBedrock::builder().fault("stall-at:500".parse::<Fault>()?).start().await?;
/// let timeouts = Timeouts::default().idle(Duration::from_millis(50)).total(Duration::from_secs(600));
/// let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).timeouts(timeouts).build()?;
/// let client = Client::new(config)?;
///
/// let chunks = client.converse_stream("model", &Request::new().user("How many moons has Mars?")).await?;
/// let error = chunks.collect().await.unwrap_err().error;
/// assert!(matches!(error.detail(), ErrorDetail::Timeout { timeout: Timeout::Idle, .. }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// To establish a connection. Enforced by the transport. 10 s by default.
    pub connect: Option<Duration>,
    /// From the start of an attempt to the head of its response. 300 s by default. An operation that does not stream sends
    /// the head only when the model has finished.
    pub first_byte: Option<Duration>,
    /// Between two reads of the body that return bytes; runs only while a read is pending. It starts after the head of the
    /// response, so a server that sends none is a matter of [`first_byte`](Self::first_byte). 300 s by default.
    ///
    /// Any bytes count, such as pings and comments of server-sent events: only [`total`](Self::total) ends an answer in which the model
    /// has stalled behind a server that keeps the stream alive.
    pub idle: Option<Duration>,
    /// For the rest of the stream once the answer is proven complete, which can only be the usage. Starts with the first
    /// read that is pending after the proof. When it elapses, only the usage is lost: `Done` still comes, with a `tail`. 10 s
    /// by default.
    pub tail: Option<Duration>,
    /// From the start of the request to the end of the answer, including all attempts, the waits between them, and the time
    /// the caller takes to read the answer. No limit by default.
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
    /// No timeouts.
    #[must_use]
    pub const fn none() -> Self {
        Self { connect: None, first_byte: None, idle: None, tail: None, total: None }
    }

    /// The interval of `PING`s on a silent HTTP/2 connection, and how long each may wait for its reply, so that a dead
    /// connection is noticed before [`idle`](Self::idle) elapses: a third of it, between half a second and 20 s.
    #[must_use]
    pub fn ping(&self) -> Duration {
        self.idle.map_or(MAX_PING, |idle| (idle / 3).clamp(MIN_PING, MAX_PING))
    }

    /// Sets [`connect`](Self::connect).
    #[must_use]
    pub fn connect(mut self, connect: impl Into<Option<Duration>>) -> Self {
        self.connect = connect.into();
        self
    }

    /// Sets [`first_byte`](Self::first_byte).
    #[must_use]
    pub fn first_byte(mut self, first_byte: impl Into<Option<Duration>>) -> Self {
        self.first_byte = first_byte.into();
        self
    }

    /// Sets [`idle`](Self::idle).
    #[must_use]
    pub fn idle(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.idle = idle.into();
        self
    }

    /// Sets [`tail`](Self::tail).
    #[must_use]
    pub fn tail(mut self, tail: impl Into<Option<Duration>>) -> Self {
        self.tail = tail.into();
        self
    }

    /// Sets [`total`](Self::total).
    #[must_use]
    pub fn total(mut self, total: impl Into<Option<Duration>>) -> Self {
        self.total = total.into();
        self
    }
}

/// Often enough to notice a dead connection; more would burden servers.
const MAX_PING: Duration = Duration::from_secs(20);
/// A busy server may take this long to reply.
const MIN_PING: Duration = Duration::from_millis(500);

/// Which timeout elapsed.
///
/// ```
/// use std::time::Duration;
///
/// use bedrock_stream_http::converse::Request;
/// use bedrock_stream_http::{Auth, Config, ErrorDetail, Timeout, Timeouts};
/// use bedrock_stream_reqwest::Client;
/// use bedrock_stream_testkit::{FakeBedrock, Fault};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bedrock = FakeBedrock::builder().fault(Fault::NoHead).start().await?;
/// let timeouts = Timeouts::default().first_byte(Duration::from_millis(50));
/// let config = Config::builder().endpoint_url(bedrock.url()).auth(Auth::None).timeouts(timeouts).build()?;
/// let client = Client::new(config)?;
///
/// let error = client.converse_stream("model", &Request::new().user("Hello")).await.unwrap_err();
/// let ErrorDetail::Timeout { timeout, after, .. } = error.detail() else { panic!("{error}") };
/// assert_eq!((*timeout, *after), (Timeout::FirstByte, Duration::from_millis(50)));
/// // The model may be working on it, which is billed.
/// assert!(!error.is_retryable());
/// # Ok(())
/// # }
/// ```
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
            Self::Connect => "no connection within",
            Self::FirstByte => "no response within",
            Self::Idle => "no data received for",
            Self::Tail => "the usage did not arrive within",
            Self::Total => "the answer was not complete within",
        })
    }
}
