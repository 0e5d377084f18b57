use crate::answer::{Metrics, PerformanceConfig, ServiceTier, Trace, Usage};

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
