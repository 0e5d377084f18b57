use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
use alloc::vec::Vec;

use super::json::Json;
use super::usage::Usage;
use super::wire::{ALLOCATION_LEN, Wire as _};

object! {
    /// What the answer cost, and how it came to be: the last event (`ConverseStreamMetadataEvent`).
    pub struct Metadata: padded {
        /// The tokens.
        "usage" => usage: Option<Usage>,
        /// The time.
        "metrics" => metrics: Option<Metrics>,
        /// What guardrails and prompt routers did.
        "trace" => trace: Option<Trace>,
        /// What latency was asked for.
        "performanceConfig" => performance_config: Option<PerformanceConfig>,
        /// The tier that the request was served in.
        "serviceTier" => service_tier: Option<ServiceTier>,
    }
}

/// Several metadata, taken as one.
#[derive(Debug, Default)]
pub(crate) struct MergedMetadata {
    merged: Metadata,
    /// How many were merged.
    count: u32,
    /// Where in `merged.other` each name stands, and which of the merged named it last. Looking for it would cost the
    /// square of what a hostile stream sends.
    places: BTreeMap<String, (usize, u32)>,
}

impl MergedMetadata {
    /// Takes over each member that `later` has.
    pub(crate) fn merge(&mut self, later: Metadata) {
        let Metadata { usage, metrics, trace, performance_config, service_tier, other } = later;
        self.count = self.count.saturating_add(1);
        let merged = &mut self.merged;
        // A usage without a count tells nothing, so it takes nothing's place.
        if merged.usage.is_none() || usage.as_ref().is_some_and(Usage::has_counts) {
            merged.usage = usage.or(merged.usage.take());
        }
        merged.metrics = metrics.or(merged.metrics.take());
        merged.trace = trace.or(merged.trace.take());
        merged.performance_config = performance_config.or(merged.performance_config.take());
        merged.service_tier = service_tier.or(merged.service_tier.take());
        for member in other {
            match self.places.entry(member.name.clone()) {
                Entry::Occupied(mut place) if place.get().1 < self.count => {
                    place.get_mut().1 = self.count;
                    merged.other.replace(place.get().0, member.value);
                }
                // A member that is there twice in one event takes no place of the other's.
                Entry::Occupied(_) => merged.other.extend([member]),
                Entry::Vacant(place) => {
                    place.insert((merged.other.len(), self.count));
                    merged.other.extend([member]);
                }
            }
        }
    }

    /// How many bytes merging would keep, about.
    pub(crate) fn cost(later: &Metadata) -> usize {
        let place =
            |(name, _): (&str, &Json)| size_of::<(String, (usize, u32))>() + ALLOCATION_LEN + name.len();
        later.heap_len() + later.other.iter().map(place).sum::<usize>()
    }

    pub(crate) fn has_usage(&self) -> bool {
        self.merged.usage.as_ref().is_some_and(Usage::has_counts)
    }

    pub(crate) const fn as_metadata(&self) -> &Metadata {
        &self.merged
    }

    pub(crate) fn into_metadata(self) -> Metadata {
        self.merged
    }
}

object! {
    /// The time the answer took.
    pub struct Metrics {
        /// From the request to the end of the answer, in milliseconds.
        "latencyMs" => latency_ms: Option<i64>,
    }
}

object! {
    /// What guardrails and prompt routers did.
    pub struct Trace {
        /// The guardrail's findings.
        "guardrail" => guardrail: Option<GuardrailTrace>,
        /// The router's choice.
        "promptRouter" => prompt_router: Option<PromptRouterTrace>,
    }
}

object! {
    /// What a guardrail found (`GuardrailTraceAssessment`). The assessments, which are deep and grow often, stay JSON.
    pub struct GuardrailTrace {
        /// What the model said before the guardrail replaced it.
        "modelOutput" => model_output: Option<Vec<String>>,
        /// The findings in the request, by guardrail id.
        "inputAssessment" => input_assessment: Option<BTreeMap<String, Json>>,
        /// The findings in the answer, by guardrail id.
        "outputAssessments" => output_assessments: Option<BTreeMap<String, Vec<Json>>>,
        /// Why it acted, for a person.
        "actionReason" => action_reason: Option<String>,
    }
}

object! {
    /// Which model a prompt router chose.
    pub struct PromptRouterTrace {
        /// The model's id.
        "invokedModelId" => invoked_model_id: Option<String>,
    }
}

object! {
    /// What latency is asked for (`PerformanceConfiguration`).
    pub struct PerformanceConfig {
        /// Which.
        "latency" => latency: Option<Latency>,
    }
}

object! {
    /// How a request is queued and priced.
    pub struct ServiceTier {
        /// Which tier.
        "type" => tier: Option<ServiceTierType>,
    }
}

names! {
    /// What latency is paid for.
    pub enum Latency {
        /// The ordinary one.
        "standard" => Standard,
        /// The lower one, where the model has it.
        "optimized" => Optimized,
    }
}

names! {
    /// How the request is queued and priced.
    pub enum ServiceTierType {
        /// Ahead of the others.
        "priority" => Priority,
        /// The standard tier.
        "default" => Default,
        /// Cheaper and slower.
        "flex" => Flex,
        /// From reserved capacity.
        "reserved" => Reserved,
    }
}
