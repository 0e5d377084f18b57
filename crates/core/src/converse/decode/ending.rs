use alloc::vec::Vec;

use super::merged_metadata::MergedMetadata;
use crate::answer::Done;
use crate::converse::event::{MessageStop, Metadata};
use crate::json::Member;

/// What the stream has said about the end of its answer: `messageStop` and `metadata`, in either order.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending {
    pub(super) stop: Option<MessageStop>,
    pub(super) metadata: MergedMetadata,
}

impl Ending {
    /// Whether the answer is proven complete.
    pub(super) const fn is_stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether nothing that matters is still to come.
    pub(super) fn is_whole(&self) -> bool {
        self.is_stopped() && self.metadata.has_usage()
    }

    /// `Done`, and those unknown members of the two events that would be mistaken for modeled ones in it.
    pub(super) fn to_done(&self, skipped_events: u64) -> (Done, Vec<Member>) {
        let stop = self.stop.clone().unwrap_or_default();
        let Metadata { usage, metrics, trace, performance_config, service_tier, other } =
            self.metadata.to_metadata();
        let (unfit, fit): (Vec<Member>, Vec<Member>) =
            stop.other.into_iter().chain(other).partition(|member| Done::is_member(&member.name));
        let mut done = Done {
            stop_reason: stop.stop_reason.unwrap_or_default(),
            additional_model_response_fields: stop.additional_model_response_fields,
            usage,
            metrics,
            trace,
            performance_config,
            service_tier,
            skipped_events,
            ..Done::default()
        };
        done.other.extend(fit);
        (done, unfit)
    }
}
