object! {
    /// How long the answer took.
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
