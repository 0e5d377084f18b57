use crate::answer::{Metrics, PerformanceConfig, ServiceTier, Trace, Usage};

object! {
    /// Usage, latency and traces: the last event (`ConverseStreamMetadataEvent`).
    pub struct Metadata: padded {
        /// The tokens used.
        "usage" => usage: Option<Usage>,
        /// The time it took.
        "metrics" => metrics: Option<Metrics>,
        /// What guardrails and prompt routers did.
        "trace" => trace: Option<Trace>,
        /// The latency that was asked for.
        "performanceConfig" => performance_config: Option<PerformanceConfig>,
        /// The tier that the request was served in.
        "serviceTier" => service_tier: Option<ServiceTier>,
    }
}
