use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bedrock_stream_core::converse::GuardrailConfig;
use bedrock_stream_http::{BoxTransport, Client};
use http::HeaderValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::access::Access;
use crate::alias::Alias;
use crate::api_keys::ApiKeys;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::uploads::Uploads;

/// The state that all requests share. It keeps nothing of any request.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) client: Client<BoxTransport>,
    pub(crate) options: Options,
    /// How many more answers may be open.
    pub(crate) streams: Arc<Semaphore>,
    /// The requests whose bodies are arriving.
    pub(crate) uploads: Uploads,
    pub(crate) metrics: Metrics,
    /// Whether load balancers are told to send nothing more.
    pub(crate) draining: watch::Sender<bool>,
    /// They may be replaced at any time.
    keys: RwLock<Arc<ApiKeys>>,
    /// When it was made, in seconds since 1970.
    pub(crate) made: u64,
}

/// The settings of a gateway.
pub(crate) struct Options {
    pub(crate) aliases: BTreeMap<String, Alias>,
    pub(crate) guardrail: Option<GuardrailConfig>,
    pub(crate) max_body: usize,
    pub(crate) max_streams: usize,
    pub(crate) body_timeout: Duration,
    pub(crate) first_content: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) is_lenient: bool,
    pub(crate) is_native: bool,
    pub(crate) is_authenticated_elsewhere: bool,
    pub(crate) cors: Option<HeaderValue>,
    pub(crate) on_access: Option<AccessLog>,
}

/// Called with each request that has ended.
pub(crate) type AccessLog = Box<dyn Fn(&Access) + Send + Sync>;

impl State {
    pub(crate) fn new(client: Client<BoxTransport>, keys: ApiKeys, mut options: Options) -> Self {
        options.max_streams = options.max_streams.min(Semaphore::MAX_PERMITS);
        let streams = Arc::new(Semaphore::new(options.max_streams));
        let uploads = Uploads::new(
            options.max_streams.saturating_mul(UPLOADS_PER_STREAM),
            options.max_streams.saturating_mul(options.max_body),
        );
        Self {
            client,
            options,
            streams,
            uploads,
            metrics: Metrics::new(),
            draining: watch::Sender::new(false),
            keys: RwLock::new(Arc::new(keys)),
            made: now(),
        }
    }

    /// The keys that clients may use now.
    pub(crate) fn keys(&self) -> Arc<ApiKeys> {
        // They are whole whenever they are unlocked.
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn replace_keys(&self, keys: ApiKeys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// A place for one more answer, if there is one.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }

    /// Whether there is one now, which is not taken.
    pub(crate) fn has_place(&self) -> bool {
        self.streams.available_permits() > 0
    }

    /// What a client is told if there is none.
    pub(crate) fn no_place(&self) -> Problem {
        let most = self.options.max_streams;
        let answers = if most == 1 { "answer is" } else { "answers are" };
        let message = format!("{most} {answers} open, the most that this gateway allows");
        Problem::refused(503, message).retry_after(RETRY_AFTER)
    }

    /// The model that is requested from Bedrock when a client names this one.
    pub(crate) fn model<'a>(&'a self, name: &'a str) -> &'a str {
        self.options.aliases.get(name).map_or(name, Alias::model)
    }

    /// The first of the names that clients may use for a model.
    pub(crate) fn alias_of(&self, model: &str) -> Option<&str> {
        let mut aliases = self.options.aliases.iter();
        aliases.find(|(_, alias)| alias.model() == model).map(|(name, _)| &**name)
    }
}

/// When a client that was refused for lack of room may try again.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How many bodies may be arriving for each answer that may be open: most are there at once.
const UPLOADS_PER_STREAM: usize = 8;

/// The time, in seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // So that none is forgotten.
        let Self {
            aliases,
            guardrail,
            max_body,
            max_streams,
            body_timeout,
            first_content,
            keep_alive,
            is_lenient,
            is_native,
            is_authenticated_elsewhere,
            cors,
            on_access: _,
        } = self;
        f.debug_struct("Options")
            .field("aliases", aliases)
            .field("guardrail", guardrail)
            .field("max_body", max_body)
            .field("max_streams", max_streams)
            .field("body_timeout", body_timeout)
            .field("first_content", first_content)
            .field("keep_alive", keep_alive)
            .field("is_lenient", is_lenient)
            .field("is_native", is_native)
            .field("is_authenticated_elsewhere", is_authenticated_elsewhere)
            .field("cors", cors)
            .finish_non_exhaustive()
    }
}
