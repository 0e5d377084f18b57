use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::recordings::Recordings;
use super::requests::OnRequest;
use super::script::Script;
use super::sent_response::OnResponse;
use super::service::ScheduledFault;
use crate::auth::Auth;

/// Everything that the builder collects.
pub(crate) struct Options {
    pub(crate) address: SocketAddr,
    pub(crate) auth: Auth,
    pub(crate) delay: Duration,
    pub(crate) split: Option<NonZeroUsize>,
    /// How many times as fast as they were recorded; none: at the pace of all others.
    pub(crate) as_recorded: Option<f64>,
    pub(crate) on_request: Option<OnRequest>,
    pub(crate) on_response: Option<OnResponse>,
    pub(crate) faults: Vec<ScheduledFault>,
    pub(crate) script: Script,
    pub(crate) recordings: Recordings,
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) seed: u64,
    pub(crate) strict: bool,
    #[cfg(feature = "tls")]
    pub(crate) tls: bool,
}
