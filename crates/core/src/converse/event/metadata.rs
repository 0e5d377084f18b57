use crate::answer::{Metrics, PerformanceConfig, ServiceTier, Trace, Usage};

object! {
    /// Usage, latency and traces: the last event (`ConverseStreamMetadataEvent`).
    ///
    /// ```
    /// use bedrock_stream_core::answer::{Metrics, Usage};
    /// use bedrock_stream_core::converse::{Event, Metadata};
    ///
    /// let metadata = Metadata::new().usage(Usage::new(12, 3)).metrics(Metrics::new(250));
    /// assert_eq!(serde_json::to_string(&Event::from(metadata))?, concat!(
    ///     r#"{"metadata":{"usage":{"inputTokens":12,"outputTokens":3,"totalTokens":15},"#,
    ///     r#""metrics":{"latencyMs":250}}}"#,
    /// ));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Metadata: padded {
        /// The tokens used.
        "usage" => usage: Option<Usage>,
        /// The time it took.
        "metrics" => metrics: Option<Metrics>,
        /// What guardrails and prompt routers did.
        "trace" => trace: Option<Trace>,
        /// The requested latency.
        "performanceConfig" => performance_config: Option<PerformanceConfig>,
        /// The tier that the request was served in.
        "serviceTier" => service_tier: Option<ServiceTier>,
    }
}

impl Metadata {
    /// Empty metadata.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

setters! {
    Metadata {
        /// Sets the tokens.
        usage: Usage,
        /// Sets the time it took.
        metrics: Metrics,
        /// Sets what guardrails and prompt routers did.
        trace: Trace,
        /// Sets the requested latency.
        performance_config: PerformanceConfig,
        /// Sets the tier that the request was served in.
        service_tier: ServiceTier,
    }
}
