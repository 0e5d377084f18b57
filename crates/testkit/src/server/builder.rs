use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use super::fake_bedrock::FakeBedrock;
use super::options::Options;
use super::recordings::Recordings;
use super::requests::ReceivedRequest;
use super::script::Script;
use super::sent_response::SentResponse;
use super::service::ScheduledFault;
use super::start_error::StartError;
use crate::auth::{Auth, Credentials};
use crate::fault::Fault;
use crate::reply::Reply;

impl FakeBedrock {
    /// The options: everyone may call, answers are built from the prompt and come without a pause, unless told otherwise.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts with no options set: on a free port of the loopback interface.
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
            #[cfg(feature = "tls")]
            tls: false,
        };
        Self { options }
    }

    /// Listens there; port 0 is any free one. By default `127.0.0.1:0`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.options.address = address;
        self
    }

    /// Lets callers in who sign with these. May be called several times, and together with
    /// [`bearer_token`](Self::bearer_token); when neither is, everyone is let in, unsigned requests too.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.options.auth.credentials.push(credentials);
        self
    }

    /// Lets callers in who bring this token: a Bedrock API key. May be called several times.
    pub fn bearer_token(mut self, token: impl Into<String>) -> Self {
        self.options.auth.bearer_tokens.push(token.into());
        self
    }

    /// Takes signatures for this region only. By default, for any.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.options.auth.region = Some(region.into());
        self
    }

    /// Waits so long before each delta but the first. By default, not at all.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.options.delay = delay;
        self
    }

    /// Sends so many deltas a second: another way to set [`delay`](Self::delay).
    pub fn tokens_per_second(self, rate: NonZeroU32) -> Self {
        self.delay(Duration::from_secs(1) / rate.get())
    }

    /// Writes so many bytes at a time, whatever messages they belong to; fewer before a pause and at the end. By default,
    /// a message at a time.
    pub fn split(mut self, bytes: NonZeroUsize) -> Self {
        self.options.split = Some(bytes);
        self
    }

    /// Says this to whoever asks this model: an [`Answer`](crate::Answer), a [`Refusal`](crate::Refusal), a
    /// [`Fault`], a [`Reply`]. Called several times for a model, each is said once, in this order, and the last from then
    /// on.
    pub fn reply(mut self, model_id: impl Into<String>, reply: impl Into<Reply>) -> Self {
        self.options.script.add(model_id.into(), reply.into());
        self
    }

    /// Decides on each request, unless [`reply`](Self::reply) does. The request has been let in and is valid.
    pub fn respond<R: Into<Reply>>(
        mut self,
        responder: impl Fn(&ReceivedRequest) -> R + Send + Sync + 'static,
    ) -> Self {
        self.options.script.respond(Box::new(move |request| responder(request).into()));
        self
    }

    /// Serves this recorded response body, byte for byte, for this model id. Once there is a recording, the model ids that
    /// have none, and no [`reply`](Self::reply), are unknown, and refused as Bedrock refuses them.
    pub fn recording(mut self, model_id: impl Into<String>, body: impl Into<Bytes>) -> Self {
        self.options.recordings.add(model_id.into(), &body.into());
        self
    }

    /// Serves every `NAME.bin` of a folder for the model id `NAME`; where a `NAME.json` beside it says
    /// `{"operation":"converse","model":ID}` or `"invoke"`, for that model id of that operation too, the first by name if
    /// several do. A `NAME.bin.times` has the [`ArrivalTimes`](crate::ArrivalTimes) that [`as_recorded`](Self::as_recorded)
    /// goes by. Those of [`recording`](Self::recording) come first.
    pub fn recordings(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.folders.push(folder.into());
        self
    }

    /// Lets recordings whose times were kept come as they came then, `speed` times as fast: each message when its last byte
    /// had arrived, counted from the request. By default, and without times, they come like every other answer.
    ///
    /// # Panics
    ///
    /// If `speed` is not a number above 0.
    pub fn as_recorded(mut self, speed: f64) -> Self {
        assert!(speed > 0.0 && speed.is_finite(), "recordings cannot come {speed} times as fast");
        self.options.as_recorded = Some(speed);
        self
    }

    /// Tells of each request, refused ones too, once its body is complete and before it is answered (where there is no such
    /// operation, before its body): to write them all down, say, of which [`FakeBedrock::requests`] keeps the latest. It runs on the server's thread, which waits for it.
    /// Called several times, the last one counts.
    pub fn on_request(mut self, see: impl Fn(&ReceivedRequest) + Send + Sync + 'static) -> Self {
        self.options.on_request = Some(Box::new(see));
        self
    }

    /// Tells what each request was answered with, before the first byte of that is sent. It runs on the server's thread,
    /// which waits for it. Called several times, the last one counts.
    pub fn on_response(
        mut self,
        see: impl Fn(&ReceivedRequest, &SentResponse) + Send + Sync + 'static,
    ) -> Self {
        self.options.on_response = Some(Box::new(see));
        self
    }

    /// Lets this go wrong with every request. Called several times, all of it, one after the other.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.options.faults.push(ScheduledFault { fault, first: None });
        self
    }

    /// Lets this go wrong with the first so many requests, and not with those after them.
    pub fn fault_first(mut self, requests: u64, fault: Fault) -> Self {
        self.options.faults.push(ScheduledFault { fault, first: Some(requests) });
        self
    }

    /// Refuses requests with members that the operation does not have. By default it lets them pass, as Bedrock does, and
    /// [tells of them](FakeBedrock::unknown_members).
    pub fn strict(mut self, strict: bool) -> Self {
        self.options.strict = strict;
        self
    }

    /// Serves HTTPS, with a certificate for `localhost`, the loopback addresses and the address that it listens on, by an
    /// authority of its own: [`FakeBedrock::ca_pem`]. A client chooses HTTP/2 by ALPN.
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.options.tls = true;
        self
    }

    /// Chooses the padding, the signatures, the tool call ids and the request ids. By default 0; the same seed gives the
    /// same bytes for the same request.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Starts the server; it listens when this resolves.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the address is taken, say, or a folder of recordings is missing.
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
            .finish_non_exhaustive()
    }
}
