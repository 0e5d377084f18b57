use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use super::fake_bedrock::FakeBedrock;
use super::options::{Options, ScheduledFault};
use super::recordings::Recordings;
use super::requests::ReceivedRequest;
use super::script::Script;
use super::sent_response::SentResponse;
use super::start_error::StartError;
use crate::auth::{Auth, Credentials};
use crate::fault::Fault;
use crate::matcher::When;
use crate::reply::Reply;

impl FakeBedrock {
    /// A builder. By default every request is accepted, and answers are generated from the prompt and sent without delays.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts with the defaults, on a free port of the loopback interface. Needs no runtime, and is as cancel safe as
    /// [`Builder::start`].
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }
}

/// The options of a [`FakeBedrock`].
#[must_use]
pub struct Builder {
    options: Options,
}

impl Builder {
    pub(super) fn new() -> Self {
        let options = Options {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            auth: Auth::default(),
            delay: Duration::ZERO,
            split: None,
            as_recorded: None,
            on_request: None,
            on_response: None,
            faults: Vec::new(),
            script: Script::default(),
            recordings: Recordings::default(),
            folders: Vec::new(),
            seed: 0,
            strict: false,
            retry_after: None,
            read_timeout: READ_TIMEOUT,
            max_connections: None,
            max_concurrent_streams: MAX_CONCURRENT_STREAMS,
            #[cfg(feature = "tls")]
            tls: false,
        };
        Self { options }
    }

    /// Sets the address; port 0 picks a free port. The default is `127.0.0.1:0`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.options.address = address;
        self
    }

    /// Accepts requests signed with these credentials. Can be called several times, and together with
    /// [`bearer_token`](Self::bearer_token). Without either, every request is accepted, signed or not.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.options.auth.credentials.push(credentials);
        self
    }

    /// Accepts requests with this bearer token, a Bedrock API key. Can be called several times.
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.options.auth.bearer_tokens.push(token.into());
        self
    }

    /// Accepts signatures for this region only. The default is any region.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.options.auth.region = Some(region.into());
        self
    }

    /// Waits this long before each delta except the first. The default is no delay.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.options.delay = delay;
        self
    }

    /// Sends this many deltas per second: another way to set [`delay`](Self::delay).
    pub fn tokens_per_second(self, rate: NonZeroU32) -> Self {
        self.delay(Duration::from_secs(1) / rate.get())
    }

    /// Writes this many bytes at a time, regardless of message boundaries; fewer before a pause and at the end. The default is
    /// one message at a time.
    pub fn split(mut self, bytes: NonZeroUsize) -> Self {
        self.options.split = Some(bytes);
        self
    }

    /// Adds a reply for a model: an [`Answer`](crate::Answer), a [`Refusal`](crate::Refusal), a [`Fault`] or a [`Reply`].
    /// Several replies for a model are given in order, each once; the last one is then repeated. `*` stands for all models
    /// without a reply of their own.
    ///
    /// ```
    /// use bedrock_stream_testkit::{FakeBedrock, Fault, Refusal, RefusalKind, answer};
    ///
    /// let builder = FakeBedrock::builder()
    ///     .reply("us.amazon.nova-lite-v1:0", Refusal::of(RefusalKind::Throttling))
    ///     .reply("us.amazon.nova-lite-v1:0", Fault::NoStop)
    ///     // The third request and all after it.
    ///     .reply("us.amazon.nova-lite-v1:0", answer().text("Hello."))
    ///     .reply("*", answer().text("I am another model."));
    /// # let _ = builder;
    /// ```
    pub fn reply(mut self, model_id: impl Into<String>, reply: impl Into<Reply>) -> Self {
        self.options.script.add(model_id.into(), reply.into());
        self
    }

    /// Adds a reply to the requests to a model for which a condition holds, whenever it holds. The first reply whose condition
    /// holds is given; if none does, the next [`reply`](Self::reply) of the model. If there is none either, the request is
    /// refused, with a message that says what was compared. [`FakeBedrock::unmatched`] has the conditions that never held.
    ///
    /// ```
    /// use bedrock_stream_testkit::{FakeBedrock, ResultMatch, When, answer};
    /// use serde_json::json;
    ///
    /// let builder = FakeBedrock::builder()
    ///     .reply_when("*", When::new().turn(1), answer().tool("weather", json!({"city": "Paris"})))
    ///     .reply_when("*", When::new().tool_result("sunny"), answer().text("Take no umbrella."))
    ///     .reply_when("*", When::new().tool_result(ResultMatch::new().error(true)), answer().text("I cannot tell."));
    /// # let _ = builder;
    /// ```
    pub fn reply_when(self, model_id: impl Into<String>, when: When, reply: impl Into<Reply>) -> Self {
        self.replies_when(model_id, when, [reply.into()])
    }

    /// Adds replies that are given in order, counted for each conversation: the last one is then repeated. A request belongs to
    /// a conversation by its model and its first user message; so a client that sends a refused request again gets the second
    /// one.
    pub fn replies_when(
        mut self,
        model_id: impl Into<String>,
        when: When,
        replies: impl IntoIterator<Item = Reply>,
    ) -> Self {
        self.options.script.add_when(model_id.into(), when, replies.into_iter().collect());
        self
    }

    /// Computes the reply to each request to a model without a [`reply`](Self::reply) for it. The request was accepted and is
    /// valid.
    pub fn respond<R: Into<Reply>>(
        mut self,
        responder: impl Fn(&ReceivedRequest) -> R + Send + Sync + 'static,
    ) -> Self {
        self.options.script.respond(Box::new(move |request| responder(request).into()));
        self
    }

    /// Serves this recorded response body for this model id, [as a reply does](crate::Reply::recording). With any recording, model
    /// ids that have neither a recording nor a [`reply`](Self::reply) are unknown, and refused as by Bedrock.
    pub fn recording(mut self, model_id: impl Into<String>, body: impl Into<Bytes>) -> Self {
        self.options.recordings.add(model_id.into(), &body.into());
        self
    }

    /// Serves every `NAME.bin`, and every `NAME.sse` with server-sent events, in a folder for the model id `NAME`. If a
    /// `NAME.json` beside it contains `{"model":ID}`, the recording is also served for that model id. Of several for one model, each
    /// operation gets its own: the description may also name the `"operation"` `"converse"` or `"invoke"`, or the `"dialect"`
    /// `"chat"`, `"responses"` or `"messages"`; without either, the recording's format decides. An operation that has none of its
    /// own gets the first by name, [in its own dialect](crate::Reply::recording). [`as_recorded`](Self::as_recorded) uses the
    /// [`ArrivalTimes`](crate::ArrivalTimes) in `NAME.bin.times`. Bodies of [`recording`](Self::recording) take
    /// precedence.
    pub fn recordings(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.folders.push(folder.into());
        self
    }

    /// Replays recordings with arrival times at their original pace, `speed` times as fast: each message is sent when
    /// its last byte had arrived, relative to the request. By default, and without times, they are sent like any other
    /// answer.
    ///
    /// # Panics
    ///
    /// If `speed` is not a number above 0.
    pub fn as_recorded(mut self, speed: f64) -> Self {
        assert!(speed > 0.0 && speed.is_finite(), "recordings cannot be replayed {speed} times as fast");
        self.options.as_recorded = Some(speed);
        self
    }

    /// Sets a callback for each request, including refused ones, when its body is complete and before it is answered (without
    /// its body if there is no such operation). It can log all requests, of which [`FakeBedrock::requests`] keeps only the
    /// latest. It runs on the server's thread, which waits for it. The last call wins.
    pub fn on_request(mut self, see: impl Fn(&ReceivedRequest) + Send + Sync + 'static) -> Self {
        self.options.on_request = Some(Box::new(see));
        self
    }

    /// Sets a callback for each response, before its first byte is sent. It runs on the server's thread, which waits for it.
    /// The last call wins.
    pub fn on_response(
        mut self,
        see: impl Fn(&ReceivedRequest, &SentResponse) + Send + Sync + 'static,
    ) -> Self {
        self.options.on_response = Some(Box::new(see));
        self
    }

    /// Injects a fault into every response. Several faults are applied one after another.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.options.faults.push(ScheduledFault { fault, first: None });
        self
    }

    /// Injects a fault into the responses to the first `requests` requests only.
    pub fn fault_first(mut self, requests: u64, fault: Fault) -> Self {
        self.options.faults.push(ScheduledFault { fault, first: Some(requests) });
        self
    }

    /// Refuses requests with unknown members. By default they are ignored, as by Bedrock, and
    /// [recorded](FakeBedrock::unknown_members).
    pub fn strict(mut self, strict: bool) -> Self {
        self.options.strict = strict;
        self
    }

    /// Sends `Retry-After`, in seconds, with every throttling refusal (429 or 503) that has none of its own. The default is none.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.options.retry_after = Some(seconds);
        self
    }

    /// Sets how long a client may take for the TLS handshake, for the head of each request over HTTP/1.1, and then for each next
    /// piece of its body. A connection whose head does not come is closed, one of HTTP/2 if it also answers no pings; a request
    /// whose body does not come is refused with status 408. The default is 30 seconds. An idle HTTP/1.1 connection is closed too.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.options.read_timeout = timeout;
        self
    }

    /// Resets connections beyond this many at once. The default is no limit.
    pub fn max_connections(mut self, connections: NonZeroUsize) -> Self {
        self.options.max_connections = Some(connections);
        self
    }

    /// Sets the `MAX_CONCURRENT_STREAMS` that clients of HTTP/2 are told. The default is 200.
    pub fn max_concurrent_streams(mut self, streams: NonZeroU32) -> Self {
        self.options.max_concurrent_streams = streams;
        self
    }

    /// Serves HTTPS, with a certificate for `localhost`, the loopback addresses and the listen address, from an authority of
    /// its own: [`FakeBedrock::ca_pem`]. A client chooses HTTP/2 by ALPN.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.options.tls = true;
        self
    }

    /// Sets the seed for padding, signatures, tool call ids and request ids. The default is 0. The same seed gives the same bytes
    /// for the same request.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Starts the server; it listens when this resolves. Any runtime will do: the server has its own.
    ///
    /// Cancel safe: dropping the future before it resolves stops the server.
    ///
    /// # Errors
    ///
    /// [`StartError`]: for example, the address is in use, or a folder of recordings is missing.
    pub async fn start(self) -> Result<FakeBedrock, StartError> {
        FakeBedrock::start_with(self.options).await
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        f.debug_struct("Builder")
            .field("address", &options.address)
            .field("credentials", &options.auth.credentials)
            .field("bearer_tokens", &options.auth.bearer_tokens.len())
            .field("region", &options.auth.region)
            .field("delay", &options.delay)
            .field("split", &options.split)
            .field("as_recorded", &options.as_recorded)
            .field("faults", &options.faults)
            .field("script", &options.script)
            .field("folders", &options.folders)
            .field("seed", &options.seed)
            .field("strict", &options.strict)
            .field("retry_after", &options.retry_after)
            .field("read_timeout", &options.read_timeout)
            .field("max_connections", &options.max_connections)
            .field("max_concurrent_streams", &options.max_concurrent_streams)
            .finish_non_exhaustive()
    }
}

const READ_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_CONCURRENT_STREAMS: NonZeroU32 = NonZeroU32::new(200).unwrap();
