use core::time::Duration;

use bedrock_stream_core::answer::{Done, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::client::operation::Operation;
use crate::config::config::Config;
use crate::error::error::Error;
use crate::stream::stream_stats::StreamStats;
use crate::telemetry::outcome::Outcome;
use crate::timeouts::timeout_state::TimeoutState;
use crate::timeouts::timer::Timer;

/// Records nothing, through the same interface as with a feature.
#[derive(Debug, Default)]
pub(crate) struct Telemetry;

#[expect(clippy::unused_self, reason = "the same interface as with a feature")]
impl Telemetry {
    pub(crate) const fn start(
        _: &Operation,
        _: &Config,
        _: &Bytes,
        _: Option<&(Timer, TimeoutState)>,
    ) -> Self {
        Self
    }

    pub(crate) const fn attempt(&mut self, _: u32) {}

    pub(crate) const fn answered(&self, _: u32, _: StatusCode, _: Option<&str>) {}

    pub(crate) const fn failed(&mut self, _: u32, _: &Error, _: Option<Duration>) {}

    pub(crate) const fn lacks_timer(&self) {}

    pub(crate) const fn dialect(&mut self, _: Option<&'static str>) {}

    pub(crate) const fn output_chunks(&mut self, _: Option<Duration>, _: u64) {}

    pub(crate) const fn done(&mut self, _: &Done) {}

    pub(crate) const fn whole(&mut self, _: &Response) {}

    pub(crate) const fn json(&mut self, _: &[u8], _: &HeaderMap) {}

    pub(crate) const fn end(&mut self, _: Outcome<'_>, _: &StreamStats) {}
}
