use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use super::recordings::Recordings;
use super::requests::OnRequest;
use super::script::Script;
use super::sent_response::OnResponse;
use crate::auth::Auth;
use crate::fault::Fault;

/// The options of the builder.
pub(crate) struct Options {
    pub(crate) address: SocketAddr,
    pub(crate) auth: Auth,
    pub(crate) delay: Duration,
    pub(crate) split: Option<NonZeroUsize>,
    /// The speed factor for recordings with arrival times; none: they are sent like other answers.
    pub(crate) as_recorded: Option<f64>,
    pub(crate) on_request: Option<OnRequest>,
    pub(crate) on_response: Option<OnResponse>,
    pub(crate) faults: Vec<ScheduledFault>,
    pub(crate) script: Script,
    pub(crate) recordings: Recordings,
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) seed: u64,
    pub(crate) strict: bool,
    /// The `Retry-After` of throttling refusals that have none of their own.
    pub(crate) retry_after: Option<u32>,
    /// How long a client may take for a request's head, and for each piece of its body.
    pub(crate) read_timeout: Duration,
    pub(crate) max_connections: Option<NonZeroUsize>,
    pub(crate) max_concurrent_streams: NonZeroU32,
    #[cfg(feature = "tls")]
    pub(crate) tls: bool,
}

/// A fault, and for how many requests it is injected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScheduledFault {
    pub(crate) fault: Fault,
    /// None: for all requests.
    pub(crate) first: Option<u64>,
}
