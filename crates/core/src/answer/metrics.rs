object! {
    /// How long the answer took.
    ///
    /// ```
    /// use bedrock_stream_core::answer::Metrics;
    ///
    /// let metrics: Metrics = serde_json::from_str(r#"{"latencyMs":1250}"#)?;
    /// assert_eq!(metrics.latency_ms, Some(1250));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Metrics {
        /// From the request to the end of the answer, in milliseconds.
        "latencyMs" => latency_ms: Option<i64>,
    }
}

impl Metrics {
    /// Metrics with this latency.
    #[must_use]
    pub fn new(latency_ms: i64) -> Self {
        Self { latency_ms: Some(latency_ms), ..Self::default() }
    }
}

object! {
    /// The requested latency (`PerformanceConfiguration`).
    ///
    /// ```
    /// use bedrock_stream_core::answer::{Latency, PerformanceConfig};
    /// use bedrock_stream_core::converse::Request;
    ///
    /// let mut request = Request::new().user("Hello");
    /// request.performance_config = Some(PerformanceConfig::new(Latency::Optimized));
    /// assert!(request.to_json()?.contains(r#""performanceConfig":{"latency":"optimized"}"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PerformanceConfig {
        /// The requested latency.
        "latency" => latency: Option<Latency>,
    }
}

impl PerformanceConfig {
    /// A configuration that requests this latency.
    #[must_use]
    pub fn new(latency: Latency) -> Self {
        Self { latency: Some(latency), ..Self::default() }
    }
}

string_enum! {
    /// A level of latency.
    pub enum Latency {
        /// Standard latency.
        "standard" => Standard,
        /// Lower latency, where the model supports it.
        "optimized" => Optimized,
    }
}
